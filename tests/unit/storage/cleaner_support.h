// What the tests of the cleaner share: a log with keyed records in as many segments as a test wants, a pass
// over it from begin to end, and its records read back.
#pragma once
#include <fmt/format.h>

#include "log_support.h"
#include "tributary/storage/cleaner.h"
#include "tributary/storage/memory_file_system.h"

namespace tributary::storage::test {

struct Pair {
  std::optional<std::string> key;
  std::optional<std::string> value;
};

struct KeyedSpec {
  TimestampMs timestamp = kNow;
  wire::Codec codec = wire::Codec::kNone;
  int64_t producer_id = -1;
  int16_t epoch = 0;
  int32_t sequence = 0;
  bool transactional = false;
};

inline std::vector<uint8_t> keyed_batch(const std::vector<Pair>& pairs, const KeyedSpec& spec = {}) {
  wire::BatchOptions options;
  options.codec = spec.codec;
  if (spec.producer_id >= 0) {
    options.producer_id = ProducerId{spec.producer_id};
    options.producer_epoch = spec.epoch;
    options.base_sequence = spec.sequence;
    options.transactional = spec.transactional;
  }
  wire::BatchBuilder builder(options);
  TimestampMs at = spec.timestamp;
  const auto view = [](const std::optional<std::string>& text) {
    return text ? std::optional(as_bytes(*text)) : std::nullopt;
  };
  for (const Pair& pair : pairs) builder.append(at++, view(pair.key), view(pair.value));
  return builder.build();
}

struct FoundRecord {
  Offset offset;
  std::string key;
  std::optional<std::string> value;
  TimestampMs timestamp;
  bool operator==(const FoundRecord&) const = default;
};

class CleanerTest : public ::testing::Test {
 protected:
  CleanerTest() {
    config.compact_policy = true;
    config.delete_policy = false;
    config.index_interval_bytes = 100;
    config.retention_ms = -1;
    begin_anew();
  }
  void begin_anew() {
    log.reset();
    fs = MemoryFileSystem();
    recovery_point = 0;
    first_dirty.reset();
    EXPECT_TRUE(fs.create_directories("/logs"));
    EXPECT_TRUE(fs.sync_directory("/"));
  }

  void open(bool clean_shutdown = false) {
    LogOptions options = options_for(fs, config);
    options.now = now;
    options.recovery_point = recovery_point;
    options.first_dirty_offset = first_dirty;
    options.clean_shutdown = clean_shutdown;
    log = open_log(options);
  }
  Log& the_log() {
    if (!log) open();
    return *log;
  }

  Offset put(const std::vector<Pair>& pairs, const KeyedSpec& spec = {}) {
    const auto info = append(the_log(), keyed_batch(pairs, spec), AppendOrigin::kClient, LeaderEpoch{0}, now);
    EXPECT_TRUE(info.has_value()) << (info ? "" : info.error().message);
    return info ? info->first_offset : -1;
  }
  Offset put_bytes(std::vector<uint8_t> batch) {
    const auto info = append(the_log(), std::move(batch), AppendOrigin::kCoordinator, LeaderEpoch{0}, now);
    EXPECT_TRUE(info.has_value()) << (info ? "" : info.error().message);
    return info ? info->first_offset : -1;
  }
  // The next batch begins a segment.
  void roll() {
    LogConfig tiny = config;
    tiny.segment_bytes = static_cast<int64_t>(61 + 20);
    tiny.segment_ms = 0;
    the_log().set_config(tiny);
    now += 1000;
    auto batch = keyed_batch({{"roll", ""}}, {.timestamp = now});
    tiny.segment_bytes = static_cast<int64_t>(batch.size());
    the_log().set_config(tiny);
    EXPECT_TRUE(append(the_log(), batch, AppendOrigin::kClient, LeaderEpoch{0}, now));
    the_log().set_config(config);
  }
  // Everything is on the disk and in the checkpoint, as it is some time after an append.
  void settle() {
    if (auto ticket = the_log().begin_sync()) {
      EXPECT_TRUE(ticket->run());
      EXPECT_TRUE(the_log().sync_done(*ticket));
    }
    recovery_point = the_log().recovery_point();
    the_log().note_checkpointed(recovery_point);
  }

  Result<CleaningStats> clean(CleaningOptions options = {}) {
    options.now = now;
    TRIBUTARY_ASSIGN(auto pass, the_log().begin_cleaning(options, the_log().end_offset()));
    const Result<CleaningStats> stats = run(*pass);
    if (!stats) pass->discard();
    the_log().end_cleaning(*pass);
    return stats;
  }
  Result<CleaningStats> run(Cleaning& pass) {
    while (true) {
      TRIBUTARY_ASSIGN(const auto next, pass.step());
      if (next == Cleaning::Next::kCancelled) return fail(Errc::kBusy, "cancelled");
      if (next == Cleaning::Next::kDone) break;
      if (next != Cleaning::Next::kSwap) continue;
      TRIBUTARY_ASSIGN(auto removal, the_log().swap_cleaned(pass));
      removal.run();
    }
    first_dirty = pass.end_offset();
    the_log().set_first_dirty_offset(pass.end_offset());
    return pass.stats();
  }
  // Everything put so far lies in closed segments, and one pass goes over it.
  CleaningStats settle_and_clean(const CleaningOptions& options = {}) {
    roll();
    settle();
    const auto stats = clean(options);
    EXPECT_TRUE(stats.has_value()) << (stats ? "" : stats.error().message);
    return stats.value_or(CleaningStats{});
  }

  std::vector<uint8_t> all_bytes() { return bytes_from(the_log().start_offset()); }
  std::vector<uint8_t> bytes_from(Offset at) {
    std::vector<uint8_t> all;
    while (at < the_log().end_offset()) {
      const auto back = read_from(the_log(), at);
      EXPECT_TRUE(back.has_value()) << (back ? "" : back.error().message);
      if (!back || back->bytes.empty()) break;
      for (ByteView rest = back->bytes; !rest.empty();) {
        const auto batch = wire::BatchView::parse(rest);
        at = batch->next_offset();
        rest = rest.subspan(batch->size());
      }
      all.insert(all.end(), back->bytes.begin(), back->bytes.end());
    }
    return all;
  }
  // Of the log, without control records and those of roll().
  std::vector<FoundRecord> records() { return records_of(all_bytes()); }
  static std::vector<FoundRecord> records_of(ByteView bytes) {
    std::vector<FoundRecord> found;
    for_each_batch(bytes, [&](const wire::BatchView& batch) {
      if (batch.is_control()) return;
      std::vector<uint8_t> scratch;
      const auto plain = wire::plain_records(batch, scratch, 1 << 20);
      wire::RecordIterator records(*plain, batch.record_count());
      const bool append_time = batch.timestamp_type() == wire::TimestampType::kLogAppendTime;
      while (const auto record = records.next()) {
        const std::string key(as_text(record->key.value_or(ByteView{})));
        if (key == "roll") continue;
        found.push_back(
            {batch.base_offset() + record->offset_delta, key,
             record->value ? std::optional(std::string(as_text(*record->value))) : std::nullopt,
             append_time ? batch.max_timestamp() : batch.base_timestamp() + record->timestamp_delta});
      }
      EXPECT_TRUE(records.at_end());
    });
    return found;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> all;
    for (const FoundRecord& record : records()) {
      all.push_back(fmt::format("{}:{}={}", record.offset, record.key, record.value.value_or("-")));
    }
    return all;
  }
  template <typename Visit>
  static void for_each_batch(ByteView bytes, Visit visit) {
    while (!bytes.empty()) {
      const auto batch = wire::BatchView::parse(bytes);
      ASSERT_TRUE(batch.has_value());
      ASSERT_TRUE(batch->crc_matches());
      visit(*batch);
      bytes = bytes.subspan(batch->size());
    }
  }
  std::vector<std::string> files() {
    std::vector<std::string> names;
    const auto entries = fs.list("/logs/t-0");
    for (const auto& entry : *entries) names.push_back(entry.name);
    return names;
  }

  MemoryFileSystem fs;
  LogConfig config;
  std::unique_ptr<Log> log;
  TimestampMs now = kNow;
  Offset recovery_point = 0;
  std::optional<Offset> first_dirty;
};

}  // namespace tributary::storage::test
