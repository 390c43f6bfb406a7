#include "tributary/wire/record_batch.h"

#include "tributary/base/assert.h"
#include "tributary/base/crc32c.h"
#include "tributary/base/varint.h"

namespace tributary::wire {
namespace {

constexpr size_t kMagicPosition = 16;
constexpr size_t kCrcPosition = 17;
constexpr size_t kAttributesPosition = 21;
constexpr size_t kMaxTimestampPosition = 35;
constexpr uint16_t kLogAppendTimeBit = 0x08;

static_assert(kBatchHeaderSize == 57 + sizeof(int32_t));

void stamp_crc(MutableBytes batch) {
  store_be(batch.data() + kCrcPosition, crc32c(ByteView(batch).subspan(kAttributesPosition)));
}

}  // namespace

Result<BatchView> BatchView::parse(ByteView bytes) {
  if (bytes.size() <= kMagicPosition) return fail(Errc::kTooLarge, "the batch's header is not all there");
  const auto magic = static_cast<int8_t>(bytes[kMagicPosition]);
  if (magic == 0 || magic == 1) return fail(Errc::kUnsupported, "message format v0 or v1");
  if (magic != kMagicV2) return fail(Errc::kCorruption, "a batch of unknown magic");
  const auto length = load_be<int32_t>(bytes.data() + sizeof(int64_t));
  if (length < static_cast<int32_t>(kBatchHeaderSize - kBatchPrefixSize)) {
    return fail(Errc::kCorruption, "a batch shorter than its header");
  }
  const size_t size = kBatchPrefixSize + static_cast<size_t>(length);
  if (size > bytes.size()) return fail(Errc::kTooLarge, "the batch is not all there");
  return BatchView(bytes.first(size));
}

int32_t BatchView::last_sequence() const {
  if (base_sequence() == kNoSequence) return kNoSequence;
  const uint32_t sum = static_cast<uint32_t>(base_sequence()) + static_cast<uint32_t>(last_offset_delta());
  return static_cast<int32_t>(sum & INT32_MAX);
}

bool BatchView::crc_matches() const { return crc32c(bytes_.subspan(kAttributesPosition)) == stored_crc(); }

void stamp_base_offset(MutableBytes batch, Offset base_offset) { store_be(batch.data(), base_offset); }

void stamp_leader_epoch(MutableBytes batch, LeaderEpoch epoch) {
  store_be(batch.data() + kBatchPrefixSize, raw(epoch));
}

void stamp_log_append_time(MutableBytes batch, TimestampMs now) {
  uint8_t* attributes = batch.data() + kAttributesPosition;
  store_be(attributes, static_cast<uint16_t>(load_be<uint16_t>(attributes) | kLogAppendTimeBit));
  store_be(batch.data() + kMaxTimestampPosition, now);
  stamp_crc(batch);
}

Result<ByteView> plain_records(const BatchView& batch, std::vector<uint8_t>& scratch, size_t inflated_limit) {
  if (batch.codec_id() == 0) return batch.payload();
  TRIBUTARY_TRY(decompress(Codec(batch.codec_id()), batch.payload(), scratch, inflated_limit));
  return ByteView(scratch);
}

namespace {

constexpr size_t kMaxRecordOverhead = 2 + 5 * kMaxVarint32 + kMaxVarint64;

void put_varint(std::vector<uint8_t>& out, uint64_t value) {
  uint8_t bytes[kMaxVarint64];
  out.insert(out.end(), bytes, bytes + write_varint(bytes, value));
}

void put_bytes(std::vector<uint8_t>& out, std::optional<ByteView> value) {
  put_varint(out, zigzag32(value ? static_cast<int32_t>(value->size()) : -1));
  if (value) out.insert(out.end(), value->begin(), value->end());
}

void put_headers(std::vector<uint8_t>& out, std::span<const Header> headers) {
  put_varint(out, zigzag32(static_cast<int32_t>(headers.size())));
  for (const Header& header : headers) {
    put_bytes(out, as_bytes(header.key));
    put_bytes(out, header.value);
  }
}

}  // namespace

void BatchBuilder::append(TimestampMs timestamp, std::optional<ByteView> key, std::optional<ByteView> value,
                          std::span<const Header> headers, std::optional<Offset> offset) {
  const Offset delta = offset ? *offset - options_.base_offset : last_offset_delta_ + 1;
  TRIBUTARY_ASSERT(delta > last_offset_delta_ && delta <= INT32_MAX);
  if (count_ == 0) base_timestamp_ = timestamp;
  std::vector<uint8_t> record;
  record.reserve(kMaxRecordOverhead + (key ? key->size() : 0) + (value ? value->size() : 0));
  record.push_back(0);
  put_varint(record, zigzag64(timestamp - base_timestamp_));
  put_varint(record, zigzag32(static_cast<int32_t>(delta)));
  put_bytes(record, key);
  put_bytes(record, value);
  put_headers(record, headers);
  put_bytes(records_, record);
  ++count_;
  last_offset_delta_ = static_cast<int32_t>(delta);
  max_timestamp_ = std::max(max_timestamp_, timestamp);
}

std::vector<uint8_t> BatchBuilder::build() {
  TRIBUTARY_ASSERT(count_ > 0);
  const bool append_time = options_.timestamp_type == TimestampType::kLogAppendTime;
  const int attributes = static_cast<int>(options_.codec) | (append_time ? kLogAppendTimeBit : 0) |
                         (options_.transactional ? 0x10 : 0) | (options_.control ? 0x20 : 0);
  std::vector<uint8_t> batch(kBatchHeaderSize);
  const Status compressed = compress(options_.codec, records_, batch);
  TRIBUTARY_ASSERT(compressed.has_value());
  uint8_t* header = batch.data();
  store_be(header, options_.base_offset);
  store_be(header + 8, static_cast<int32_t>(batch.size() - kBatchPrefixSize));
  store_be(header + 12, raw(options_.leader_epoch));
  header[kMagicPosition] = static_cast<uint8_t>(kMagicV2);
  store_be(header + kAttributesPosition, static_cast<int16_t>(attributes));
  store_be(header + 23, last_offset_delta_);
  store_be(header + 27, base_timestamp_);
  store_be(header + kMaxTimestampPosition, append_time ? options_.log_append_time : max_timestamp_);
  store_be(header + 43, raw(options_.producer_id));
  store_be(header + 51, options_.producer_epoch);
  store_be(header + 53, options_.base_sequence);
  store_be(header + 57, count_);
  stamp_crc(batch);
  return batch;
}

}  // namespace tributary::wire
