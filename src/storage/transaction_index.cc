#include "transaction_index.h"

#include <array>

namespace tributary::storage {

Status write_aborted(File& file, size_t index, const AbortedEntry& entry) {
  std::array<uint8_t, kTxnEntrySize> bytes;
  store_be<int16_t>(bytes.data(), 0);
  store_be(bytes.data() + 2, entry.producer_id);
  store_be(bytes.data() + 10, entry.first_offset);
  store_be(bytes.data() + 18, entry.last_offset);
  store_be(bytes.data() + 26, entry.last_stable_offset);
  const ByteView piece = bytes;
  return file.write_at(index * kTxnEntrySize, {&piece, 1});
}

Result<AbortedEntry> read_aborted(const File& file, size_t index, ReadMode mode) {
  std::array<uint8_t, kTxnEntrySize> bytes;
  TRIBUTARY_ASSIGN(const size_t got, file.read_at(index * kTxnEntrySize, bytes, mode));
  if (got < kTxnEntrySize || load_be<int16_t>(bytes.data()) != 0) {
    return fail(Errc::kCorruption, "transaction index entry cannot be read");
  }
  return AbortedEntry{load_be<int64_t>(bytes.data() + 2), load_be<int64_t>(bytes.data() + 10),
                      load_be<int64_t>(bytes.data() + 18), load_be<int64_t>(bytes.data() + 26)};
}

Result<size_t> aborted_below(const File& file, size_t count, Offset offset, ReadMode mode) {
  size_t low = 0;
  while (low < count) {
    const size_t middle = low + (count - low) / 2;
    TRIBUTARY_ASSIGN(const AbortedEntry entry, read_aborted(file, middle, mode));
    if (entry.last_offset < offset) {
      low = middle + 1;
    } else {
      count = middle;
    }
  }
  return low;
}

Result<bool> collect_aborted(const File& file, size_t count, Offset from, Offset upto, ReadMode mode,
                             std::vector<AbortedEntry>& out) {
  TRIBUTARY_ASSIGN(const size_t first, aborted_below(file, count, from, mode));
  for (size_t i = first; i < count; ++i) {
    TRIBUTARY_ASSIGN(const AbortedEntry entry, read_aborted(file, i, mode));
    if (entry.first_offset < upto) out.push_back(entry);
    if (entry.last_stable_offset >= upto) return true;
  }
  return false;
}

}  // namespace tributary::storage
