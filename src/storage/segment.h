// A sealed segment: nothing is appended to it any more. Shared by the log and the reads under way, which may
// run on any thread; all but the file handles is fixed once it stands in a list. Files are opened when first
// needed.
#pragma once
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "tributary/storage/file_system.h"

namespace tributary::storage {

enum class SegmentPart { kLog, kOffsetIndex, kTimeIndex, kTxnIndex };
inline constexpr size_t kSegmentParts = 4;
std::string_view suffix_of(SegmentPart part);

class Segment {
 public:
  Segment(FileSystem& fs, std::shared_ptr<const std::string> directory, Offset base_offset)
      : base(base_offset), fs_(&fs), directory_(std::move(directory)) {}

  const Offset base;
  uint64_t size = 0;
  TimestampMs max_timestamp = kNoTimestamp;
  Offset max_timestamp_offset = -1;  // last offset of the batch that has it
  size_t aborted_count = 0;          // entries of the transaction index

  // kWouldBlock in kCached mode if it is not open yet; kNotFound if the segment has left the log.
  Result<std::shared_ptr<File>> open(SegmentPart part, ReadMode mode) const;
  // Reads under way keep theirs. No-op while the segment is held.
  void release_files() const;
  std::string path(SegmentPart part) const;

  // For the cleaner, so that reads that know this segment go on reading it when files of another content take
  // its names. While it is held, what is open stays open; open_all opens all there is. Once it is retired
  // nothing is opened by its names any more. let_go undoes all of that and closes the files.
  void hold() const { held_.store(true, std::memory_order_release); }
  Status open_all() const;
  void retire() const { retired_.store(true, std::memory_order_release); }
  void let_go() const;

  // The largest timestamp of the first batch; read from the file when first asked for.
  Result<TimestampMs> first_timestamp() const;

 private:
  FileSystem* fs_;
  std::shared_ptr<const std::string> directory_;
  // The plans of one segment may run on several threads; none of them waits for another's open.
  mutable std::array<std::atomic<std::shared_ptr<File>>, kSegmentParts> files_;
  mutable std::atomic<bool> held_ = false;
  mutable std::atomic<bool> retired_ = false;
  mutable std::atomic<TimestampMs> first_timestamp_ = INT64_MIN;  // not known yet
};

// Sealed segments by base offset. Replaced as a whole when one comes or goes, so that a plan keeps what it
// saw.
using SegmentList = std::vector<std::shared_ptr<const Segment>>;

// Index of the last one with base <= offset; -1 if none.
ptrdiff_t floor_segment(const SegmentList& list, Offset offset);

}  // namespace tributary::storage
