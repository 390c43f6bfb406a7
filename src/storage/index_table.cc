#include "index_table.h"

#include <array>

namespace tributary::storage {

namespace {

OffsetEntry decode_offset_entry(const uint8_t* at, Offset base) {
  return {base + load_be<int32_t>(at), load_be<uint32_t>(at + 4)};
}

TimeEntry decode_time_entry(const uint8_t* at, Offset base) {
  return {load_be<int64_t>(at), base + load_be<int32_t>(at + 8)};
}

// Number of leading entries whose key is not above `target`.
template <typename KeyAt>
size_t count_up_to(size_t count, int64_t target, KeyAt key_at) {
  size_t low = 0;
  size_t high = count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (key_at(middle) <= target) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

template <size_t kSize>
Result<std::array<uint8_t, kSize>> read_entry(const File& file, size_t i, ReadMode mode) {
  std::array<uint8_t, kSize> entry;
  TRIBUTARY_ASSIGN(const size_t got, file.read_at(i * kSize, entry, mode));
  if (got < kSize) return fail(Errc::kCorruption, "index shorter than its size says");
  return entry;
}

template <size_t kSize, typename Key>
Result<std::optional<std::array<uint8_t, kSize>>> floor_entry(const File& file, size_t count, ReadMode mode,
                                                              Key not_above) {
  std::optional<std::array<uint8_t, kSize>> best;
  size_t low = 0;
  size_t high = count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    TRIBUTARY_ASSIGN(const auto entry, read_entry<kSize>(file, middle, mode));
    if (not_above(entry.data())) {
      best = entry;
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return best;
}

}  // namespace

std::optional<OffsetIndex> OffsetIndex::decode(Offset base, std::vector<uint8_t> bytes,
                                               uint64_t segment_size) {
  if (bytes.size() % kOffsetEntrySize != 0) return std::nullopt;
  OffsetIndex index(base);
  index.bytes_ = std::move(bytes);
  OffsetEntry before{base - 1, 0};
  for (size_t i = 0; i < index.count(); ++i) {
    const OffsetEntry now = index.entry(i);
    const bool rises = now.offset > before.offset && (i == 0 || now.position > before.position);
    if (!rises || now.position >= segment_size) return std::nullopt;
    before = now;
  }
  return index;
}

void OffsetIndex::append(Offset offset, uint64_t position) {
  const size_t at = bytes_.size();
  bytes_.resize(at + kOffsetEntrySize);
  store_be(bytes_.data() + at, static_cast<int32_t>(offset - base_));
  store_be(bytes_.data() + at + 4, static_cast<uint32_t>(position));
}

OffsetEntry OffsetIndex::entry(size_t i) const {
  return decode_offset_entry(bytes_.data() + i * kOffsetEntrySize, base_);
}

uint64_t OffsetIndex::floor_position(Offset offset) const {
  const size_t n = count_up_to(count(), offset, [&](size_t i) { return entry(i).offset; });
  return n == 0 ? 0 : entry(n - 1).position;
}

std::optional<uint64_t> OffsetIndex::ceiling_position(Offset offset) const {
  const size_t n = count_up_to(count(), offset - 1, [&](size_t i) { return entry(i).offset; });
  if (n == count()) return std::nullopt;
  return entry(n).position;
}

void OffsetIndex::truncate_to(Offset offset) {
  const size_t n = count_up_to(count(), offset - 1, [&](size_t i) { return entry(i).offset; });
  bytes_.resize(n * kOffsetEntrySize);
}

std::optional<TimeIndex> TimeIndex::decode(Offset base, std::vector<uint8_t> bytes) {
  if (bytes.size() % kTimeEntrySize != 0) return std::nullopt;
  TimeIndex index(base);
  index.bytes_ = std::move(bytes);
  TimeEntry before{kNoTimestamp, base};
  for (size_t i = 0; i < index.count(); ++i) {
    const TimeEntry now = index.entry(i);
    if (now.timestamp <= before.timestamp || now.offset < before.offset) return std::nullopt;
    before = now;
  }
  return index;
}

void TimeIndex::append(TimestampMs timestamp, Offset offset) {
  if (timestamp <= last().timestamp) return;
  const size_t at = bytes_.size();
  bytes_.resize(at + kTimeEntrySize);
  store_be(bytes_.data() + at, timestamp);
  store_be(bytes_.data() + at + 8, static_cast<int32_t>(offset - base_));
}

TimeEntry TimeIndex::entry(size_t i) const {
  return decode_time_entry(bytes_.data() + i * kTimeEntrySize, base_);
}

TimeEntry TimeIndex::floor(TimestampMs timestamp) const {
  const size_t n = count_up_to(count(), timestamp, [&](size_t i) { return entry(i).timestamp; });
  return n == 0 ? TimeEntry{kNoTimestamp, base_} : entry(n - 1);
}

void TimeIndex::truncate_to(Offset offset) {
  const size_t n = count_up_to(count(), offset - 1, [&](size_t i) { return entry(i).offset; });
  bytes_.resize(n * kTimeEntrySize);
}

Result<OffsetEntry> floor_offset_in_file(const File& offset_index, Offset base, Offset offset,
                                         ReadMode mode) {
  TRIBUTARY_ASSIGN(const uint64_t size, offset_index.size());
  TRIBUTARY_ASSIGN(const auto found, floor_entry<kOffsetEntrySize>(
                                         offset_index, size / kOffsetEntrySize, mode, [&](const uint8_t* at) {
                                           return decode_offset_entry(at, base).offset <= offset;
                                         }));
  return found ? decode_offset_entry(found->data(), base) : OffsetEntry{base, 0};
}

Result<TimeEntry> floor_time_in_file(const File& time_index, Offset base, TimestampMs timestamp,
                                     ReadMode mode) {
  TRIBUTARY_ASSIGN(const uint64_t size, time_index.size());
  TRIBUTARY_ASSIGN(const auto found, floor_entry<kTimeEntrySize>(
                                         time_index, size / kTimeEntrySize, mode, [&](const uint8_t* at) {
                                           return decode_time_entry(at, base).timestamp <= timestamp;
                                         }));
  return found ? decode_time_entry(found->data(), base) : TimeEntry{kNoTimestamp, base};
}

Result<OffsetEntry> last_offset_entry(const File& offset_index, Offset base) {
  TRIBUTARY_ASSIGN(const uint64_t size, offset_index.size());
  if (size % kOffsetEntrySize != 0) return fail(Errc::kCorruption, "offset index of odd size");
  if (size == 0) return OffsetEntry{base, 0};
  TRIBUTARY_ASSIGN(const auto entry, read_entry<kOffsetEntrySize>(offset_index, size / kOffsetEntrySize - 1,
                                                                  ReadMode::kBlocking));
  return decode_offset_entry(entry.data(), base);
}

Result<TimeEntry> last_time_entry(const File& time_index, Offset base) {
  TRIBUTARY_ASSIGN(const uint64_t size, time_index.size());
  if (size % kTimeEntrySize != 0) return fail(Errc::kCorruption, "time index of odd size");
  if (size == 0) return TimeEntry{kNoTimestamp, base};
  TRIBUTARY_ASSIGN(const auto entry,
                   read_entry<kTimeEntrySize>(time_index, size / kTimeEntrySize - 1, ReadMode::kBlocking));
  return decode_time_entry(entry.data(), base);
}

}  // namespace tributary::storage
