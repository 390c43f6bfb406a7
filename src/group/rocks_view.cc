#include "rocks_view.h"

#include <fmt/format.h>

#include "tributary/base/assert.h"
#include "view_keys.h"

namespace tributary::group {

Status to_status(const rocksdb::Status& status, std::string_view what) {
  if (status.ok()) return {};
  const Errc code = status.IsCorruption() ? Errc::kCorruption
                    : status.IsNoSpace()  ? Errc::kNoSpace
                    : status.IsNotFound() ? Errc::kNotFound
                                          : Errc::kIo;
  return fail(code, fmt::format("{}: {}", what, status.ToString()));
}

RocksView::RocksView(std::unique_ptr<rocksdb::DB> db, std::string reset_reason, size_t write_buffer_bytes)
    : db_(std::move(db)), reset_reason_(std::move(reset_reason)), most_unflushed_(3 * write_buffer_bytes) {}

RocksView::~RocksView() = default;

std::optional<ViewPosition> RocksView::position(int32_t partition) {
  std::string value;
  const auto got = db_->Get({}, view_keys::kind(partition, view_keys::Kind::kPosition), &value);
  ViewPosition position;
  if (!got.ok() || value.size() != sizeof(Offset) + sizeof(int32_t) + sizeof(Uuid)) return std::nullopt;
  const auto* bytes = as_bytes(value).data();
  position.applied = load_be<Offset>(bytes);
  position.leader_epoch = LeaderEpoch{load_be<int32_t>(bytes + sizeof(Offset))};
  std::memcpy(position.topic_id.bytes.data(), bytes + sizeof(Offset) + sizeof(int32_t), sizeof(Uuid));
  return position;
}

Status RocksView::drop(int32_t partition) {
  const std::string first = view_keys::partition(partition);
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}));
  at->Seek(first);
  const bool present = at->Valid() && at->key().starts_with(first);
  if (!present && at->status().ok()) return {};  // spares the view a deleted range of nothing
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return to_status(
      db_->DeleteRange(options, db_->DefaultColumnFamily(), first, view_keys::partition(partition + 1)),
      "dropping a partition's view");
}

std::unique_ptr<View::Changes> RocksView::begin(int32_t partition) {
  return std::make_unique<RocksChanges>(*db_, partition);
}

Status RocksView::apply(Changes& changes, const ViewPosition& position) {
  auto& ours = static_cast<RocksChanges&>(changes);
  TRIBUTARY_TRY(ours.failure());
  if (unflushed_bytes() >= most_unflushed_) return fail(Errc::kBusy, "the view has to be flushed first");
  ours.set_position(position);
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return to_status(db_->Write(options, &ours.batch()), "writing to the view");
}

Result<StoredGroup> RocksView::load(int32_t partition, std::string_view group) {
  const std::string prefix = view_keys::group(partition, group);
  const std::string end = view_keys::behind(prefix);
  const rocksdb::Slice bound(end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  StoredGroup stored;
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options));
  for (at->Seek(prefix); at->Valid(); at->Next()) {
    TRIBUTARY_TRY(add_to(stored, group, as_view(at->key()).substr(prefix.size()), as_view(at->value())));
  }
  TRIBUTARY_TRY(to_status(at->status(), "reading a group"));
  return stored;
}

size_t RocksView::unflushed_bytes() const {
  uint64_t bytes = 0;
  db_->GetIntProperty(rocksdb::DB::Properties::kCurSizeActiveMemTable, &bytes);
  return bytes;
}

// After a failure RocksDB takes no writes until it is told to go on, which begins with a flush.
Status RocksView::flush() {
  rocksdb::Status flushed = db_->Flush(rocksdb::FlushOptions());
  if (!flushed.ok()) flushed = db_->Resume();
  return to_status(flushed, "flushing the view");
}

uint64_t RocksView::disk_bytes() const {
  uint64_t bytes = 0;
  db_->GetIntProperty(rocksdb::DB::Properties::kLiveSstFilesSize, &bytes);
  return bytes;
}

}  // namespace tributary::group
