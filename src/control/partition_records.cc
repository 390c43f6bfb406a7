#include "partition_records.h"

#include <fmt/format.h>

namespace tributary::control {
namespace {

// What Kafka writes where a broker has several directories and has not said yet which holds the replica.
constexpr Uuid kUnassignedDirectory{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

std::vector<int32_t> raw_ids(std::span<const NodeId> nodes) {
  std::vector<int32_t> ids;
  ids.reserve(nodes.size());
  for (const NodeId node : nodes) ids.push_back(raw(node));
  return ids;
}

std::optional<std::vector<int32_t>> raw_ids_or_null(std::span<const NodeId> nodes) {
  return nodes.empty() ? std::nullopt : std::optional(raw_ids(nodes));
}

Uuid directory_on(const OperationContext& context, NodeId node) {
  if (node == context.node && !context.log_directories.empty()) return context.log_directories.front();
  const auto broker = context.image.find_broker(node);
  return broker && broker->log_directories.size() == 1 ? broker->log_directories.front()
                                                       : kUnassignedDirectory;
}

Checked<void> check_broker(const Image& image, int32_t id) {
  const auto broker = image.find_broker(NodeId{id});
  if (!broker) {
    return refuse(
        wire::ErrorCode::kInvalidReplicaAssignment,
        fmt::format("The manual partition assignment includes broker {}, but no such broker is registered.",
                    id));
  }
  return {};
}

}  // namespace

wire::metadata::PartitionRecord partition_record(const Uuid& topic, int32_t partition,
                                                 const PartitionImage& state,
                                                 const RecordVersions& versions) {
  wire::metadata::PartitionRecord record;
  record.partition_id = partition;
  record.topic_id = topic;
  record.replicas = raw_ids(state.replicas);
  record.isr = raw_ids(state.isr);
  record.removing_replicas = raw_ids(state.removing_replicas);
  record.adding_replicas = raw_ids(state.adding_replicas);
  record.leader = raw(state.leader);
  record.leader_recovery_state = state.recovering ? 1 : 0;
  record.leader_epoch = raw(state.leader_epoch);
  record.partition_epoch = state.partition_epoch;
  if (versions.directories) record.directories = state.directories;
  record.eligible_leader_replicas = raw_ids_or_null(state.eligible_leader_replicas);
  record.last_known_elr = raw_ids_or_null(state.last_known_elr);
  return record;
}

PartitionImage new_partition(const OperationContext& context, std::vector<NodeId> replicas) {
  PartitionImage partition;
  partition.isr = active_of(context.image, replicas);
  partition.leader = partition.isr.front();
  for (const NodeId replica : replicas) partition.directories.push_back(directory_on(context, replica));
  partition.replicas = std::move(replicas);
  return partition;
}

std::vector<NodeId> active_of(const Image& image, std::span<const NodeId> replicas) {
  std::vector<NodeId> active;
  for (const NodeId replica : replicas) {
    const auto broker = image.find_broker(replica);
    if (broker && broker->active()) active.push_back(replica);
  }
  return active;
}

Checked<std::vector<NodeId>> check_assignment(const Image& image, std::span<const int32_t> brokers,
                                              std::optional<size_t> replication_factor) {
  constexpr auto kCode = wire::ErrorCode::kInvalidReplicaAssignment;
  if (brokers.empty())
    return refuse(kCode, "The manual partition assignment includes an empty replica list.");
  std::vector<int32_t> sorted(brokers.begin(), brokers.end());
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 0; i < sorted.size(); ++i) {
    TRIBUTARY_CHECK(check_broker(image, sorted[i]));
    if (i > 0 && sorted[i] == sorted[i - 1]) {
      return refuse(
          kCode,
          fmt::format("The manual partition assignment includes the broker {} more than once.", sorted[i]));
    }
  }
  if (replication_factor && brokers.size() != *replication_factor) {
    return refuse(kCode,
                  fmt::format("The manual partition assignment includes a partition with {} replica(s), but "
                              "this is not consistent with previous partitions, which have {} replica(s).",
                              brokers.size(), *replication_factor));
  }
  std::vector<NodeId> replicas;
  for (const int32_t id : brokers) replicas.push_back(NodeId{id});
  return replicas;
}

}  // namespace tributary::control
