#include <algorithm>

#include "log_impl.h"
#include "segment_name.h"
#include "transaction_index.h"
#include "tributary/base/assert.h"

namespace tributary::storage {

namespace {

// Lets a ticket sync directories beside files.
class DirectorySync final : public File {
 public:
  DirectorySync(FileSystem& fs, std::shared_ptr<const std::string> path) : fs_(&fs), path_(std::move(path)) {}
  Result<size_t> read_at(uint64_t, MutableBytes, ReadMode) const override { return not_a_file(); }
  Status write_at(uint64_t, std::span<const ByteView>) override { return not_a_file(); }
  Status truncate(uint64_t) override { return not_a_file(); }
  void start_writeback(uint64_t, uint64_t) override {}
  Result<uint64_t> size() const override { return not_a_file(); }
  // The parent too: the partition's directory itself may be new.
  Status sync() override {
    TRIBUTARY_TRY(fs_->sync_directory(*path_));
    return fs_->sync_directory(parent_path(*path_));
  }

 private:
  static tl::unexpected<Error> not_a_file() { return fail(Errc::kUnsupported, "a directory is no file"); }

  FileSystem* fs_;
  std::shared_ptr<const std::string> path_;
};

}  // namespace

Status SyncTicket::run() {
  for (const auto& file : files_) TRIBUTARY_TRY(file->sync());
  return {};
}

void Log::Impl::note_directory_change() {
  if (directory_pending) return;
  directory_pending = true;
  unsynced.push_back(std::make_shared<DirectorySync>(fs, directory));
}

std::optional<SyncTicket> Log::Impl::begin_sync() {
  if (closed || recovery_point >= end_offset) return std::nullopt;
  std::vector<std::shared_ptr<File>> files{active->log};
  if (active->txn_index) files.push_back(active->txn_index);
  files.insert(files.end(), unsynced.begin(), unsynced.end());
  directory_pending = false;
  return SyncTicket(std::move(files), end_offset, generation);
}

Status Log::Impl::sync_done(const SyncTicket& ticket) {
  if (ticket.generation() != generation) return {};
  recovery_point = std::max(recovery_point, ticket.up_to());
  std::erase_if(unsynced, [&](const auto& file) {
    return std::ranges::find(ticket.files(), file) != ticket.files().end();
  });
  if (unsynced.empty()) unsynced.shrink_to_fit();
  unsynced_since = recovery_point < end_offset ? last_now : -1;
  return {};
}

bool Log::Impl::sync_due(TimestampMs now) {
  last_now = std::max(last_now, now);
  if (closed || recovery_point >= end_offset) return false;
  return recovery_point < active->base || end_offset - recovery_point >= config.flush_messages ||
         (config.flush_ms < INT64_MAX && now - unsynced_since >= config.flush_ms);
}

Status Log::Impl::close(CloseSync sync) {
  if (closed) return {};
  TRIBUTARY_ASSERT(staged.empty(), "{} is closed with staged batches", *directory);
  cancel_cleaning();
  TRIBUTARY_TRY(repair_tail());
  // Kafka looks for the indexes of every segment, of an empty one too.
  const bool indexed =
      active->size > 0 ? !touched : fs.exists(segment_path(*directory, active->base, kOffsetIndexSuffix));
  if (!indexed) {
    TRIBUTARY_ASSIGN(const auto files, active->write_indexes(fs, *directory));
    unsynced.insert(unsynced.end(), files.begin(), files.end());
    note_directory_change();
  }
  TRIBUTARY_TRY(save_epochs());
  if (touched) TRIBUTARY_TRY(write_snapshot(end_offset));
  if (sync == CloseSync::kNow) TRIBUTARY_TRY(sync_all());
  unsynced.clear();
  recovery_point = end_offset;
  closed = true;
  return {};
}

Status Log::Impl::sync_all() {
  if (touched || recovery_point < end_offset) TRIBUTARY_TRY(active->log->sync());
  if (active->txn_index) TRIBUTARY_TRY(active->txn_index->sync());
  for (const auto& file : unsynced) TRIBUTARY_TRY(file->sync());
  return {};
}

}  // namespace tributary::storage
