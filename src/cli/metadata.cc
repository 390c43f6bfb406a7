#include "metadata.h"

#include <algorithm>

namespace tributary::cli {
namespace {

PartitionInfo to_partition(const wire::MetadataResponse::MetadataResponsePartition& from) {
  return {from.error_code,    from.partition_index, from.leader_id,       from.leader_epoch,
          from.replica_nodes, from.isr_nodes,       from.offline_replicas};
}

TopicInfo to_topic(const wire::MetadataResponse::MetadataResponseTopic& from) {
  TopicInfo topic{from.error_code, std::string(from.name.value_or("")), from.topic_id, from.is_internal, {}};
  for (const auto& partition : from.partitions) topic.partitions.push_back(to_partition(partition));
  std::ranges::sort(topic.partitions, {}, &PartitionInfo::index);
  return topic;
}

}  // namespace

Metadata to_metadata(const wire::MetadataResponse& response) {
  Metadata metadata;
  metadata.cluster_id = response.cluster_id.value_or("");
  metadata.controller = response.controller_id;
  for (const auto& broker : response.brokers) {
    auto& info = metadata.brokers.emplace_back();
    info.id = broker.node_id;
    info.address = {std::string(broker.host), static_cast<uint16_t>(broker.port)};
    if (broker.rack) info.rack = std::string(*broker.rack);
  }
  for (const auto& topic : response.topics) metadata.topics.push_back(to_topic(topic));
  std::ranges::sort(metadata.brokers, {}, &BrokerInfo::id);
  std::ranges::sort(metadata.topics, {}, &TopicInfo::name);
  return metadata;
}

const PartitionInfo* TopicInfo::find(int32_t partition) const {
  const auto found = std::ranges::lower_bound(partitions, partition, {}, &PartitionInfo::index);
  return found != partitions.end() && found->index == partition ? &*found : nullptr;
}

const TopicInfo* Metadata::find(std::string_view name) const {
  const auto found = std::ranges::lower_bound(topics, name, {}, &TopicInfo::name);
  return found != topics.end() && found->name == name ? &*found : nullptr;
}

}  // namespace tributary::cli
