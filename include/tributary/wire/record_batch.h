// Record batch v2, Kafka's unit of storage and transfer (KIP-98). A BatchView reads one in place; records
// come out one at a time. Building is for tests, tools and the daemon's own logs.
//
//   baseOffset i64 | length i32 | partitionLeaderEpoch i32 | magic i8 | crc u32 | attributes i16 |
//   lastOffsetDelta i32 | baseTimestamp i64 | maxTimestamp i64 | producerId i64 | producerEpoch i16 |
//   baseSequence i32 | count i32 | records
//
// `length` counts what follows it; the CRC-32C covers attributes to the end, so offset and epoch can be
// stamped without recomputing it.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tributary/base/bytes.h"
#include "tributary/base/ids.h"
#include "tributary/base/result.h"
#include "tributary/wire/compression.h"

namespace tributary::wire {

inline constexpr size_t kBatchHeaderSize = 61;
inline constexpr size_t kBatchPrefixSize =
    12;  // baseOffset and length: enough to know where the next one begins
inline constexpr int8_t kMagicV2 = 2;
inline constexpr int32_t kNoSequence = -1;

enum class TimestampType : int8_t { kCreateTime = 0, kLogAppendTime = 1 };

// Reads fields of a batch that lies whole in `bytes`. Make it with parse(), which checks size and magic but
// not the CRC.
class BatchView {
 public:
  // The batch at the front of `bytes`: kTooLarge if `bytes` ends before it does (or before its length can be
  // known), kUnsupported for magic 0 and 1, kCorruption for what cannot be a batch.
  static Result<BatchView> parse(ByteView bytes);

  ByteView bytes() const { return bytes_; }
  size_t size() const { return bytes_.size(); }
  Offset base_offset() const { return at<int64_t>(0); }
  LeaderEpoch leader_epoch() const { return LeaderEpoch{at<int32_t>(12)}; }
  uint32_t stored_crc() const { return at<uint32_t>(17); }
  int16_t attributes() const { return at<int16_t>(21); }
  int32_t last_offset_delta() const { return at<int32_t>(23); }
  // These wrap round for offsets near 2^63, which only a forged batch has.
  Offset last_offset() const { return wrapping_add(base_offset(), last_offset_delta()); }
  Offset next_offset() const { return wrapping_add(last_offset(), 1); }
  TimestampMs base_timestamp() const { return at<int64_t>(27); }
  TimestampMs max_timestamp() const { return at<int64_t>(35); }
  ProducerId producer_id() const { return ProducerId{at<int64_t>(43)}; }
  int16_t producer_epoch() const { return at<int16_t>(51); }
  int32_t base_sequence() const { return at<int32_t>(53); }
  int32_t last_sequence() const;  // wraps from 2^31-1 to 0
  int32_t record_count() const { return at<int32_t>(57); }
  ByteView payload() const { return bytes_.subspan(kBatchHeaderSize); }

  int codec_id() const { return attributes() & 0x07; }
  TimestampType timestamp_type() const { return TimestampType((attributes() >> 3) & 1); }
  bool is_transactional() const { return (attributes() & 0x10) != 0; }
  bool is_control() const { return (attributes() & 0x20) != 0; }
  bool has_delete_horizon() const { return (attributes() & 0x40) != 0; }
  bool has_producer() const { return producer_id() > kNoProducer; }

  bool crc_matches() const;

 private:
  explicit BatchView(ByteView bytes) : bytes_(bytes) {}
  template <typename T>
  T at(size_t position) const {
    return load_be<T>(bytes_.data() + position);
  }
  static Offset wrapping_add(Offset a, Offset b) {
    return static_cast<Offset>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  }

  ByteView bytes_;
};

// Stamps that do not touch the CRC's range.
void stamp_base_offset(MutableBytes batch, Offset base_offset);
void stamp_leader_epoch(MutableBytes batch, LeaderEpoch epoch);
// Sets timestamp type LogAppendTime and the maximum timestamp, and recomputes the CRC.
void stamp_log_append_time(MutableBytes batch, TimestampMs now);

struct Header {
  std::string_view key;
  std::optional<ByteView> value;
};

// One record; views point into the decompressed payload.
struct RecordView {
  int32_t size = 0;  // of the whole record, its length prefix included
  int8_t attributes = 0;
  int64_t timestamp_delta = 0;
  int32_t offset_delta = 0;
  std::optional<ByteView> key;
  std::optional<ByteView> value;
  int32_t header_count = 0;
  ByteView headers;  // undecoded, see decode_headers; already walked through, so its sizes are right
};

// Walks over the records of an uncompressed or decompressed payload. A malformed record ends the walk: next()
// gives nullopt and ok() is false.
class RecordIterator {
 public:
  RecordIterator(ByteView payload, int32_t count) : rest_(payload), left_(count) {}
  std::optional<RecordView> next();
  bool ok() const { return !failed_; }
  // True once all records were read; trailing bytes are a malformed batch.
  bool at_end() const { return left_ == 0 && rest_.empty(); }

 private:
  ByteView rest_;
  int32_t left_;
  bool failed_ = false;
};

Result<std::vector<Header>> decode_headers(const RecordView& record);

// The payload of a batch as plain records: the batch's own bytes if uncompressed, else `scratch` filled.
Result<ByteView> plain_records(const BatchView& batch, std::vector<uint8_t>& scratch, size_t inflated_limit);

struct BatchOptions {
  Offset base_offset = 0;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  Codec codec = Codec::kNone;
  TimestampType timestamp_type = TimestampType::kCreateTime;
  TimestampMs log_append_time = kNoTimestamp;  // used with kLogAppendTime
  ProducerId producer_id = kNoProducer;
  int16_t producer_epoch = -1;
  int32_t base_sequence = kNoSequence;
  bool transactional = false;
  bool control = false;
};

// Collects records, then seals them into one batch.
class BatchBuilder {
 public:
  explicit BatchBuilder(BatchOptions options) : options_(options) {}
  // Offsets are base, base+1, ... unless `offset` says otherwise (compacted batches); they must rise.
  void append(TimestampMs timestamp, std::optional<ByteView> key, std::optional<ByteView> value,
              std::span<const Header> headers = {}, std::optional<Offset> offset = std::nullopt);
  bool empty() const { return count_ == 0; }
  // Bytes it would take now, before compression.
  size_t size_so_far() const { return kBatchHeaderSize + records_.size(); }
  std::vector<uint8_t> build();

 private:
  BatchOptions options_;
  std::vector<uint8_t> records_;
  int32_t count_ = 0;
  int32_t last_offset_delta_ = -1;
  TimestampMs base_timestamp_ = kNoTimestamp;
  TimestampMs max_timestamp_ = kNoTimestamp;
};

}  // namespace tributary::wire
