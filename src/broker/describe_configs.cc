// DescribeConfigs and ListConfigResources: what can be configured, and how it is.
#include "broker_logger.h"
#include "handlers.h"
#include "shard.h"
#include "tributary/control/controller.h"

namespace tributary::broker {
namespace {

using control::ResourceType;
using Response = wire::ListConfigResourcesResponse;

constexpr ResourceType kTypes[] = {ResourceType::kGroup, ResourceType::kClientMetrics,
                                   ResourceType::kBrokerLogger, ResourceType::kBroker, ResourceType::kTopic};

class Lister {
 public:
  Lister(const control::Image& image, wire::Arena& arena, Response& response)
      : image_(image), arena_(arena), response_(response) {}

  void add_all(ResourceType type) {
    switch (type) {
      case ResourceType::kTopic:
        return image_.for_each_topic([&](const control::TopicPtr& topic) { add(type, topic->name); });
      case ResourceType::kBroker:
      case ResourceType::kBrokerLogger:
        return add_brokers(type);
      case ResourceType::kGroup:
      case ResourceType::kClientMetrics:
        return add_configured(type);
    }
  }

 private:
  void add(ResourceType type, std::string name) {
    response_.config_resources.push_back({arena_.keep(std::move(name)), static_cast<int8_t>(type), {}});
  }

  void add_brokers(ResourceType type) {
    for (const auto& [id, broker] : image_.brokers()) {
      if (!broker->fenced) add(type, std::to_string(raw(id)));
    }
  }

  void add_configured(ResourceType type) {
    const auto& configs = image_.configs();
    for (auto at = configs.lower_bound(control::ConfigResource{type, ""}); at != configs.end(); ++at) {
      if (at->first.type != type) break;
      add(type, at->first.name);
    }
  }

  const control::Image& image_;
  wire::Arena& arena_;
  Response& response_;
};

bool can_be_listed(int8_t type, int16_t version) {
  if (version == 0) return ResourceType{type} == ResourceType::kClientMetrics;
  return std::ranges::find(kTypes, ResourceType{type}) != std::end(kTypes);
}

}  // namespace

wire::DescribeConfigsResponse describe_configs(Request& request,
                                               const wire::DescribeConfigsRequest& message) {
  const BrokerContext& context = request.context();
  auto response = control::describe_configs(*request.shard().image(), request.shard().values(),
                                            context.node_id, message, request.version(), request.arena());
  describe_log_levels(message, context.node_id, request.arena(), response);
  return response;
}

wire::ListConfigResourcesResponse list_config_resources(Request& request,
                                                        const wire::ListConfigResourcesRequest& message) {
  Response response;
  const int16_t version = request.version();
  for (const int8_t type : message.resource_types) {
    if (!can_be_listed(type, version)) {
      response.error_code = wire::ErrorCode::kUnsupportedVersion;
      return response;
    }
  }
  Lister lister(*request.shard().image(), request.arena(), response);
  const auto& wanted = message.resource_types;
  for (const ResourceType type : kTypes) {
    const auto number = static_cast<int8_t>(type);
    const bool named = wanted.empty() || std::ranges::find(wanted, number) != wanted.end();
    if (named && can_be_listed(number, version)) lister.add_all(type);
  }
  return response;
}

}  // namespace tributary::broker
