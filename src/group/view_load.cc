// Groups read back from the view: one whole, or all of a partition in passing.
#include "rocks_view.h"
#include "view_keys.h"

namespace tributary::group {

using view_keys::Part;

namespace {

tl::unexpected<Error> cut_short() { return fail(Errc::kCorruption, "a key of the view is cut short"); }

Result<StoredMetadata> decode_metadata(std::string_view group, std::string_view record) {
  TRIBUTARY_ASSIGN(auto event, parse_record(group_tombstone(group).key, as_bytes(record)));
  return std::move(*std::get<MetadataEvent>(event).metadata);
}

Status add_offset(StoredGroup& stored, std::string_view group, Part part, view_keys::Reader key,
                  std::string_view value) {
  auto of = key.topic_partition();
  if (!of) return cut_short();
  OffsetMap* into = &stored.offsets;
  if (part == Part::kPending) {
    const auto producer = key.int64();
    if (!producer) return cut_short();
    into = &stored.pending_offsets[ProducerId{*producer}];
  }
  TRIBUTARY_ASSIGN(const OffsetValue found, decode_offset_value(value));
  TRIBUTARY_ASSIGN(auto commit, decode_commit(group, *of, found.record));
  into->emplace_hint(into->end(), std::move(*of), std::move(commit));
  return {};
}

}  // namespace

Status add_to(StoredGroup& stored, std::string_view group, std::string_view key, std::string_view value) {
  view_keys::Reader reader(key);
  const auto part = reader.part();
  if (!part) return cut_short();
  switch (*part) {
    case Part::kMetadata: {
      TRIBUTARY_ASSIGN(stored.metadata, decode_metadata(group, value));
      return {};
    }
    case Part::kForeign:
      stored.foreign = true;
      return {};
    case Part::kOffset:
    case Part::kPending:
      return add_offset(stored, group, *part, reader, value);
  }
  return cut_short();
}

namespace {

// Of a group, from its first keys; the iterator is left on the first that is an offset, or behind.
Result<GroupSummary> summarize(rocksdb::Iterator& at, std::string id, std::string_view prefix) {
  GroupSummary group;
  group.id = std::move(id);
  for (; at.Valid() && at.key().starts_with(prefix); at.Next()) {
    const auto part = view_keys::Reader(as_view(at.key()).substr(prefix.size())).part();
    if (!part) return cut_short();
    if (*part == Part::kMetadata) {
      TRIBUTARY_ASSIGN(const auto metadata, decode_metadata(group.id, as_view(at.value())));
      group.protocol_type = metadata.protocol_type;
      group.has_members = !metadata.members.empty();
      group.state_timestamp = metadata.state_timestamp;
    } else if (*part == Part::kForeign) {
      group.foreign = true;
    } else {
      break;
    }
  }
  return group;
}

// All offsets of a group without members expire by when it lost the last.
bool is_long_empty(const GroupSummary& group, const Expiry& expiry) {
  return !group.has_members && group.state_timestamp != kNoTimestamp &&
         group.state_timestamp + expiry.retention_ms <= expiry.now;
}

bool may_have_expired(const CommittedOffset& commit, const Expiry& expiry) {
  const TimestampMs at = commit.expire_timestamp != kNoTimestamp
                             ? commit.expire_timestamp
                             : commit.commit_timestamp + expiry.retention_ms;
  return at <= expiry.now;
}

}  // namespace

Status RocksView::scan(int32_t partition, const std::optional<std::string>& after, const Choose& choose,
                       const VisitGroup& visit) {
  const std::string all = view_keys::kind(partition, view_keys::Kind::kGroups);
  const std::string end = view_keys::behind(all);
  const rocksdb::Slice bound(end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options));
  at->Seek(after ? view_keys::behind(view_keys::group(partition, *after)) : all);
  while (at->Valid()) {
    auto id = view_keys::Reader(as_view(at->key()).substr(all.size())).name();
    if (!id) return cut_short();
    const std::string prefix = view_keys::group(partition, *id);
    TRIBUTARY_ASSIGN(const GroupSummary group, summarize(*at, std::move(*id), prefix));
    TRIBUTARY_ASSIGN(const bool chosen, choose(*at, group));
    if (chosen && !visit(group)) return {};
    if (at->Valid() && at->key().starts_with(prefix)) at->Seek(view_keys::behind(prefix));
  }
  return to_status(at->status(), "listing groups");
}

Result<std::vector<std::string>> RocksView::groups_with_members(int32_t partition) {
  const std::string all = view_keys::kind(partition, view_keys::Kind::kWithMembers);
  std::vector<std::string> groups;
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}));
  for (at->Seek(all); at->Valid() && at->key().starts_with(all); at->Next()) {
    auto id = view_keys::Reader(as_view(at->key()).substr(all.size())).name();
    if (!id) return cut_short();
    groups.push_back(std::move(*id));
  }
  TRIBUTARY_TRY(to_status(at->status(), "listing groups with members"));
  return groups;
}

Status RocksView::for_each_group(int32_t partition, const std::optional<std::string>& after,
                                 const VisitGroup& visit) {
  return scan(partition, after, [](const auto&, const auto&) { return true; }, visit);
}

Status RocksView::for_each_expired(int32_t partition, const std::optional<std::string>& after,
                                   const Expiry& expiry, const VisitGroup& visit) {
  const auto choose = [&](rocksdb::Iterator& at, const GroupSummary& group) -> Result<bool> {
    if (is_long_empty(group, expiry)) return true;
    const std::string prefix = view_keys::group(partition, group.id);
    bool empty = !group.has_members && !group.foreign;
    for (; at.Valid() && at.key().starts_with(prefix); at.Next()) {
      empty = false;
      view_keys::Reader key(as_view(at.key()).substr(prefix.size()));
      if (key.part() != Part::kOffset) break;
      const auto of = key.topic_partition();
      if (!of) return cut_short();
      TRIBUTARY_ASSIGN(const OffsetValue value, decode_offset_value(as_view(at.value())));
      TRIBUTARY_ASSIGN(const auto commit, decode_commit(group.id, *of, value.record));
      if (may_have_expired(commit, expiry)) return true;
    }
    return empty;
  };
  return scan(partition, after, choose, visit);
}

Status RocksView::for_each_with_topic(int32_t partition, const std::optional<std::string>& after,
                                      const std::vector<std::string>& topics, const VisitGroup& visit) {
  const auto choose = [&](rocksdb::Iterator& at, const GroupSummary& group) -> Result<bool> {
    for (const std::string& topic : topics) {
      const std::string prefix = view_keys::offsets_of_topic(partition, group.id, topic);
      at.Seek(prefix);
      if (at.Valid() && at.key().starts_with(prefix)) return true;
    }
    return false;
  };
  return scan(partition, after, choose, visit);
}

}  // namespace tributary::group
