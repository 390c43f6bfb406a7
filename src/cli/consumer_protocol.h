// What members of a classic consumer group put into their metadata and assignment: Kafka's consumer protocol,
// versions 0 to 3 (a later one is read as 3, as Kafka's clients do). The bytes come from other people's
// clients. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tributary/base/bytes.h"

namespace tributary::cli {

struct TopicPartitions {
  std::string topic;
  std::vector<int32_t> partitions;

  bool operator==(const TopicPartitions&) const = default;
};

struct Subscription {
  std::vector<std::string> topics;
  std::vector<TopicPartitions> owned;
  std::optional<std::string> rack;
};

// None for bytes that are not of the protocol. An empty assignment is no partitions.
std::optional<std::vector<TopicPartitions>> decode_assignment(ByteView bytes);
std::optional<Subscription> decode_subscription(ByteView bytes);

}  // namespace tributary::cli
