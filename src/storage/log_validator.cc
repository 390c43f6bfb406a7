#include "log_validator.h"

#include <fmt/format.h>

#include "batch_rebuild.h"

namespace tributary::storage {

namespace {

using wire::BatchView;
using wire::ErrorCode;
using Verdict = tl::expected<void, AppendError>;

tl::unexpected<AppendError> refuse(ErrorCode code, std::string message) {
  return tl::unexpected<AppendError>(AppendError{code, std::move(message), {}});
}

Verdict check_client_header(const BatchView& batch) {
  const int64_t from_offsets = int64_t{batch.last_offset_delta()} + 1;
  if (from_offsets <= 0) return refuse(ErrorCode::kInvalidRecord, "batch has an invalid offset range");
  if (batch.record_count() <= 0) {
    return refuse(ErrorCode::kInvalidRecord,
                  fmt::format("batch says it has {} records", batch.record_count()));
  }
  if (from_offsets != batch.record_count()) {
    return refuse(ErrorCode::kInvalidRecord, fmt::format("batch says it has {} records but spans {} offsets",
                                                         batch.record_count(), from_offsets));
  }
  if (batch.is_control()) {
    return refuse(ErrorCode::kInvalidRecord, "clients are not allowed to write control records");
  }
  if (batch.has_producer() && batch.base_sequence() < 0) {
    return refuse(ErrorCode::kInvalidRecord, fmt::format("invalid sequence number {} with producer id {}",
                                                         batch.base_sequence(), raw(batch.producer_id())));
  }
  return {};
}

// Reads the records once and notes what is wrong with them.
class RecordCheck {
 public:
  RecordCheck(const BatchView& batch, const ValidationRules& rules)
      : base_timestamp_(batch.base_timestamp()),
        batch_timestamp_(batch.max_timestamp()),
        needs_key_(rules.config.compact_policy),
        log_append_time_(rules.config.timestamp_type == wire::TimestampType::kLogAppendTime),
        claims_append_time_(batch.timestamp_type() == wire::TimestampType::kLogAppendTime &&
                            rules.origin == AppendOrigin::kClient) {
    // Saturating: the limits may be 2^63-1.
    const LogConfig& config = rules.config;
    oldest_ =
        config.timestamp_before_max_ms > rules.now ? INT64_MIN : rules.now - config.timestamp_before_max_ms;
    newest_ = config.timestamp_after_max_ms > INT64_MAX - rules.now
                  ? INT64_MAX
                  : rules.now + config.timestamp_after_max_ms;
  }

  void see(const wire::RecordView& record) {
    const auto timestamp = timestamp_of(record);
    const bool bounded = !log_append_time_ && timestamp != kNoTimestamp;
    const bool bad_time = bounded ? timestamp < oldest_ || timestamp > newest_ : claims_append_time_;
    const bool bad_key = needs_key_ && !record.key;
    if (bad_key || bad_time) [[unlikely]]
      note(bad_key, timestamp);
    if (timestamp > max_timestamp_) max_timestamp_ = timestamp;
    if (record.offset_delta != index_) contiguous_ = false;
    ++index_;
  }

  Verdict verdict() {
    if (errors_.empty()) return {};
    if (bad_timestamp_) {
      return tl::unexpected<AppendError>(
          AppendError{ErrorCode::kInvalidTimestamp,
                      "One or more records have been rejected due to invalid timestamp", std::move(errors_)});
    }
    std::string text = fmt::format(
        "One or more records have been rejected due to {} record errors in total, the "
        "first of them: {}",
        errors_.size(), errors_.front().message);
    return tl::unexpected<AppendError>(
        AppendError{ErrorCode::kInvalidRecord, std::move(text), std::move(errors_)});
  }

  TimestampMs max_timestamp() const { return max_timestamp_; }
  bool contiguous() const { return contiguous_; }

 private:
  // A batch that says LogAppendTime has one time for all its records. On a topic that keeps the producer's
  // times Kafka takes it, if that time is in bounds, and clears the claim.
  TimestampMs timestamp_of(const wire::RecordView& record) const {
    if (claims_append_time_) [[unlikely]]
      return batch_timestamp_;
    return static_cast<TimestampMs>(static_cast<uint64_t>(base_timestamp_) +
                                    static_cast<uint64_t>(record.timestamp_delta));
  }

  void note(bool bad_key, TimestampMs timestamp) {
    if (bad_key) {
      errors_.push_back({index_, "Compacted topic cannot accept message without key."});
      return;
    }
    bad_timestamp_ = true;
    errors_.push_back(
        {index_, log_append_time_ || timestamp == kNoTimestamp
                     ? "Producer should not set timestamp type to LogAppendTime."
                     : fmt::format("Timestamp {} of the record is out of range. The timestamp should "
                                   "be within [{}, {}]",
                                   timestamp, oldest_, newest_)});
  }

  TimestampMs base_timestamp_;
  TimestampMs batch_timestamp_;
  bool needs_key_;
  bool log_append_time_;
  bool claims_append_time_;
  TimestampMs oldest_;
  TimestampMs newest_;
  TimestampMs max_timestamp_ = kNoTimestamp;
  int32_t index_ = 0;
  bool contiguous_ = true;
  bool bad_timestamp_ = false;
  std::vector<AppendError::Record> errors_;
};

Verdict walk_records(ByteView payload, int32_t count, RecordCheck& check) {
  wire::RecordIterator records(payload, count);
  while (const auto record = records.next()) check.see(*record);
  if (!records.ok()) return refuse(ErrorCode::kInvalidRecord, "a record of the batch is malformed");
  if (!records.at_end()) {
    return refuse(ErrorCode::kInvalidRecord, "the batch has bytes left over after its last record");
  }
  return check.verdict();
}

tl::expected<ByteView, AppendError> inflate(const BatchView& batch, std::vector<uint8_t>& scratch,
                                            size_t limit) {
  auto plain = wire::plain_records(batch, scratch, limit);
  if (plain) return *plain;
  switch (plain.error().code) {
    case Errc::kTooLarge:
      return refuse(ErrorCode::kMessageTooLarge, plain.error().message);
    case Errc::kUnsupported:
      return refuse(ErrorCode::kUnsupportedCompressionType, plain.error().message);
    default:
      return refuse(ErrorCode::kCorruptMessage, plain.error().message);
  }
}

// Space to inflate batches into. Large ones are given back, so that a thread does not keep the largest it
// ever saw.
class Scratch {
 public:
  ~Scratch() {
    if (buffer().capacity() > kKept) std::vector<uint8_t>().swap(buffer());
  }
  static std::vector<uint8_t>& buffer() {
    thread_local std::vector<uint8_t> bytes;
    return bytes;
  }

 private:
  static constexpr size_t kKept = 4 << 20;
};

}  // namespace

tl::expected<BatchView, AppendError> parse_appended(ByteView bytes, const ValidationRules& rules) {
  const auto batch = BatchView::parse(bytes);
  if (!batch) {
    const bool corrupt = batch.error().code == Errc::kCorruption;
    return refuse(corrupt ? ErrorCode::kCorruptMessage : ErrorCode::kInvalidRecord, batch.error().message);
  }
  if (batch->size() != bytes.size()) {
    return refuse(ErrorCode::kInvalidRecord, "exactly one record batch is allowed for a partition");
  }
  if (rules.origin == AppendOrigin::kClient && batch->base_offset() != 0) {
    return refuse(
        ErrorCode::kInvalidRecord,
        fmt::format("the base offset of an appended batch must be 0, but is {}", batch->base_offset()));
  }
  if (static_cast<int64_t>(batch->size()) > rules.config.max_message_bytes) {
    return refuse(ErrorCode::kMessageTooLarge,
                  fmt::format("the record batch has {} bytes; the topic allows {}", batch->size(),
                              rules.config.max_message_bytes));
  }
  if (!batch->crc_matches()) {
    return refuse(ErrorCode::kCorruptMessage,
                  fmt::format("the record batch is corrupt (stored CRC {})", batch->stored_crc()));
  }
  return *batch;
}

tl::expected<void, AppendError> validate_batch(MutableBytes bytes, const ValidationRules& rules,
                                               std::vector<uint8_t>& rebuilt) {
  const auto parsed = BatchView::parse(bytes);
  const BatchView& batch = *parsed;
  if (rules.origin == AppendOrigin::kClient) {
    if (auto verdict = check_client_header(batch); !verdict) return verdict;
  }
  RecordCheck check(batch, rules);
  const Scratch scratch;
  const auto plain = inflate(batch, Scratch::buffer(), rules.config.inflated_limit);
  if (!plain) return tl::unexpected<AppendError>(plain.error());
  if (auto verdict = walk_records(*plain, batch.record_count(), check); !verdict) return verdict;

  const int target =
      rules.config.codec && !batch.is_control() ? static_cast<int>(*rules.config.codec) : batch.codec_id();
  MutableBytes final_bytes = bytes;
  if (target != batch.codec_id() || !check.contiguous()) {
    const RebuildPlan plan{static_cast<wire::Codec>(target), rules.config.compression_level,
                           check.contiguous()};
    if (auto made = rebuild_batch(batch, *plain, plan, rebuilt); !made) {
      return refuse(ErrorCode::kInvalidRecord, made.error().message);
    }
    final_bytes = rebuilt;
    if (static_cast<int64_t>(rebuilt.size()) > rules.config.max_message_bytes) {
      return refuse(ErrorCode::kMessageTooLarge,
                    fmt::format("the record batch has {} bytes once recompressed; the "
                                "topic allows {}",
                                rebuilt.size(), rules.config.max_message_bytes));
    }
  }
  stamp_timestamps(final_bytes, rules.config.timestamp_type, check.max_timestamp(), rules.now);
  return {};
}

}  // namespace tributary::storage
