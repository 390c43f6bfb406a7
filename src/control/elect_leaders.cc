#include "elect_leaders.h"

#include <fmt/format.h>

#include "record_versions.h"

namespace tributary::control {
namespace {

using Request = wire::ElectLeadersRequest;
using Response = wire::ElectLeadersResponse;
using Change = wire::metadata::PartitionChangeRecord;
using wire::ErrorCode;

constexpr int8_t kPreferred = 0;
constexpr int8_t kUnclean = 1;
constexpr int8_t kRecovering = 1;

bool contains(const std::vector<NodeId>& nodes, NodeId node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

struct Winner {
  NodeId node = kNoNode;
  bool unclean = false;
};

// Acceptable is who is there; a clean leader is besides in the ISR, or in the ELR of an empty one.
class Election {
 public:
  Election(const Image& image, const PartitionImage& partition) : image_(image), partition_(partition) {}

  Winner preferred() const {
    const NodeId first = partition_.replicas.front();
    if (is_clean(first)) return {first, false};
    return any();
  }

  Winner unclean() const {
    if (const Winner winner = any(); winner.node != kNoNode) return winner;
    const auto found = std::find_if(partition_.replicas.begin(), partition_.replicas.end(),
                                    [&](NodeId node) { return is_acceptable(node); });
    return found == partition_.replicas.end() ? Winner{} : Winner{*found, true};
  }

 private:
  Winner any() const {
    if (is_clean(partition_.leader)) return {partition_.leader, false};
    const auto found = std::find_if(partition_.replicas.begin(), partition_.replicas.end(),
                                    [&](NodeId node) { return is_clean(node); });
    return found == partition_.replicas.end() ? Winner{} : Winner{*found, false};
  }

  bool is_acceptable(NodeId node) const {
    const auto broker = image_.find_broker(node);
    return broker && broker->active();
  }

  bool is_clean(NodeId node) const {
    const bool in_sync = contains(partition_.isr, node) ||
                         (partition_.isr.empty() && contains(partition_.eligible_leader_replicas, node));
    return in_sync && is_acceptable(node);
  }

  const Image& image_;
  const PartitionImage& partition_;
};

Change change_of(const Uuid& topic, size_t partition) {
  Change change;
  change.topic_id = topic;
  change.partition_id = static_cast<int32_t>(partition);
  return change;
}

// The leader changes; an unclean one, or one out of the ELR, is the ISR from now on.
Change leader_change(const Uuid& topic, size_t index, const PartitionImage& partition, Winner winner) {
  Change change = change_of(topic, index);
  change.leader = raw(winner.node);
  if (contains(partition.isr, winner.node)) return change;
  change.isr = std::vector<int32_t>{raw(winner.node)};
  if (winner.unclean) change.leader_recovery_state = kRecovering;
  if (!partition.eligible_leader_replicas.empty()) change.eligible_leader_replicas.emplace();
  if (!partition.last_known_elr.empty()) change.last_known_elr.emplace();
  return change;
}

class LeaderElector {
 public:
  LeaderElector(const OperationContext& context, int8_t type)
      : context_(context),
        type_(type),
        version_(record_versions(metadata_version(context.image)).partition) {}

  Checked<void> elect(std::string_view name, const TopicPtr& topic, int32_t index) {
    if (!topic) {
      return refuse(ErrorCode::kUnknownTopicOrPartition, fmt::format("No such topic as {}", name));
    }
    if (index < 0 || static_cast<size_t>(index) >= topic->partitions.size()) {
      return refuse(ErrorCode::kUnknownTopicOrPartition,
                    fmt::format("No such partition as {}-{}", name, index));
    }
    return elect(*topic, static_cast<size_t>(index));
  }

  RecordList take_records() { return std::move(records_); }

 private:
  Checked<void> elect(const TopicImage& topic, size_t index) {
    const PartitionImage& partition = topic.partitions[index];
    const bool settled =
        type_ == kPreferred ? partition.leader == partition.replicas.front() : partition.leader != kNoNode;
    if (settled)
      return refuse(ErrorCode::kElectionNotNeeded, "Leader election not needed for topic partition.");
    const Election election(context_.image, partition);
    const Winner winner = type_ == kPreferred ? election.preferred() : election.unclean();
    if (winner.node == kNoNode || winner.node == partition.leader) {
      if (type_ == kPreferred) {
        return refuse(ErrorCode::kPreferredLeaderNotAvailable, "The preferred leader was not available.");
      }
      return refuse(ErrorCode::kEligibleLeadersNotAvailable,
                    "Eligible topic partition leaders are not available.");
    }
    records_.add(leader_change(topic.id, index, partition, winner), version_);
    return {};
  }

  const OperationContext& context_;
  int8_t type_;
  int16_t version_;
  RecordList records_;
};

Response::PartitionResult result_of(const OperationContext& context, int32_t partition, Checked<void> done) {
  Response::PartitionResult result;
  result.partition_id = partition;
  set_success(result);
  if (!done) set_fault(result, std::move(done).error(), context.arena);
  return result;
}

// Every partition; those where nothing is to be done are left out of the answer.
void elect_all(const OperationContext& context, LeaderElector& elector, Response& response) {
  context.image.for_each_topic([&](const TopicPtr& topic) {
    Response::ReplicaElectionResult results;
    results.topic = context.arena.keep(topic->name);
    for (size_t i = 0; i < topic->partitions.size(); ++i) {
      const auto index = static_cast<int32_t>(i);
      auto done = elector.elect(topic->name, topic, index);
      if (!done && done.error().code == ErrorCode::kElectionNotNeeded) continue;
      results.partition_result.push_back(result_of(context, index, std::move(done)));
    }
    response.replica_election_results.push_back(std::move(results));
  });
}

void elect_named(const OperationContext& context, LeaderElector& elector, const Request& request,
                 Response& response) {
  for (const auto& asked : *request.topic_partitions) {
    const TopicPtr topic = context.image.find_topic(asked.topic);
    Response::ReplicaElectionResult results;
    results.topic = asked.topic;
    for (const int32_t partition : asked.partitions) {
      results.partition_result.push_back(
          result_of(context, partition, elector.elect(asked.topic, topic, partition)));
    }
    response.replica_election_results.push_back(std::move(results));
  }
}

// Each partition is told as well: not every client looks at the answer's own error.
Response refuse_type(const OperationContext& context, const Request& request) {
  Response response;
  response.error_code = ErrorCode::kInvalidRequest;
  if (!request.topic_partitions) return response;
  for (const auto& asked : *request.topic_partitions) {
    auto& results = response.replica_election_results.emplace_back();
    results.topic = asked.topic;
    for (const int32_t partition : asked.partitions) {
      results.partition_result.push_back(
          result_of(context, partition,
                    refuse(ErrorCode::kInvalidRequest,
                           fmt::format("Unknown election type {}", request.election_type))));
    }
  }
  return response;
}

bool can_lead_again(const PartitionImage& partition, NodeId node) {
  if (partition.leader == node) return true;
  if (partition.leader != kNoNode) return false;
  if (!partition.isr.empty()) return contains(partition.isr, node);
  return contains(partition.eligible_leader_replicas, node) ||
         partition.last_known_elr == std::vector<NodeId>{node};
}

}  // namespace

Planned<Response> plan_elect_leaders(const OperationContext& context, const Request& request) {
  Planned<Response> planned;
  if (request.election_type != kPreferred && request.election_type != kUnclean) {
    planned.response = refuse_type(context, request);
    return planned;
  }
  LeaderElector elector(context, request.election_type);
  if (request.topic_partitions) {
    elect_named(context, elector, request, planned.response);
  } else {
    elect_all(context, elector, planned.response);
  }
  planned.records = elector.take_records();
  return planned;
}

RecordList leadership_of_returning(const Image& image, NodeId node) {
  const int16_t version = record_versions(metadata_version(image)).partition;
  RecordList records;
  image.for_each_topic([&](const TopicPtr& topic) {
    for (size_t i = 0; i < topic->partitions.size(); ++i) {
      const PartitionImage& partition = topic->partitions[i];
      if (can_lead_again(partition, node)) {
        records.add(leader_change(topic->id, i, partition, {node, false}), version);
      }
    }
  });
  return records;
}

}  // namespace tributary::control
