// What the tests of logs share: batches, reading back, a log in a directory of a file system.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tributary/storage/log.h"

namespace tributary::storage::test {

inline constexpr TimestampMs kNow = 1'700'000'000'000;

struct BatchSpec {
  int records = 1;
  size_t value_size = 10;
  TimestampMs timestamp = kNow;
  wire::Codec codec = wire::Codec::kNone;
  int64_t producer_id = -1;
  int16_t epoch = 0;
  int32_t sequence = 0;
  bool transactional = false;
  bool with_key = true;
};

inline std::vector<uint8_t> make_batch(const BatchSpec& spec, Offset base_offset = 0,
                                       LeaderEpoch leader_epoch = kNoLeaderEpoch) {
  wire::BatchOptions options;
  options.base_offset = base_offset;
  options.leader_epoch = leader_epoch;
  options.codec = spec.codec;
  if (spec.producer_id >= 0) {
    options.producer_id = ProducerId{spec.producer_id};
    options.producer_epoch = spec.epoch;
    options.base_sequence = spec.sequence;
    options.transactional = spec.transactional;
  }
  wire::BatchBuilder builder(options);
  for (int i = 0; i < spec.records; ++i) {
    const std::string key = "k" + std::to_string(i);
    std::string value(spec.value_size, static_cast<char>('a' + i % 26));
    builder.append(spec.timestamp + i, spec.with_key ? std::optional(as_bytes(key)) : std::nullopt,
                   as_bytes(value));
  }
  return builder.build();
}

inline std::vector<uint8_t> make_marker(int64_t producer_id, int16_t epoch, bool abort,
                                        int32_t coordinator_epoch = 0, Offset base_offset = 0,
                                        LeaderEpoch leader_epoch = kNoLeaderEpoch) {
  wire::BatchOptions options;
  options.base_offset = base_offset;
  options.leader_epoch = leader_epoch;
  options.producer_id = ProducerId{producer_id};
  options.producer_epoch = epoch;
  options.transactional = true;
  options.control = true;
  std::array<uint8_t, 4> key{};
  store_be<int16_t>(key.data() + 2, abort ? 0 : 1);
  std::array<uint8_t, 6> value{};
  store_be(value.data() + 2, coordinator_epoch);
  wire::BatchBuilder builder(options);
  builder.append(kNow, ByteView(key), ByteView(value));
  return builder.build();
}

inline std::unique_ptr<Log> open_log(LogOptions options) {
  auto log = Log::open(std::move(options));
  EXPECT_TRUE(log.has_value()) << (log ? "" : log.error().message);
  return log ? std::move(*log) : nullptr;
}

inline LogOptions options_for(FileSystem& fs, LogConfig config = {}) {
  LogOptions options;
  options.fs = &fs;
  options.directory = "/logs/t-0";
  options.name = {"t", 0};
  options.config = config;
  options.now = kNow;
  return options;
}

// Appends and writes; the error's code if it was refused.
inline tl::expected<AppendInfo, AppendError> append(Log& log, std::vector<uint8_t> batch,
                                                    AppendOrigin origin = AppendOrigin::kClient,
                                                    LeaderEpoch epoch = LeaderEpoch{0},
                                                    TimestampMs now = kNow) {
  auto info = log.append(batch, epoch, origin, now);
  if (!info) return info;
  const Status written = log.write_staged();
  if (!written)
    return tl::unexpected<AppendError>(
        AppendError{wire::ErrorCode::kKafkaStorageError, written.error().message, {}});
  return info;
}

struct ReadBack {
  std::vector<uint8_t> bytes;
  std::vector<AbortedTransaction> aborted;
};

inline Result<ReadBack> read(const Log& log, ReadRequest request, Offset high_watermark) {
  TRIBUTARY_ASSIGN(ReadPlan plan, log.plan_read(request, high_watermark));
  TRIBUTARY_ASSIGN(const size_t size, plan.size(ReadMode::kBlocking));
  ReadBack back;
  back.bytes.resize(size);
  TRIBUTARY_ASSIGN(auto outcome, plan.execute(back.bytes, ReadMode::kBlocking));
  back.bytes.resize(outcome.bytes);
  back.aborted = std::move(outcome.aborted);
  return back;
}

inline Result<ReadBack> read_from(const Log& log, Offset offset, size_t max_bytes = 1 << 20) {
  return read(log, {offset, max_bytes, Isolation::kLogEnd, true}, log.end_offset());
}

inline std::vector<Offset> base_offsets(ByteView bytes) {
  std::vector<Offset> offsets;
  while (!bytes.empty()) {
    const auto batch = wire::BatchView::parse(bytes);
    if (!batch) break;
    offsets.push_back(batch->base_offset());
    bytes = bytes.subspan(batch->size());
  }
  return offsets;
}

}  // namespace tributary::storage::test
