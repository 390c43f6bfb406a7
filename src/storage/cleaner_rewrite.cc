#include "cleaner_rewrite.h"

#include <algorithm>
#include <array>

#include "tributary/base/crc32c.h"
#include "tributary/base/varint.h"

namespace tributary::storage {

namespace {

constexpr size_t kLengthAt = 8;
constexpr size_t kCrcAt = 17;
constexpr size_t kAttributesAt = 21;
constexpr size_t kBaseTimestampAt = 27;
constexpr size_t kMaxTimestampAt = 35;
constexpr size_t kCountAt = 57;
constexpr int16_t kCodecBits = 0x07;
constexpr int16_t kHorizonBit = 0x40;

// The header is in `out` from `start` on, the records behind it.
void seal(std::vector<uint8_t>& out, size_t start) {
  uint8_t* at = out.data() + start;
  store_be(at + kLengthAt, static_cast<int32_t>(out.size() - start - wire::kBatchPrefixSize));
  store_be(at + kCrcAt, crc32c(ByteView(out).subspan(start + kAttributesAt)));
}

TimestampMs timestamp_of(const wire::BatchView& batch, const wire::RecordView& record) {
  return static_cast<TimestampMs>(static_cast<uint64_t>(batch.base_timestamp()) +
                                  static_cast<uint64_t>(record.timestamp_delta));
}

// The same record counted from another base timestamp: length and delta are written anew.
void append_shifted(const wire::RecordView& record, ByteView bytes, int64_t delta,
                    std::vector<uint8_t>& out) {
  uint32_t old_length = 0;
  const size_t prefix = read_varint32(bytes, old_length);
  uint64_t old_delta = 0;
  const size_t delta_at = prefix + sizeof record.attributes;
  const size_t delta_size = read_varint64(bytes.subspan(delta_at), old_delta);
  const ByteView rest = bytes.subspan(delta_at + delta_size);

  std::array<uint8_t, kMaxVarint32 + 1 + kMaxVarint64> head;
  std::array<uint8_t, kMaxVarint64> encoded_delta;
  const size_t new_delta_size = write_varint(encoded_delta.data(), zigzag64(delta));
  const auto length = static_cast<int32_t>(sizeof record.attributes + new_delta_size + rest.size());
  size_t size = write_varint(head.data(), zigzag32(length));
  head[size++] = static_cast<uint8_t>(record.attributes);
  size = static_cast<size_t>(
      std::copy_n(encoded_delta.begin(), new_delta_size, head.begin() + static_cast<ptrdiff_t>(size)) -
      head.begin());
  out.insert(out.end(), head.begin(), head.begin() + static_cast<ptrdiff_t>(size));
  out.insert(out.end(), rest.begin(), rest.end());
}

void append_records(const wire::BatchView& batch, const std::vector<KeptRecord>& kept,
                    std::optional<TimestampMs> horizon, std::vector<uint8_t>& out) {
  for (const KeptRecord& one : kept) {
    if (horizon) {
      append_shifted(one.record, one.bytes, timestamp_of(batch, one.record) - *horizon, out);
    } else {
      out.insert(out.end(), one.bytes.begin(), one.bytes.end());
    }
  }
}

TimestampMs largest_timestamp(const wire::BatchView& batch, const std::vector<KeptRecord>& kept) {
  if (batch.timestamp_type() == wire::TimestampType::kLogAppendTime) return batch.max_timestamp();
  TimestampMs largest = kNoTimestamp;
  for (const KeptRecord& one : kept) largest = std::max(largest, timestamp_of(batch, one.record));
  return largest;
}

}  // namespace

Status rewrite_batch(const wire::BatchView& batch, const std::vector<KeptRecord>& kept,
                     std::optional<TimestampMs> horizon, std::vector<uint8_t>& out) {
  const size_t start = out.size();
  const ByteView header = batch.bytes().first(wire::kBatchHeaderSize);
  out.insert(out.end(), header.begin(), header.end());
  if (batch.codec_id() == 0) {
    append_records(batch, kept, horizon, out);
  } else {
    std::vector<uint8_t> plain;
    append_records(batch, kept, horizon, plain);
    TRIBUTARY_TRY(wire::compress(static_cast<wire::Codec>(batch.codec_id()), plain, out));
  }
  uint8_t* at = out.data() + start;
  if (horizon) {
    store_be(at + kAttributesAt, static_cast<int16_t>(batch.attributes() | kHorizonBit));
    store_be(at + kBaseTimestampAt, *horizon);
  }
  store_be(at + kMaxTimestampAt, largest_timestamp(batch, kept));
  store_be(at + kCountAt, static_cast<int32_t>(kept.size()));
  seal(out, start);
  return {};
}

void write_empty_batch(const wire::BatchView& batch, std::vector<uint8_t>& out) {
  const size_t start = out.size();
  const ByteView header = batch.bytes().first(wire::kBatchHeaderSize);
  out.insert(out.end(), header.begin(), header.end());
  uint8_t* at = out.data() + start;
  store_be(at + kAttributesAt, static_cast<int16_t>(batch.attributes() & ~(kCodecBits | kHorizonBit)));
  store_be(at + kBaseTimestampAt, batch.max_timestamp());
  store_be(at + kCountAt, int32_t{0});
  seal(out, start);
}

}  // namespace tributary::storage
