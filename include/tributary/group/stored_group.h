// A consumer group as the log of __consumer_offsets tells of it: what the view keeps and the coordinator
// loads. Plain values, owned; any thread.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tributary/base/ids.h"
#include "tributary/base/uuid.h"

namespace tributary::group {

struct TopicPartition {
  std::string topic;
  int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};
// The same without a string of its own, to look things up by.
struct TopicPartitionView {
  std::string_view topic;
  int32_t partition = 0;
};
struct TopicPartitionLess {
  using is_transparent = void;
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    const int order = std::string_view(a.topic).compare(b.topic);
    return order != 0 ? order < 0 : a.partition < b.partition;
  }
};

struct CommittedOffset {
  Offset offset = -1;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  std::string metadata{};
  TimestampMs commit_timestamp = kNoTimestamp;
  TimestampMs expire_timestamp = kNoTimestamp;  // only commits of clients before 2.1 set it
  Uuid topic_id{};                              // zero if the client did not say
  bool operator==(const CommittedOffset&) const = default;
};
using OffsetMap = std::map<TopicPartition, CommittedOffset, TopicPartitionLess>;

struct StoredMember {
  std::string id{};
  std::optional<std::string> instance_id{};
  std::string client_id{};
  std::string client_host{};
  int32_t rebalance_timeout_ms = -1;
  int32_t session_timeout_ms = 0;
  std::vector<uint8_t> subscription{};
  std::vector<uint8_t> assignment{};
  bool operator==(const StoredMember&) const = default;
};

// A GroupMetadata record.
struct StoredMetadata {
  std::string protocol_type{};
  int32_t generation = 0;
  std::optional<std::string> protocol{};
  std::optional<std::string> leader{};
  TimestampMs state_timestamp = kNoTimestamp;
  std::vector<StoredMember> members{};
  bool operator==(const StoredMetadata&) const = default;
};

struct StoredGroup {
  std::optional<StoredMetadata> metadata;  // none: only offsets, or no such group
  OffsetMap offsets;
  // Transactional commits whose marker has not come, by producer.
  std::map<ProducerId, OffsetMap> pending_offsets;
  // Written by a protocol this build does not serve (the newer consumer, share and streams groups): the id is
  // taken, and requests of the classic protocol are refused.
  bool foreign = false;
  bool exists() const { return metadata || foreign || !offsets.empty() || !pending_offsets.empty(); }
  bool operator==(const StoredGroup&) const = default;
};

}  // namespace tributary::group
