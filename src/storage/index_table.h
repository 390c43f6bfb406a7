// The indexes of a segment. A segment that is written to keeps its entries here, encoded as they stand in the
// file, and writes them out when it is sealed; sealed ones are searched in their files (functions below) and
// never loaded.
//   offset index: {relative offset i32, file position i32}: last offset of a batch and where the batch begins
//   time index:   {timestamp i64, relative offset i32}: timestamps rise; no record up to that offset has a
//   larger one
#pragma once
#include <optional>
#include <vector>

#include "tributary/storage/file_system.h"

namespace tributary::storage {

inline constexpr size_t kOffsetEntrySize = 8;
inline constexpr size_t kTimeEntrySize = 12;

struct OffsetEntry {
  Offset offset = 0;
  uint32_t position = 0;
};
struct TimeEntry {
  TimestampMs timestamp = kNoTimestamp;
  Offset offset = 0;
};

class OffsetIndex {
 public:
  explicit OffsetIndex(Offset base) : base_(base) {}
  // nullopt: the bytes are not an index of a segment of `segment_size` bytes.
  static std::optional<OffsetIndex> decode(Offset base, std::vector<uint8_t> bytes, uint64_t segment_size);

  void append(Offset offset, uint64_t position);
  size_t count() const { return bytes_.size() / kOffsetEntrySize; }
  OffsetEntry entry(size_t i) const;
  OffsetEntry last() const { return count() == 0 ? OffsetEntry{base_, 0} : entry(count() - 1); }
  // Where to begin the search for `offset`.
  uint64_t floor_position(Offset offset) const;
  // A position at or above the beginning of the batch that starts at `offset`; nullopt: no entry above it.
  std::optional<uint64_t> ceiling_position(Offset offset) const;
  void truncate_to(Offset offset);
  ByteView bytes() const { return bytes_; }

 private:
  Offset base_;
  std::vector<uint8_t> bytes_;
};

class TimeIndex {
 public:
  explicit TimeIndex(Offset base) : base_(base) {}
  static std::optional<TimeIndex> decode(Offset base, std::vector<uint8_t> bytes);

  // No-op unless the timestamp is larger than the last one.
  void append(TimestampMs timestamp, Offset offset);
  size_t count() const { return bytes_.size() / kTimeEntrySize; }
  TimeEntry entry(size_t i) const;
  TimeEntry last() const { return count() == 0 ? TimeEntry{kNoTimestamp, base_} : entry(count() - 1); }
  // The last entry with a timestamp not above the given one; {-1, base} if there is none.
  TimeEntry floor(TimestampMs timestamp) const;
  void truncate_to(Offset offset);
  ByteView bytes() const { return bytes_; }

 private:
  Offset base_;
  std::vector<uint8_t> bytes_;
};

// The same searches in a sealed segment's files.
Result<OffsetEntry> floor_offset_in_file(const File& offset_index, Offset base, Offset offset, ReadMode mode);
Result<TimeEntry> floor_time_in_file(const File& time_index, Offset base, TimestampMs timestamp,
                                     ReadMode mode);
Result<OffsetEntry> last_offset_entry(const File& offset_index, Offset base);
Result<TimeEntry> last_time_entry(const File& time_index, Offset base);

}  // namespace tributary::storage
