// The aborted transactions of a segment, in marker order, in a file that is there only if it has entries.
//   {version i16 = 0, producer id i64, first offset i64, last offset i64 (of the marker), last stable offset
//   i64}
#pragma once
#include <vector>

#include "tributary/storage/file_system.h"

namespace tributary::storage {

inline constexpr size_t kTxnEntrySize = 34;

struct AbortedEntry {
  int64_t producer_id = -1;
  Offset first_offset = 0;
  Offset last_offset = 0;
  Offset last_stable_offset = 0;
};

Status write_aborted(File& file, size_t index, const AbortedEntry& entry);
// kCorruption for a version that is not known.
Result<AbortedEntry> read_aborted(const File& file, size_t index, ReadMode mode);
// How many of the leading `count` entries are below `offset`; a truncation to it keeps these.
Result<size_t> aborted_below(const File& file, size_t count, Offset offset, ReadMode mode);
// Adds the entries that overlap [from, upto). True: later segments have nothing more for that range.
Result<bool> collect_aborted(const File& file, size_t count, Offset from, Offset upto, ReadMode mode,
                             std::vector<AbortedEntry>& out);

}  // namespace tributary::storage
