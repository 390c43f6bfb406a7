#include "refusals.h"

#include "topic_name.h"

namespace tributary::control {
namespace {

using wire::ErrorCode;

template <typename Items>
void refuse_items(Items& items, ErrorCode code, std::string_view message) {
  for (auto& item : items) {
    if (item.error_code != ErrorCode::kNone) continue;
    item.error_code = code;
    item.error_message = message;
  }
}

}  // namespace

void refuse_all(wire::CreateTopicsResponse& response, ErrorCode code, std::string_view message) {
  for (auto& topic : response.topics) {
    if (topic.error_code != ErrorCode::kNone) continue;
    wire::CreateTopicsResponse::CreatableTopicResult refused;
    refused.name = topic.name;
    refused.error_code = code;
    refused.error_message = message;
    topic = std::move(refused);
  }
}

void refuse_all(wire::DeleteTopicsResponse& response, ErrorCode code, std::string_view message) {
  refuse_items(response.responses, code, message);
}

void refuse_all(wire::CreatePartitionsResponse& response, ErrorCode code, std::string_view message) {
  refuse_items(response.results, code, message);
}

void refuse_all(wire::AlterConfigsResponse& response, ErrorCode code, std::string_view message) {
  refuse_items(response.responses, code, message);
}

void refuse_all(wire::IncrementalAlterConfigsResponse& response, ErrorCode code, std::string_view message) {
  refuse_items(response.responses, code, message);
}

void refuse_all(wire::ElectLeadersResponse& response, ErrorCode code, std::string_view message) {
  for (auto& topic : response.replica_election_results) refuse_items(topic.partition_result, code, message);
}

void refuse_all(wire::UnregisterBrokerResponse& response, ErrorCode code, std::string_view message) {
  response.error_code = code;
  response.error_message = message;
}

void refuse_all(wire::UpdateFeaturesResponse& response, ErrorCode code, std::string_view message) {
  response.error_code = code;
  response.error_message = message;
  response.results.clear();
}

namespace {

using QuorumResponse = wire::DescribeQuorumResponse;

std::vector<QuorumResponse::ReplicaState> states(const std::vector<quorum::ReplicaFacts>& replicas) {
  std::vector<QuorumResponse::ReplicaState> states;
  for (const auto& replica : replicas) {
    QuorumResponse::ReplicaState state;
    state.replica_id = raw(replica.id);
    state.replica_directory_id = replica.directory_id;
    state.log_end_offset = replica.log_end_offset;
    state.last_fetch_timestamp = replica.last_fetch;
    state.last_caught_up_timestamp = replica.last_caught_up;
    states.push_back(std::move(state));
  }
  return states;
}

QuorumResponse::PartitionData partition_of(const quorum::QuorumFacts& facts) {
  QuorumResponse::PartitionData partition;
  partition.error_message = std::nullopt;
  partition.leader_id = raw(facts.leader.leader);
  partition.leader_epoch = raw(facts.leader.epoch);
  partition.high_watermark = facts.high_watermark;
  partition.current_voters = states(facts.voters);
  partition.observers = states(facts.observers);
  return partition;
}

std::vector<QuorumResponse::Node> nodes_of(const quorum::QuorumFacts& facts, wire::Arena& arena) {
  std::vector<QuorumResponse::Node> nodes;
  for (const quorum::Voter& voter : facts.nodes) {
    QuorumResponse::Node node;
    node.node_id = raw(voter.id);
    for (const quorum::Endpoint& endpoint : voter.endpoints) {
      QuorumResponse::Listener listener;
      listener.name = arena.keep(endpoint.name);
      listener.host = arena.keep(endpoint.host);
      listener.port = endpoint.port;
      node.listeners.push_back(listener);
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

// Any other partition than the one there is gets an error of its own.
QuorumResponse unknown_partitions(const wire::DescribeQuorumRequest& request) {
  QuorumResponse response;
  response.error_message = std::nullopt;
  for (const auto& topic : request.topics) {
    QuorumResponse::TopicData data;
    data.topic_name = topic.topic_name;
    for (const auto& asked : topic.partitions) {
      QuorumResponse::PartitionData partition;
      partition.partition_index = asked.partition_index;
      partition.error_code = ErrorCode::kUnknownTopicOrPartition;
      partition.error_message = std::nullopt;
      data.partitions.push_back(std::move(partition));
    }
    response.topics.push_back(std::move(data));
  }
  return response;
}

bool asks_for_metadata(const wire::DescribeQuorumRequest& request) {
  return request.topics.size() == 1 && request.topics[0].topic_name == kMetadataTopic &&
         request.topics[0].partitions.size() == 1 && request.topics[0].partitions[0].partition_index == 0;
}

}  // namespace

QuorumResponse describe_quorum_facts(const quorum::QuorumFacts& facts,
                                     const wire::DescribeQuorumRequest& request, wire::Arena& arena) {
  if (!asks_for_metadata(request)) return unknown_partitions(request);
  QuorumResponse response;
  response.error_message = std::nullopt;
  QuorumResponse::TopicData topic;
  topic.topic_name = kMetadataTopic;
  topic.partitions.push_back(partition_of(facts));
  response.topics.push_back(std::move(topic));
  response.nodes = nodes_of(facts, arena);
  return response;
}

}  // namespace tributary::control
