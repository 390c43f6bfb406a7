#include "topics.h"

#include <fmt/format.h>

#include <set>

#include "name_patterns.h"
#include "text.h"
#include "tributary/wire/messages/list_offsets.h"

namespace tributary::cli {
namespace {

Result<Metadata> matching_topics(Session& session, const std::vector<std::string>& patterns) {
  TRIBUTARY_ASSIGN(const NamePatterns expressions, NamePatterns::compile(patterns));
  TRIBUTARY_ASSIGN(Metadata all, session.cluster().metadata(std::nullopt));
  std::erase_if(all.topics,
                [&](const TopicInfo& topic) { return topic.internal || !expressions.match(topic.name); });
  if (all.topics.empty()) session.out.failure("topics", "none matches");
  return all;
}

std::vector<std::string> all_names(Cluster& cluster) {
  std::vector<std::string> names;
  if (const auto all = cluster.metadata(std::nullopt)) {
    names.reserve(all->topics.size());
    for (const TopicInfo& topic : all->topics) names.push_back(topic.name);
  }
  return names;
}

void report_unknown(Session& session, const TopicInfo& topic) {
  std::string message = "there is no such topic";
  if (topic.error != wire::ErrorCode::kUnknownTopicOrPartition)
    return session.out.failure(topic.name, topic.error);
  if (const auto other = nearest(topic.name, all_names(session.cluster()))) {
    message += fmt::format("; is '{}' meant?", *other);
  }
  session.out.failure(topic.name, topic.error, message);
}

bool is_worth_a_retry(wire::ErrorCode code) {
  return code == wire::ErrorCode::kNotLeaderOrFollower || code == wire::ErrorCode::kFencedLeaderEpoch ||
         code == wire::ErrorCode::kUnknownLeaderEpoch || code == wire::ErrorCode::kOffsetNotAvailable;
}

using Pending = std::set<PartitionId>;

// One round: asks each leader for those of its partitions that are pending, and takes out what needs no other
// round.
Status ask_leaders(Cluster& cluster, const Metadata& topics, wire::ListOffsetsRequest request,
                   TimestampMs timestamp, Pending& pending, OffsetList& offsets) {
  std::map<int32_t, std::map<std::string, std::vector<int32_t>>> by_leader;
  for (const PartitionId& id : pending) {
    const TopicInfo* topic = topics.find(id.first);
    const auto found = topic == nullptr ? nullptr : topic->find(id.second);
    offsets[id] = {found == nullptr ? wire::ErrorCode::kUnknownTopicOrPartition
                                    : wire::ErrorCode::kLeaderNotAvailable};
    if (found != nullptr && found->leader >= 0) by_leader[found->leader][id.first].push_back(id.second);
  }
  pending.clear();
  for (const auto& [leader, its_topics] : by_leader) {
    request.topics.clear();
    for (const auto& [name, partitions] : its_topics) {
      auto& asked = request.topics.emplace_back();
      asked.name = name;
      for (const int32_t index : partitions) {
        auto& partition = asked.partitions.emplace_back();
        partition.partition_index = index;
        partition.timestamp = timestamp;
      }
    }
    TRIBUTARY_ASSIGN(const auto answer, cluster.ask<wire::ListOffsetsResponse>(leader, request));
    for (const auto& topic : answer->topics) {
      for (const auto& partition : topic.partitions) {
        const PartitionId id{std::string(topic.name), partition.partition_index};
        offsets[id] = {partition.error_code, partition.offset};
        if (is_worth_a_retry(partition.error_code)) pending.insert(id);
      }
    }
  }
  return {};
}

}  // namespace

Result<Metadata> find_topics(Session& session, const std::vector<std::string>& names, bool regex) {
  if (regex) return matching_topics(session, names);
  const std::set<std::string> once(names.begin(), names.end());
  TRIBUTARY_ASSIGN(Metadata found,
                   session.cluster().metadata(std::vector<std::string>(once.begin(), once.end())));
  std::erase_if(found.topics, [&](const TopicInfo& topic) {
    if (topic.error == wire::ErrorCode::kNone) return false;
    report_unknown(session, topic);
    return true;
  });
  return found;
}

Result<OffsetList> list_offsets(Cluster& cluster, const Metadata& topics, TimestampMs timestamp,
                                Isolation isolation) {
  constexpr int kRounds = 5;
  wire::ListOffsetsRequest request;
  request.replica_id = -1;
  request.isolation_level = static_cast<int8_t>(isolation);
  request.timeout_ms = cluster.timeout_ms();
  OffsetList offsets;
  Pending pending;
  std::set<std::string> names;
  for (const TopicInfo& topic : topics.topics) {
    for (const PartitionInfo& partition : topic.partitions) pending.emplace(topic.name, partition.index);
    names.insert(topic.name);
  }
  TRIBUTARY_TRY(ask_leaders(cluster, topics, request, timestamp, pending, offsets));
  for (int round = 1; round < kRounds && !pending.empty() && Cluster::pause(cluster.deadline()); ++round) {
    TRIBUTARY_ASSIGN(const Metadata now,
                     cluster.metadata(std::vector<std::string>(names.begin(), names.end())));
    TRIBUTARY_TRY(ask_leaders(cluster, now, request, timestamp, pending, offsets));
  }
  return offsets;
}

Result<std::vector<int32_t>> parse_partitions(std::string_view list) {
  std::vector<int32_t> partitions;
  for (const std::string& text : split(list, ',')) {
    const auto number = parse_number<int32_t>(text);
    if (!number || *number < 0) {
      return fail(Errc::kInvalidArgument,
                  fmt::format("'{}' is no partition: expected numbers such as 0,1,2", text));
    }
    partitions.push_back(*number);
  }
  return partitions;
}

Result<PartitionChoice> parse_partition_choice(std::string_view text) {
  const size_t colon = text.find(':');
  PartitionChoice choice{std::string(text.substr(0, colon)), {}};
  if (choice.topic.empty()) return fail(Errc::kInvalidArgument, fmt::format("'{}' names no topic", text));
  if (colon != std::string_view::npos) {
    TRIBUTARY_ASSIGN(choice.partitions, parse_partitions(text.substr(colon + 1)));
    if (choice.partitions.empty()) {
      return fail(Errc::kInvalidArgument, fmt::format("'{}': expected topic or topic:0,1", text));
    }
  }
  return choice;
}

}  // namespace tributary::cli
