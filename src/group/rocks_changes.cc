#include "rocks_view.h"
#include "view_keys.h"

namespace tributary::group {

using rocksdb::Slice;

namespace {

Slice as_slice(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

std::string with_record_key(std::string prefix, ByteView key) { return prefix.append(as_text(key)); }

}  // namespace

std::string encode_offset_value(Offset log_offset, ByteView record) {
  uint8_t head[sizeof(Offset)];
  store_be(head, log_offset);
  return std::string(as_text({head, sizeof head})).append(as_text(record));
}

Result<OffsetValue> decode_offset_value(std::string_view value) {
  if (value.size() < sizeof(Offset)) return fail(Errc::kCorruption, "an offset in the view is cut short");
  return OffsetValue{load_be<Offset>(as_bytes(value).data()), value.substr(sizeof(Offset))};
}

Result<CommittedOffset> decode_commit(std::string_view group, const TopicPartition& of,
                                      std::string_view record) {
  TRIBUTARY_ASSIGN(auto event, parse_record(offset_tombstone(group, of).key, as_bytes(record)));
  return std::move(*std::get<OffsetEvent>(event).commit);
}

RocksChanges::RocksChanges(rocksdb::DB& db, int32_t partition)
    : db_(db), partition_(partition), batch_(rocksdb::BytewiseComparator(), 0, /*overwrite_key=*/true) {
  transactions_ = has_transactions();
}

size_t RocksChanges::bytes() const {
  return const_cast<rocksdb::WriteBatchWithIndex&>(batch_).GetWriteBatch()->GetDataSize();
}

void RocksChanges::set_position(const ViewPosition& position) {
  std::string value(sizeof(Offset) + sizeof(int32_t), '\0');
  auto* bytes = reinterpret_cast<uint8_t*>(value.data());
  store_be(bytes, position.applied);
  store_be(bytes + sizeof(Offset), raw(position.leader_epoch));
  value.append(as_text(position.topic_id.bytes));
  batch_.Put(view_keys::kind(partition_, view_keys::Kind::kPosition), value);
}

Status RocksChanges::add(const LogRecord& record) {
  TRIBUTARY_ASSIGN(const Event event, parse_record(record.key, record.value));
  std::visit([&](const auto& one) { apply(record, one); }, event);
  return {};
}

void RocksChanges::apply(const LogRecord& record, const OffsetEvent& event) {
  if (!event.commit) {
    batch_.Delete(view_keys::offset(partition_, event.group, event.partition));
    return note(drop_pending(event));
  }
  const std::string value = encode_offset_value(record.offset, *record.value);
  if (record.transaction == kNoProducer) {
    batch_.Put(view_keys::offset(partition_, event.group, event.partition), value);
    return;
  }
  transactions_ = true;
  batch_.Put(view_keys::pending(partition_, event.group, event.partition, record.transaction), value);
  batch_.Put(view_keys::in_transaction(partition_, record.transaction, event.group, event.partition), "");
}

void RocksChanges::apply(const LogRecord& record, const MetadataEvent& event) {
  const std::string key = view_keys::part(partition_, event.group, view_keys::Part::kMetadata);
  if (event.metadata) {
    batch_.Put(key, as_slice(*record.value));
  } else {
    batch_.Delete(key);
  }
  const std::string with_members = view_keys::group(partition_, event.group, view_keys::Kind::kWithMembers);
  if (event.metadata && !event.metadata->members.empty()) {
    batch_.Put(with_members, "");
  } else {
    batch_.Delete(with_members);
  }
}

void RocksChanges::apply(const LogRecord& record, const ForeignEvent& event) {
  const std::string key = with_record_key(
      event.group.empty() ? view_keys::kind(partition_, view_keys::Kind::kUnknown)
                          : view_keys::part(partition_, event.group, view_keys::Part::kForeign),
      record.key);
  if (event.deletion) {
    batch_.Delete(key);
  } else {
    batch_.Put(key, as_slice(*record.value));
  }
}

// A deletion takes the offsets of open transactions along, as Kafka has it.
Status RocksChanges::drop_pending(const OffsetEvent& event) {
  if (!transactions_) return {};
  std::string prefix = view_keys::pending(partition_, event.group, event.partition, ProducerId{0});
  prefix.resize(prefix.size() - sizeof(int64_t));
  std::vector<std::string> found;
  const auto at = iterator();
  for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix); at->Next())
    found.push_back(at->key().ToString());
  TRIBUTARY_TRY(to_status(at->status(), "reading open transactions"));
  for (const std::string& key : found) {
    const auto producer = view_keys::Reader(std::string_view(key).substr(prefix.size())).int64();
    batch_.Delete(key);
    batch_.Delete(view_keys::in_transaction(partition_, ProducerId{*producer}, event.group, event.partition));
  }
  return {};
}

Status RocksChanges::add(const LogMarker& marker) {
  if (transactions_) note(end_transaction(marker));
  return {};
}

void RocksChanges::note(const Status& status) {
  if (!status && failure_) failure_ = status;
}

Status RocksChanges::end_transaction(const LogMarker& marker) {
  const std::string prefix = view_keys::transaction(partition_, marker.producer);
  std::vector<std::string> found;
  const auto at = iterator();
  for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix); at->Next())
    found.push_back(at->key().ToString());
  TRIBUTARY_TRY(to_status(at->status(), "reading open transactions"));
  for (const std::string& key : found) {
    view_keys::Reader reader(std::string_view(key).substr(prefix.size()));
    const auto group = reader.name();
    const auto of = reader.topic_partition();
    if (!group || !of) return fail(Errc::kCorruption, "a key of the view is cut short");
    const std::string pending = view_keys::pending(partition_, *group, *of, marker.producer);
    if (marker.commit) TRIBUTARY_TRY(commit(*group, *of, pending));
    batch_.Delete(pending);
    batch_.Delete(key);
  }
  return {};
}

// Unless a later commit holds.
Status RocksChanges::commit(std::string_view group, const TopicPartition& of, const std::string& pending) {
  const std::string key = view_keys::offset(partition_, group, of);
  std::string value;
  TRIBUTARY_TRY(to_status(batch_.GetFromBatchAndDB(&db_, {}, pending, &value), "reading an offset"));
  TRIBUTARY_ASSIGN(const OffsetValue fresh, decode_offset_value(value));
  std::string before;
  const rocksdb::Status got = batch_.GetFromBatchAndDB(&db_, {}, key, &before);
  if (!got.IsNotFound()) {
    TRIBUTARY_TRY(to_status(got, "reading an offset"));
    TRIBUTARY_ASSIGN(const OffsetValue present, decode_offset_value(before));
    if (present.log_offset > fresh.log_offset) return {};
  }
  batch_.Put(key, value);
  return {};
}

bool RocksChanges::has_transactions() {
  const std::string prefix = view_keys::kind(partition_, view_keys::Kind::kTransactions);
  const std::unique_ptr<rocksdb::Iterator> at(db_.NewIterator({}));
  at->Seek(prefix);
  return at->Valid() && at->key().starts_with(prefix);
}

std::unique_ptr<rocksdb::Iterator> RocksChanges::iterator() {
  return std::unique_ptr<rocksdb::Iterator>(batch_.NewIteratorWithBase(db_.NewIterator({})));
}

}  // namespace tributary::group
