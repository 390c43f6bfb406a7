#include "producer_snapshot.h"

#include <algorithm>

#include "tributary/base/crc32c.h"

namespace tributary::storage {

namespace {

constexpr size_t kHeaderSize = 10;
constexpr size_t kCrcStart = 6;
constexpr size_t kEntrySize = 46;

void encode_entry(uint8_t* at, int64_t id, const ProducerEntry& entry) {
  const ProducerBatch* last = entry.last_batch();
  store_be(at, id);
  store_be(at + 8, entry.epoch);
  store_be(at + 10, entry.last_sequence());
  store_be<int64_t>(at + 14, last ? last->last_offset : -1);
  store_be<int32_t>(at + 22, last ? last->offset_delta : 0);
  store_be(at + 26, entry.last_timestamp);
  store_be(at + 34, entry.coordinator_epoch);
  store_be(at + 38, entry.txn_first_offset);
}

ProducerEntry decode_entry(const uint8_t* at) {
  ProducerEntry entry;
  entry.epoch = load_be<int16_t>(at + 8);
  entry.last_timestamp = load_be<int64_t>(at + 26);
  entry.coordinator_epoch = load_be<int32_t>(at + 34);
  entry.txn_first_offset = std::max<int64_t>(load_be<int64_t>(at + 38), -1);
  const auto last_offset = load_be<int64_t>(at + 14);
  if (last_offset >= 0) {
    entry.add_batch(
        {load_be<int32_t>(at + 10), load_be<int32_t>(at + 22), last_offset, entry.last_timestamp});
  }
  return entry;
}

}  // namespace

std::vector<uint8_t> encode_snapshot(const ProducerState& state,
                                     std::span<const ProducerState::Undo> pending) {
  std::unordered_map<int64_t, const ProducerEntry*> before;  // null: was not there; the oldest word counts
  for (const auto& undo : pending)
    before.try_emplace(undo.producer_id, undo.before ? &*undo.before : nullptr);

  std::vector<uint8_t> bytes(kHeaderSize + state.size() * kEntrySize);
  size_t count = 0;
  state.for_each([&](int64_t id, const ProducerEntry& entry) {
    const auto changed = before.find(id);
    const ProducerEntry* kept = changed == before.end() ? &entry : changed->second;
    if (kept != nullptr) encode_entry(bytes.data() + kHeaderSize + count++ * kEntrySize, id, *kept);
  });
  bytes.resize(kHeaderSize + count * kEntrySize);
  store_be<int16_t>(bytes.data(), 1);
  store_be(bytes.data() + kCrcStart, static_cast<int32_t>(count));
  store_be(bytes.data() + 2, crc32c(ByteView(bytes).subspan(kCrcStart)));
  return bytes;
}

Status decode_snapshot(ByteView bytes, TimestampMs now, int64_t idle_ms, ProducerState& state) {
  if (bytes.size() < kHeaderSize || load_be<int16_t>(bytes.data()) != 1 ||
      load_be<uint32_t>(bytes.data() + 2) != crc32c(bytes.subspan(kCrcStart))) {
    return fail(Errc::kCorruption, "producer snapshot has a bad version or CRC");
  }
  const auto count = load_be<int32_t>(bytes.data() + kCrcStart);
  if (count < 0 || bytes.size() != kHeaderSize + static_cast<size_t>(count) * kEntrySize) {
    return fail(Errc::kCorruption, "producer snapshot has another size than its count says");
  }
  std::vector<std::pair<int64_t, ProducerEntry>> entries;
  for (const uint8_t* at = bytes.data() + kHeaderSize; at < bytes.data() + bytes.size(); at += kEntrySize) {
    const ProducerEntry entry = decode_entry(at);
    const bool expired = entry.txn_first_offset < 0 && now - entry.last_timestamp >= idle_ms;
    if (!expired) entries.emplace_back(load_be<int64_t>(at), entry);
  }
  std::ranges::sort(entries, {},
                    [](const auto& item) { return std::pair(item.second.last_timestamp, item.first); });
  for (const auto& [id, entry] : entries) state.load(id, entry);
  return {};
}

}  // namespace tributary::storage
