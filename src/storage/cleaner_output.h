// The segments that take the place of a group, written under their *.cleaned names: one, or more where what
// is rewritten has grown over what one may hold. One thread.
#pragma once
#include <memory>
#include <vector>

#include "active_segment.h"
#include "transaction_index.h"

namespace tributary::storage {

// Where and how they are written.
struct CleanedPlace {
  FileSystem& fs;
  std::shared_ptr<const std::string> directory;
  int32_t index_interval_bytes;
  uint64_t longest_segment;
  size_t most_offset_entries;
  size_t most_time_entries;
};

class CleanedOutput {
 public:
  CleanedOutput(CleanedPlace place, Offset base) : place_(std::move(place)), base_(base) {}

  // To be filled with batches, each followed by a call of note_batch. What is in it is written by flush().
  std::vector<uint8_t>& buffer() { return buffer_; }
  size_t buffered() const { return buffer_.size(); }
  // A batch now stands at the end of the buffer, from `at` on.
  Status note_batch(size_t at);
  Status note_aborted(const AbortedEntry& entry);
  Status flush();
  // Nothing comes any more: all of it is on the disk on return.
  Status finish();

  // Base offsets of the segments, rising; and their closed forms, for when they have their final names.
  std::vector<Offset> bases() const;
  std::vector<std::shared_ptr<const Segment>> seal() const;

 private:
  Status begin_segment(Offset base);
  bool is_full(const BatchHeader& next) const;
  Status finish_segment();

  CleanedPlace place_;
  Offset base_;  // of the first one
  std::vector<uint8_t> buffer_;
  std::vector<std::unique_ptr<ActiveSegment>> segments_;
  uint64_t written_ = 0;  // of the last segment's bytes; what follows is in the buffer
  uint64_t synced_ = 0;
};

}  // namespace tributary::storage
