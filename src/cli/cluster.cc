#include "cluster.h"

#include <fmt/format.h>
#include <poll.h>

#include "kafka_error.h"
#include "tributary/wire/messages/find_coordinator.h"
#include "tributary/wire/messages/metadata.h"

namespace tributary::cli {
namespace {

constexpr std::chrono::milliseconds kPause{100};

}  // namespace

Result<BrokerConnection*> Cluster::connect(int32_t node) {
  if (const auto found = connections_.find(node); found != connections_.end()) return &found->second;
  if (node == kAnyBroker) return connect_any();
  if (!brokers_.contains(node)) TRIBUTARY_TRY(metadata(std::vector<std::string>{}));
  const auto broker = brokers_.find(node);
  if (broker == brokers_.end())
    return fail(Errc::kNotFound, fmt::format("the cluster has no broker {}", node));
  auto connection = BrokerConnection::open(broker->second, deadline(), options_.trace);
  if (!connection) {
    return fail(connection.error().code, fmt::format("broker {}, by the address it gives to clients: {}",
                                                     node, connection.error().message));
  }
  return &connections_.emplace(node, std::move(*connection)).first->second;
}

Result<BrokerConnection*> Cluster::connect_any() {
  std::string reasons;
  // So that one server that swallows packets leaves time for the others.
  const auto share = options_.timeout / std::max<size_t>(1, options_.bootstrap.size());
  for (; next_bootstrap_ < options_.bootstrap.size(); ++next_bootstrap_) {
    const Address& address = options_.bootstrap[next_bootstrap_];
    auto connection =
        BrokerConnection::open(address, std::chrono::steady_clock::now() + share, options_.trace);
    if (connection) return &connections_.emplace(kAnyBroker, std::move(*connection)).first->second;
    reasons += (reasons.empty() ? "" : "; ") + connection.error().message;
  }
  next_bootstrap_ = 0;
  return fail(Errc::kIo, "cannot reach a broker: " + reasons);
}

bool Cluster::drop(int32_t node) {
  connections_.erase(node);
  if (node != kAnyBroker || ++next_bootstrap_ < options_.bootstrap.size()) return node == kAnyBroker;
  next_bootstrap_ = 0;
  return false;
}

Result<Metadata> Cluster::metadata(const std::optional<std::vector<std::string>>& topics) {
  wire::MetadataRequest request;
  request.allow_auto_topic_creation = false;
  if (topics) {
    request.topics.emplace();
    for (const std::string& name : *topics) request.topics->emplace_back().name = name;
  } else {
    request.topics = std::nullopt;
  }
  TRIBUTARY_ASSIGN(const auto answer, ask<wire::MetadataResponse>(kAnyBroker, request));
  Metadata metadata = to_metadata(*answer);
  brokers_.clear();
  for (const BrokerInfo& broker : metadata.brokers) brokers_[broker.id] = broker.address;
  return metadata;
}

Result<int32_t> Cluster::controller() {
  TRIBUTARY_ASSIGN(const Metadata now, metadata(std::vector<std::string>{}));
  return now.controller;  // kAnyBroker if there is none: brokers pass requests on to it
}

Result<int32_t> Cluster::coordinator(const std::string& group) {
  wire::FindCoordinatorRequest request;
  request.key = group;
  request.coordinator_keys = {group};
  const Deadline end = deadline();
  for (;;) {
    TRIBUTARY_ASSIGN(const auto answer, ask<wire::FindCoordinatorResponse>(kAnyBroker, request));
    wire::ErrorCode code = answer->error_code;
    int32_t node = answer->node_id;
    Address address{std::string(answer->host), static_cast<uint16_t>(answer->port)};
    std::string message(answer->error_message.value_or(""));
    if (!answer->coordinators.empty()) {
      const auto& found = answer->coordinators.front();
      code = found.error_code;
      node = found.node_id;
      address = {std::string(found.host), static_cast<uint16_t>(found.port)};
      message = found.error_message.value_or("");
    }
    if (code == wire::ErrorCode::kNone) return brokers_[node] = address, node;
    if (!has_moved(code) || !pause(end)) {
      return fail(Errc::kNotFound,
                  fmt::format("no coordinator for group '{}': {}", group, describe(code, message)));
    }
  }
}

Result<bool> Cluster::serves(wire::ApiKey key) {
  TRIBUTARY_ASSIGN(const BrokerConnection* connection, connect(kAnyBroker));
  return connection->serves(key);
}

Result<std::vector<Feature>> Cluster::features() {
  TRIBUTARY_ASSIGN(const BrokerConnection* connection, connect(kAnyBroker));
  return connection->features();
}

bool Cluster::has_moved(wire::ErrorCode code) {
  return code == wire::ErrorCode::kNotController || code == wire::ErrorCode::kNotCoordinator ||
         code == wire::ErrorCode::kCoordinatorNotAvailable ||
         code == wire::ErrorCode::kCoordinatorLoadInProgress;
}

bool Cluster::pause(Deadline end) {
  if (std::chrono::steady_clock::now() + kPause >= end) return false;
  ::poll(nullptr, 0, static_cast<int>(kPause.count()));
  return true;
}

}  // namespace tributary::cli
