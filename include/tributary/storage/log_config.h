// The settings of one log, resolved from topic, broker and default levels. Names and meanings are Kafka's
// topic configs; sizes in bytes, times in milliseconds; -1 is "no limit" where Kafka has it so.
#pragma once
#include <cstdint>
#include <optional>

#include "tributary/wire/record_batch.h"

namespace tributary::storage {

struct LogConfig {
  int64_t segment_bytes = 1 << 30;
  int64_t segment_ms = 7LL * 24 * 3600 * 1000;
  int64_t segment_jitter_ms = 0;
  int32_t segment_index_bytes = 10 << 20;
  int32_t index_interval_bytes = 4096;
  int64_t retention_ms = 7LL * 24 * 3600 * 1000;
  int64_t retention_bytes = -1;
  int64_t max_message_bytes = 1048588;
  wire::TimestampType timestamp_type = wire::TimestampType::kCreateTime;
  int64_t timestamp_before_max_ms = INT64_MAX;
  int64_t timestamp_after_max_ms = 3600 * 1000;
  int64_t flush_messages = INT64_MAX;
  int64_t flush_ms = INT64_MAX;
  int64_t file_delete_delay_ms = 60'000;
  bool delete_policy = true;
  bool compact_policy = false;
  double min_cleanable_dirty_ratio = 0.5;
  int64_t delete_retention_ms = 24LL * 3600 * 1000;
  int64_t min_compaction_lag_ms = 0;
  int64_t max_compaction_lag_ms = INT64_MAX;
  bool preallocate = false;
  std::optional<wire::Codec> codec;  // compression.type; none = "producer", keep what came
  int compression_level = wire::kDefaultLevel;
  int32_t min_insync_replicas = 1;
  // Broker-wide, the same for every log.
  int64_t producer_id_expiration_ms = 24LL * 3600 * 1000;
  size_t max_producers = 100'000;     // per partition; over it the one idle longest goes first
  size_t inflated_limit = 512 << 20;  // of one decompressed batch

  // Age at which a segment is closed: a compacted log must close it to have it cleaned in time.
  int64_t longest_segment_ms() const {
    return compact_policy && max_compaction_lag_ms < segment_ms ? max_compaction_lag_ms : segment_ms;
  }

  bool operator==(const LogConfig&) const = default;
};

}  // namespace tributary::storage
