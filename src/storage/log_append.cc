#include <fmt/format.h>

#include "log_impl.h"
#include "log_validator.h"

namespace tributary::storage {

namespace {

using wire::ErrorCode;

tl::unexpected<AppendError> refuse(ErrorCode code, std::string message) {
  return tl::unexpected<AppendError>(AppendError{code, std::move(message), {}});
}

std::optional<EndMarker> marker_of(const wire::BatchView& batch) {
  return batch.is_control() ? read_end_marker(batch) : std::nullopt;
}

}  // namespace

tl::expected<AppendInfo, AppendError> Log::Impl::append(MutableBytes batch, LeaderEpoch epoch,
                                                        AppendOrigin origin, TimestampMs now) {
  if (closed) return refuse(ErrorCode::kKafkaStorageError, "the log is closed");
  const ValidationRules rules{config, origin, now};
  const auto parsed = parse_appended(batch, rules);
  if (!parsed) return tl::unexpected<AppendError>(parsed.error());
  std::vector<uint8_t> rebuilt;
  if (auto verdict = validate_batch(batch, rules, rebuilt); !verdict) {
    return tl::unexpected<AppendError>(std::move(verdict).error());
  }
  const MutableBytes bytes = rebuilt.empty() ? batch : MutableBytes(rebuilt);
  if (static_cast<int64_t>(bytes.size()) > config.segment_bytes) {
    return refuse(
        ErrorCode::kRecordListTooLarge,
        fmt::format("the record batch has {} bytes; a segment has {}", bytes.size(), config.segment_bytes));
  }
  BatchHeader header = *BatchHeader::decode(bytes);
  std::optional<EndMarker> marker;
  if (header.has_producer()) {
    marker = marker_of(*parsed);
    if (origin == AppendOrigin::kClient) {
      if (const ProducerBatch* known = producers.find_duplicate(header)) {
        return AppendInfo{known->first_offset(), known->last_offset, known->timestamp, start_offset, true};
      }
    }
    if (auto error = producers.check(header, marker, origin)) return tl::unexpected<AppendError>(*error);
    if (producers.size() >= config.max_producers && producers.find(header.producer_id) == nullptr) {
      uint64_t evicted = 0;
      const bool room = producers.make_room(config.max_producers, evicted);
      if (probe != nullptr) probe->evicted_producers.add_unshared(evicted);
      if (!room) return refuse(ErrorCode::kPolicyViolation, "too many producers have transactions open");
    }
  }
  const Offset base = next_offset();
  header.last_offset += base - header.base_offset;
  header.base_offset = base;
  header.leader_epoch = epoch;
  wire::stamp_base_offset(bytes, base);
  wire::stamp_leader_epoch(bytes, epoch);
  if (!rebuilt.empty()) staged_copies.push_back(std::move(rebuilt));
  stage(bytes, header, marker, now);
  const bool append_time = config.timestamp_type == wire::TimestampType::kLogAppendTime;
  return AppendInfo{base, header.last_offset, append_time ? now : kNoTimestamp, start_offset, false};
}

void Log::Impl::stage(ByteView bytes, const BatchHeader& header, const std::optional<EndMarker>& marker,
                      TimestampMs now) {
  staged.push_back({bytes, header, now, header.has_producer()});
  if (header.has_producer()) undo.push_back(producers.apply(header, marker));
}

Status Log::Impl::append_as_follower(ByteView batches) {
  TRIBUTARY_TRY(check_open());
  std::vector<wire::BatchView> views;
  Offset next = next_offset();
  while (!batches.empty()) {
    const auto batch = wire::BatchView::parse(batches);
    // The last batch of a fetch answer may be cut off.
    if (!batch && batch.error().code == Errc::kTooLarge && !views.empty()) break;
    if (!batch) return tl::unexpected<Error>(batch.error());
    if (!batch->crc_matches()) return fail(Errc::kCorruption, "a fetched batch has a bad CRC");
    TRIBUTARY_ASSIGN(const BatchHeader header, BatchHeader::decode(batch->bytes()));
    if (header.base_offset < next) {
      return fail(Errc::kOutOfRange,
                  fmt::format("fetched offset {} is below {}, the next one", header.base_offset, next));
    }
    next = header.last_offset + 1;
    views.push_back(*batch);
    batches = batches.subspan(batch->size());
  }
  for (const wire::BatchView& view : views) {
    const BatchHeader header = *BatchHeader::decode(view.bytes());
    uint64_t evicted = 0;
    if (header.has_producer() && producers.find(header.producer_id) == nullptr) {
      producers.make_room(config.max_producers, evicted);
    }
    if (probe != nullptr && evicted > 0) probe->evicted_producers.add_unshared(evicted);
    stage(view.bytes(), header, header.has_producer() ? marker_of(view) : std::nullopt, last_now);
  }
  return {};
}

}  // namespace tributary::storage
