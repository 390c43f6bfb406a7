// Opens the directory of a log: clears what an interrupted change left, reads or recovers segments, indexes,
// epochs and producers. Used once, on any thread.
#pragma once
#include "log_impl.h"
#include "segment_loader.h"

namespace tributary::storage {

class LogLoader {
 public:
  explicit LogLoader(LogOptions options);
  Result<std::unique_ptr<Log::Impl>> load();

 private:
  Status read_directory();
  Status drop_empty_segments();
  Result<bool> is_overtaken(size_t i);  // by the batches of the segment before it
  Status read_metadata();
  Status read_epochs();
  Status load_clean();
  Status rebuild_indexes(Offset base);
  Status recover(size_t first);
  bool is_loss(Offset from, Offset upto) const;
  Result<bool> recover_one(size_t i);  // false: the log ends in this segment
  Status keep_as_active(LoadedSegment loaded);
  Status keep_as_sealed(LoadedSegment loaded);
  Status note_batch(ActiveSegment& segment, const BatchHeader& header, ByteView bytes);
  Status load_sealed_below(size_t end);
  Status drop_from(size_t first);
  Status begin_empty(Offset base);
  Status replay_epochs_below(size_t end);
  Status bound_by_start();
  Status finish();
  Status adopt_unsynced();
  Status remove_stray_snapshots();
  SegmentPlaceInfo place() const { return {log_->fs, log_->directory, log_->config.index_interval_bytes}; }

  LogOptions options_;
  std::unique_ptr<Log::Impl> log_;
  std::vector<Offset> bases_;  // of the segments found
  bool is_new_ = false;
  bool had_files_ = false;
  bool epochs_lost_ = false;
  bool cut_ = false;
};

}  // namespace tributary::storage
