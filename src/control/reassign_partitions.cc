#include "reassign_partitions.h"

#include <fmt/format.h>

#include "partition_records.h"

namespace tributary::control {
namespace {

using Request = wire::AlterPartitionReassignmentsRequest;
using Response = wire::AlterPartitionReassignmentsResponse;
using ListRequest = wire::ListPartitionReassignmentsRequest;
using ListResponse = wire::ListPartitionReassignmentsResponse;
using wire::ErrorCode;

std::vector<int32_t> raw_ids(const std::vector<NodeId>& nodes) {
  std::vector<int32_t> ids;
  ids.reserve(nodes.size());
  for (const NodeId node : nodes) ids.push_back(raw(node));
  return ids;
}

Checked<void> check_target(const OperationContext& context, const PartitionImage& partition,
                           std::span<const int32_t> target, bool factor_may_change) {
  auto replicas = check_assignment(context.image, target, std::nullopt);
  TRIBUTARY_CHECK(replicas);
  if (!factor_may_change && replicas->size() != partition.replicas.size()) {
    return refuse(ErrorCode::kInvalidReplicationFactor,
                  fmt::format("The replication factor is changed from {} to {}", partition.replicas.size(),
                              replicas->size()));
  }
  if (*replicas == partition.replicas) return {};
  return refuse(
      ErrorCode::kInvalidReplicaAssignment,
      fmt::format("Replicas can only be on broker {}: this cluster has one node.", raw(context.node)));
}

Checked<void> reassign(const OperationContext& context, std::string_view name,
                       const Request::ReassignablePartition& asked, bool factor_may_change) {
  const TopicPtr topic = context.image.find_topic(name);
  if (!topic) {
    return refuse(ErrorCode::kUnknownTopicOrPartition, fmt::format("Unable to find a topic named {}.", name));
  }
  if (asked.partition_index < 0 || static_cast<size_t>(asked.partition_index) >= topic->partitions.size()) {
    return refuse(ErrorCode::kUnknownTopicOrPartition,
                  fmt::format("Unable to find partition {}:{}.", name, asked.partition_index));
  }
  if (!asked.replicas) {
    return refuse(ErrorCode::kNoReassignmentInProgress, "No partition reassignment is in progress.");
  }
  return check_target(context, topic->partitions[static_cast<size_t>(asked.partition_index)], *asked.replicas,
                      factor_may_change);
}

bool under_way(const PartitionImage& partition) {
  return !partition.adding_replicas.empty() || !partition.removing_replicas.empty();
}

void add_ongoing(const TopicImage& topic, int32_t index, ListResponse::OngoingTopicReassignment& to) {
  if (index < 0 || static_cast<size_t>(index) >= topic.partitions.size()) return;
  const PartitionImage& partition = topic.partitions[static_cast<size_t>(index)];
  if (!under_way(partition)) return;
  ListResponse::OngoingPartitionReassignment ongoing;
  ongoing.partition_index = index;
  ongoing.replicas = raw_ids(partition.replicas);
  ongoing.adding_replicas = raw_ids(partition.adding_replicas);
  ongoing.removing_replicas = raw_ids(partition.removing_replicas);
  to.partitions.push_back(std::move(ongoing));
}

}  // namespace

Response check_reassignments(const OperationContext& context, const Request& request) {
  Response response;
  response.allow_replication_factor_change = request.allow_replication_factor_change;
  response.error_message = std::nullopt;
  for (const auto& topic : request.topics) {
    auto& results = response.responses.emplace_back();
    results.name = topic.name;
    for (const auto& partition : topic.partitions) {
      auto& result = results.partitions.emplace_back();
      result.partition_index = partition.partition_index;
      set_success(result);
      auto done = reassign(context, topic.name, partition, request.allow_replication_factor_change);
      if (!done) set_fault(result, std::move(done).error(), context.arena);
    }
  }
  return response;
}

ListResponse list_reassignments(const Image& image, const ListRequest& request, wire::Arena& arena) {
  ListResponse response;
  response.error_message = std::nullopt;
  const auto add = [&](const TopicImage& topic, const std::vector<int32_t>* indexes) {
    ListResponse::OngoingTopicReassignment ongoing;
    ongoing.name = arena.keep(topic.name);
    const auto count = static_cast<int32_t>(topic.partitions.size());
    for (int32_t i = 0; indexes == nullptr && i < count; ++i) add_ongoing(topic, i, ongoing);
    if (indexes != nullptr) {
      for (const int32_t index : *indexes) add_ongoing(topic, index, ongoing);
    }
    if (!ongoing.partitions.empty()) response.topics.push_back(std::move(ongoing));
  };
  if (!request.topics) {
    image.for_each_topic([&](const TopicPtr& topic) { add(*topic, nullptr); });
    return response;
  }
  for (const auto& asked : *request.topics) {
    if (const TopicPtr topic = image.find_topic(asked.name)) add(*topic, &asked.partition_indexes);
  }
  return response;
}

}  // namespace tributary::control
