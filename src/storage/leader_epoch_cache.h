// Where each leader epoch began in a log; epochs and offsets both rise. Kept in `leader-epoch-checkpoint`,
// which is written when a batch of a new epoch is, and synced with the log. One thread.
#pragma once
#include <string>
#include <vector>

#include "tributary/storage/log.h"

namespace tributary::storage {

struct EpochEntry {
  int32_t epoch;
  Offset start_offset;
  bool operator==(const EpochEntry&) const = default;
};

class LeaderEpochCache {
 public:
  // Entries that contradict the new one go. True if anything changed.
  bool assign(int32_t epoch, Offset start_offset);
  void truncate_from_end(Offset end_offset);      // entries that begin at or above it go
  void truncate_from_start(Offset start_offset);  // the epoch in force there begins there
  void clear();

  LeaderEpoch latest() const;
  LeaderEpoch epoch_at(Offset offset) const;
  EpochEndOffset end_offset(int32_t asked, Offset log_end_offset) const;
  const std::vector<EpochEntry>& entries() const { return entries_; }

  // Changed since the last save or load.
  bool is_dirty() const { return dirty_; }
  void saved() { dirty_ = false; }
  void changed() { dirty_ = true; }
  std::string encode() const;
  // kCorruption for a malformed file; the cache is empty then.
  Status decode(std::string_view text);

 private:
  std::vector<EpochEntry> entries_;
  bool dirty_ = false;
};

}  // namespace tributary::storage
