#include "cluster_verbs.h"

#include <fmt/format.h>

#include "tributary/wire/messages/describe_quorum.h"

namespace tributary::cli {
namespace {

// The leader of the metadata quorum; where brokers do not tell, whom they name to clients as the controller.
Result<int32_t> active_controller(Cluster& cluster, const Metadata& metadata) {
  TRIBUTARY_ASSIGN(const bool served, cluster.serves(wire::ApiKey::kDescribeQuorum));
  if (!served) return metadata.controller;
  wire::DescribeQuorumRequest request;
  auto& topic = request.topics.emplace_back();
  topic.topic_name = "__cluster_metadata";
  topic.partitions.emplace_back();
  const auto answer = cluster.ask<wire::DescribeQuorumResponse>(kAnyBroker, request);
  if (!answer || (*answer)->error_code != wire::ErrorCode::kNone || (*answer)->topics.empty() ||
      (*answer)->topics.front().partitions.empty()) {
    return metadata.controller;
  }
  const auto& partition = (*answer)->topics.front().partitions.front();
  return partition.error_code == wire::ErrorCode::kNone ? partition.leader_id : metadata.controller;
}

struct Info {
  Metadata metadata;
  int32_t controller;
  std::vector<Feature> features;

  size_t partitions() const {
    size_t count = 0;
    for (const TopicInfo& topic : metadata.topics) count += topic.partitions.size();
    return count;
  }
};

Json to_json(const Info& info) {
  Json json = {{"cluster_id", info.metadata.cluster_id},
               {"controller", info.controller < 0 ? Json(nullptr) : Json(info.controller)},
               {"topics", info.metadata.topics.size()},
               {"partitions", info.partitions()},
               {"brokers", Json::array()},
               {"features", Json::array()}};
  for (const BrokerInfo& broker : info.metadata.brokers) {
    json["brokers"].push_back({{"id", broker.id},
                               {"host", broker.address.host},
                               {"port", broker.address.port},
                               {"rack", broker.rack ? Json(*broker.rack) : Json(nullptr)}});
  }
  for (const Feature& feature : info.features) {
    json["features"].push_back({{"name", feature.name},
                                {"finalized", feature.finalized},
                                {"supported_min", feature.supported_min},
                                {"supported_max", feature.supported_max}});
  }
  return json;
}

void print_tables(Output& out, const Info& info) {
  out.section("CLUSTER");
  out.print(to_lines({{"ID", info.metadata.cluster_id},
                      {"CONTROLLER", info.controller < 0 ? "-" : std::to_string(info.controller)},
                      {"TOPICS", std::to_string(info.metadata.topics.size())},
                      {"PARTITIONS", std::to_string(info.partitions())}}));
  out.section("BROKERS");
  Table brokers({"ID", "HOST", "PORT", "RACK"});
  for (const BrokerInfo& broker : info.metadata.brokers) {
    brokers.add({std::to_string(broker.id), broker.address.host, std::to_string(broker.address.port),
                 broker.rack.value_or("-")});
  }
  out.print(brokers);
  if (info.features.empty()) return;
  out.section("FEATURES");
  Table features({"NAME", "FINALIZED", "SUPPORTED"});
  for (const Feature& feature : info.features) {
    features.add({feature.name, std::to_string(feature.finalized),
                  fmt::format("{}-{}", feature.supported_min, feature.supported_max)});
  }
  out.print(features);
}

std::string_view state_of(const PartitionInfo& partition) {
  if (partition.leader < 0) return "LEADERLESS";
  return partition.isr.size() < partition.replicas.size() ? "UNDER-REPLICATED" : "";
}

}  // namespace

Status cluster_info(Session& session, const ClusterInfoOptions&) {
  TRIBUTARY_ASSIGN(Metadata metadata, session.cluster().metadata(std::nullopt));
  TRIBUTARY_ASSIGN(const int32_t controller, active_controller(session.cluster(), metadata));
  TRIBUTARY_ASSIGN(auto features, session.cluster().features());
  const Info info{std::move(metadata), controller, std::move(features)};
  if (session.out.json()) {
    session.out.print_json(to_json(info));
  } else {
    print_tables(session.out, info);
  }
  return {};
}

Status cluster_health(Session& session, const ClusterHealthOptions&) {
  TRIBUTARY_ASSIGN(const Metadata metadata, session.cluster().metadata(std::nullopt));
  Table table({"TOPIC", "PARTITION", "STATE"});
  Json list = Json::array();
  for (const TopicInfo& topic : metadata.topics) {
    for (const PartitionInfo& partition : topic.partitions) {
      const std::string_view state = state_of(partition);
      if (state.empty()) continue;
      table.add({topic.name, std::to_string(partition.index), std::string(state)});
      list.push_back({{"topic", topic.name}, {"partition", partition.index}, {"state", state}});
    }
  }
  const bool healthy = list.empty();
  const Json json = {{"healthy", healthy}, {"brokers", metadata.brokers.size()}, {"partitions", list}};
  if (!session.out.json()) {
    session.out.print(to_lines(
        {{"HEALTHY", healthy ? "true" : "false"}, {"BROKERS", std::to_string(metadata.brokers.size())}}));
  }
  session.out.show(table, json);
  if (!healthy) session.out.failure("cluster", fmt::format("{} partitions are not healthy", list.size()));
  return {};
}

}  // namespace tributary::cli
