#include "snapshot_store.h"

namespace tributary::quorum {

Status SnapshotStore::scan() {
  entries_.clear();
  TRIBUTARY_ASSIGN(const auto listing, fs_->list(directory_));
  for (const auto& file : listing) {
    const std::string path = directory_ + "/" + file.name;
    if (file.name.ends_with(std::string(kSnapshotSuffix) + std::string(kPartSuffix))) {
      TRIBUTARY_TRY(fs_->remove(path));
      continue;
    }
    const auto end = parse_snapshot_name(file.name);
    if (!end) continue;
    TRIBUTARY_ASSIGN(const auto opened, fs_->open(path, storage::OpenMode::kRead));
    TRIBUTARY_ASSIGN(const uint64_t size, opened->size());
    entries_.push_back({*end, size, std::nullopt});
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.end < b.end; });
  return {};
}

uint64_t SnapshotStore::total_bytes() const {
  uint64_t total = 0;
  for (const Entry& entry : entries_) total += entry.size;
  return total;
}

Result<std::unique_ptr<SnapshotFile>> SnapshotStore::read(const OffsetAndEpoch& end) const {
  return read_snapshot_file(*fs_, path_of(end));
}

Status SnapshotStore::write(const SnapshotParameters& parameters, const SnapshotSource& content) {
  TRIBUTARY_ASSIGN(const uint64_t size, write_snapshot_file(*fs_, directory_, parameters, content));
  disregard(parameters.end);
  entries_.push_back({parameters.end, size, parameters.last_contained_timestamp});
  return {};
}

Status SnapshotStore::remove_oldest() {
  TRIBUTARY_TRY(fs_->remove(path_of(entries_.front().end)));
  entries_.erase(entries_.begin());
  return fs_->sync_directory(directory_);
}

TimestampMs SnapshotStore::oldest_timestamp() {
  Entry& oldest = entries_.front();
  if (!oldest.last_contained_timestamp) {
    const auto file = read(oldest.end);
    oldest.last_contained_timestamp = file ? (*file)->last_contained_timestamp : kNoTimestamp;
  }
  return *oldest.last_contained_timestamp;
}

void SnapshotStore::disregard(const OffsetAndEpoch& end) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.end == end; });
}

}  // namespace tributary::quorum
