// The requests the generator sends, in versions that both Apache Kafka 4 and this broker serve. Each function
// gives a whole frame, correlation id zero; stamp() sets it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "batch.h"
#include "encode.h"

namespace tributary::bench {

inline constexpr size_t kFrameHeader = 12;  // length, key, version, correlation id

struct TopicPartition {
  std::string topic;
  int32_t partition = 0;
};

void stamp(MutableBytes frame, int32_t correlation_id);

Buffer api_versions_request();
Buffer metadata_request();  // of all topics
Buffer init_producer_id_request();

// PREFIX-0, PREFIX-1, ..., or PREFIX alone if there is one.
std::vector<std::string> topic_names(std::string_view prefix, int32_t count);
Buffer create_topics_request(std::span<const std::string> topics, int32_t partitions);

// The batch once for each partition; positions of the copies come back, for patching. Partitions of one topic
// adjoin.
struct ProduceFrame {
  Buffer bytes;
  std::vector<size_t> batches;
  size_t batch_size = 0;
};
ProduceFrame produce_request(const std::vector<TopicPartition>& targets, ByteView batch, int16_t acks);

struct FetchTarget {
  TopicPartition partition;
  int64_t offset = 0;
};
struct FetchLimits {
  int32_t max_wait_ms = 500;
  int32_t min_bytes = 1;
  int32_t max_bytes = 50 << 20;
  int32_t partition_max_bytes = 1 << 20;
};
Buffer fetch_request(const std::vector<FetchTarget>& targets, const FetchLimits& limits);

// What the answers say; `body` begins after the correlation id.
struct ProduceAnswer {
  int16_t error = 0;         // the first that is not zero
  int64_t base_offset = -1;  // of the last partition
};
ProduceAnswer read_produce_answer(ByteView body);
std::optional<Producer> read_producer(ByteView body);
int16_t read_create_topics_error(ByteView body);  // the first that is neither zero nor "already exists"

}  // namespace tributary::bench
