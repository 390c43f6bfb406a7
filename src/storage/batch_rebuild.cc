#include "batch_rebuild.h"

#include <algorithm>

#include "tributary/base/crc32c.h"

namespace tributary::storage {

namespace {

constexpr size_t kLengthAt = 8;
constexpr size_t kCrcAt = 17;
constexpr size_t kAttributesAt = 21;
constexpr size_t kMaxTimestampAt = 35;
constexpr int16_t kLogAppendTimeBit = 0x08;

void restore_crc(MutableBytes batch) {
  store_be(batch.data() + kCrcAt, crc32c(ByteView(batch).subspan(kAttributesAt)));
}

// The same records one offset apart, as an uncompressed batch.
Result<std::vector<uint8_t>> renumber(const wire::BatchView& batch, ByteView plain) {
  wire::BatchBuilder builder({});
  wire::RecordIterator records(plain, batch.record_count());
  while (const auto record = records.next()) {
    TRIBUTARY_ASSIGN(const auto headers, wire::decode_headers(*record));
    builder.append(batch.base_timestamp() + record->timestamp_delta, record->key, record->value, headers);
  }
  return builder.build();
}

}  // namespace

Status rebuild_batch(const wire::BatchView& batch, ByteView plain, const RebuildPlan& plan,
                     std::vector<uint8_t>& out) {
  out.assign(batch.bytes().begin(), batch.bytes().begin() + wire::kBatchHeaderSize);
  std::vector<uint8_t> renumbered;
  if (!plan.keep_offsets) {
    TRIBUTARY_ASSIGN(renumbered, renumber(batch, plain));
    plain = ByteView(renumbered).subspan(wire::kBatchHeaderSize);
    // The builder counts timestamps from the first record's.
    std::copy_n(renumbered.begin() + 27, 8, out.begin() + 27);
  }
  if (plan.codec == wire::Codec::kNone) {
    out.insert(out.end(), plain.begin(), plain.end());
  } else {
    TRIBUTARY_TRY(wire::compress(plan.codec, plain, out, plan.level));
  }
  const auto attributes = static_cast<int16_t>((batch.attributes() & ~0x07) |
                                               static_cast<int16_t>(static_cast<int8_t>(plan.codec)));
  store_be(out.data() + kLengthAt, static_cast<int32_t>(out.size() - wire::kBatchPrefixSize));
  store_be(out.data() + kAttributesAt, attributes);
  restore_crc(out);
  return {};
}

void stamp_timestamps(MutableBytes batch, wire::TimestampType type, TimestampMs max_timestamp,
                      TimestampMs now) {
  if (type == wire::TimestampType::kLogAppendTime) {
    wire::stamp_log_append_time(batch, now);
    return;
  }
  const auto attributes = load_be<int16_t>(batch.data() + kAttributesAt);
  const auto create_time = static_cast<int16_t>(attributes & ~kLogAppendTimeBit);
  if (attributes == create_time && load_be<int64_t>(batch.data() + kMaxTimestampAt) == max_timestamp) return;
  store_be(batch.data() + kAttributesAt, create_time);
  store_be(batch.data() + kMaxTimestampAt, max_timestamp);
  restore_crc(batch);
}

}  // namespace tributary::storage
