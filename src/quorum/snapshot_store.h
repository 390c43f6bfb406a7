// The snapshots of one metadata directory.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "snapshot_writer.h"
#include "tributary/quorum/snapshot_file.h"

namespace tributary::quorum {

class SnapshotStore {
 public:
  struct Entry {
    OffsetAndEpoch end;
    uint64_t size = 0;
    std::optional<TimestampMs> last_contained_timestamp;  // null until somebody asked
  };

  SnapshotStore(storage::FileSystem& fs, std::string directory)
      : fs_(&fs), directory_(std::move(directory)) {}

  // Lists them and removes what an interrupted write left.
  Status scan();
  const std::vector<Entry>& entries() const { return entries_; }  // oldest first
  OffsetAndEpoch latest() const { return entries_.empty() ? OffsetAndEpoch{} : entries_.back().end; }
  uint64_t total_bytes() const;

  Result<std::unique_ptr<SnapshotFile>> read(const OffsetAndEpoch& end) const;
  Status write(const SnapshotParameters& parameters, const SnapshotSource& content);
  Status remove_oldest();
  // Of its newest record; kNoTimestamp if the file is damaged.
  TimestampMs oldest_timestamp();
  // Out of the list only: a damaged one stays for whoever wants to look at it.
  void disregard(const OffsetAndEpoch& end);

 private:
  std::string path_of(const OffsetAndEpoch& end) const { return directory_ + "/" + snapshot_name(end); }

  storage::FileSystem* fs_;
  std::string directory_;
  std::vector<Entry> entries_;
};

}  // namespace tributary::quorum
