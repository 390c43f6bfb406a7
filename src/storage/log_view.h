// What a read needs of a log, as it was at one moment: its sealed segments and how far the active one
// reached. Held by plans, which run on any thread; nothing in it changes.
#pragma once
#include <memory>
#include <vector>

#include "active_segment.h"
#include "batch_header.h"
#include "segment.h"
#include "transaction_index.h"

namespace tributary::storage {

struct LogView {
  std::shared_ptr<const SegmentList> sealed;
  std::shared_ptr<File> active_log;
  std::shared_ptr<File> active_txn_index;  // null if it has no entries
  size_t active_aborted_count = 0;
  Offset active_base = 0;
  uint64_t active_end = 0;  // bytes that may be read

  bool is_active(size_t i) const { return i == sealed->size(); }
  size_t segment_count() const { return sealed->size() + 1; }
  size_t find(Offset offset) const;  // index of the segment that would hold it
  Result<std::shared_ptr<File>> log_file(size_t i, ReadMode mode) const;
  uint64_t end_of(size_t i) const;
  Offset base_of(size_t i) const;
  // Where to start looking for `offset` in sealed segment i: its index's word for it, 0 if the index is of no
  // use.
  Result<uint64_t> search_start(size_t i, Offset offset, ReadMode mode) const;
  // Aborted transactions that overlap [from, upto), from segment i on, by first offset.
  Result<std::vector<AbortedEntry>> aborted(size_t i, Offset from, Offset upto, ReadMode mode) const;
};

// The first batch from `position` on whose last offset is not below `offset`; nullopt if there is none up to
// `end`.
Result<std::optional<BatchPlace>> find_batch(const File& log, uint64_t position, uint64_t end, Offset offset,
                                             ReadMode mode);

}  // namespace tributary::storage
