// Compaction of one log, in Kafka's way: of each key the last record stays, offsets do not change. One pass
// is a Cleaning: planned on the log's shard (Log::begin_cleaning), worked through in steps on any thread,
// while the log goes on taking appends and reads; each time a group of segments is rewritten, the shard swaps
// it in (Log::swap_cleaned). Only closed segments that are synced, committed and decided are touched.
//
//   index   the keys of the dirty part (first dirty offset to the first uncleanable one) go into a table of
//           bounded size; where it is full the pass ends early, and the next one begins there
//   copy    every segment below that end is rewritten into *.cleaned files without what the table supersedes
//   swap    *.cleaned -> *.swap, the old files -> *.deleted, *.swap -> final; recovery finishes or drops it
//
// Tombstones and transaction markers get a horizon (KIP-534) the first time a pass meets them and go in a
// later pass, when the horizon is over and they lie below the first dirty offset that pass began with. So
// nothing above the checkpointed first dirty offset has lost a tombstone or a marker. Records of aborted
// transactions go at once. The last batch of each active producer stays, empty if need be, and so does the
// last batch of each rewritten group: where a log ends, and what it knows of producers, survives a recovery
// from any point.
//
// A record's key stands in the table as a 128-bit keyed hash.
#pragma once
#include <array>
#include <memory>
#include <vector>

#include "tributary/storage/log.h"

namespace tributary::storage {

class Segment;

struct CleaningOptions {
  TimestampMs now = 0;
  size_t map_bytes = 128 << 20;
  double map_load_factor = 0.9;
  size_t io_buffer_bytes = 256 << 10;  // read, and as much written, in one step; a larger batch is read whole
  uint64_t longest_segment =
      INT32_MAX;  // what is rewritten may grow; over this it goes into several segments
  std::array<uint64_t, 2> hash_secret{};  // random, so that nobody can choose keys that meet
};

struct CleaningStats {
  uint64_t map_bytes_read = 0;
  uint64_t map_records_read = 0;
  uint64_t bytes_read = 0;
  uint64_t bytes_written = 0;
  uint64_t records_read = 0;
  uint64_t records_kept = 0;
  uint64_t keyless_records = 0;  // have no place in a compacted log; dropped
  double map_utilization = 0;
};

// How dirty a log is, for the choice of the one to clean. Made on the log's shard.
struct CleanableLog {
  Offset first_dirty = 0;
  Offset first_uncleanable = 0;  // where a segment begins
  uint64_t clean_bytes = 0;
  uint64_t cleanable_bytes = 0;
  TimestampMs now = 0;
  double min_dirty_ratio = 0;
  int64_t max_lag_ms = INT64_MAX;
  std::vector<std::shared_ptr<const Segment>> dirty;  // closed ones; only if max_lag_ms is a limit

  double dirty_ratio() const;
  // For how long its oldest dirty segment has been over max.compaction.lag.ms; 0 if it is not. May read the
  // first batches of segments: any thread that may block.
  Result<int64_t> overdue_ms() const;
  bool worth_cleaning(int64_t overdue_ms) const;
};

// One pass over one log. One thread at a time; the log may be gone before it.
class Cleaning {
 public:
  enum class Next {
    kStep,
    kSwap,       // Log::swap_cleaned, then step() again
    kDone,       // all swaps are durable: the checkpoint may move to end_offset()
    kCancelled,  // the log was truncated, closed or deleted meanwhile
  };
  // About one buffer's worth of work. kCorruption: a batch of the log is damaged. kTooLarge: the keys of a
  // single batch do not fit the table. Both come back each time: the log is not cleanable. Other errors may
  // pass.
  Result<Next> step();
  // Removes what was written and not swapped in. After an error or kCancelled, before Log::end_cleaning.
  void discard();

  const TopicPartition& name() const;
  Offset first_dirty() const;
  Offset end_offset() const;  // where it ends; known once copying begins
  const CleaningStats& stats() const;

  struct State;
  explicit Cleaning(std::unique_ptr<State> state);
  ~Cleaning();
  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

}  // namespace tributary::storage
