// What several verbs ask about topics and partitions.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cluster.h"
#include "session.h"
#include "tributary/base/ids.h"

namespace tributary::cli {

using PartitionId = std::pair<std::string, int32_t>;  // topic and index

// The topics a command line names, or those whose names match them as regular expressions (whole names,
// internal topics left out). One that does not exist is reported, with the nearest name that does, and left
// out.
Result<Metadata> find_topics(Session& session, const std::vector<std::string>& names, bool regex);

struct ListedOffset {
  wire::ErrorCode error{};
  Offset offset = -1;  // -1: no record that late
};

// ListOffsets, asked of the leader of each partition of `topics`, again if leadership moved.
inline constexpr TimestampMs kEarliest = -2;
inline constexpr TimestampMs kLatest = -1;
enum class Isolation : int8_t { kReadUncommitted = 0, kReadCommitted = 1 };
using OffsetList = std::map<PartitionId, ListedOffset>;
Result<OffsetList> list_offsets(Cluster& cluster, const Metadata& topics, TimestampMs timestamp,
                                Isolation isolation = Isolation::kReadUncommitted);

// topic:0,1 names partitions, topic all of them. The result keeps what is named of `topics`.
struct PartitionChoice {
  std::string topic;
  std::vector<int32_t> partitions;  // empty: all
};
Result<PartitionChoice> parse_partition_choice(std::string_view text);
Result<std::vector<int32_t>> parse_partitions(std::string_view list);

}  // namespace tributary::cli
