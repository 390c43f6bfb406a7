#include "alter_configs.h"

#include <fmt/format.h>

#include <charconv>
#include <set>

#include "config_checks.h"
#include "config_view.h"
#include "tributary/control/controller.h"
#include "tributary/wire/records/metadata.h"
#include "update_features.h"

namespace tributary::control {
namespace {

using wire::ErrorCode;

enum class Operation : int8_t { kSet = 0, kDelete = 1, kAppend = 2, kSubtract = 3 };

std::string_view name_of(Operation operation) {
  return operation == Operation::kAppend ? "APPEND" : "SUBTRACT";
}

// As Java splits: empty parts at the end do not count.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t comma = std::min(text.find(',', start), text.size());
    parts.push_back(text.substr(start, comma - start));
    start = comma + 1;
  }
  while (!parts.empty() && parts.back().empty()) parts.pop_back();
  return parts;
}

std::string join(const std::vector<std::string_view>& parts) {
  std::string joined;
  for (size_t i = 0; i < parts.size(); ++i) joined.append(i == 0 ? "" : ",").append(parts[i]);
  return joined;
}

std::string changed_list(const std::string& present, Operation operation, std::string_view change) {
  std::vector<std::string_view> parts = split(present);
  std::erase(parts, std::string_view());
  for (const std::string_view part : split(change)) {
    const auto found = std::find(parts.begin(), parts.end(), part);
    if (operation == Operation::kAppend && found == parts.end()) parts.push_back(part);
    if (operation == Operation::kSubtract && found != parts.end()) parts.erase(found);
  }
  return join(parts);
}

// Type and default of a setting, whichever kind of resource it belongs to.
struct Schema {
  bool is_list = false;
  std::string default_value;
};

Schema schema_of(ResourceType type, std::string_view name) {
  if (type == ResourceType::kTopic) {
    const auto* setting = config::find_topic_setting(name);
    if (setting == nullptr) return {};
    return {setting->type == config::ValueType::kList, std::string(setting->default_value.value_or(""))};
  }
  const auto* setting = config::find_setting(name);
  if (setting == nullptr) return {};
  return {setting->type == config::ValueType::kList, std::string(setting->default_value.value_or(""))};
}

using Target = std::pair<int8_t, std::string_view>;

// The resources that are named more than once; none of their entries is done.
template <typename Resources>
std::set<Target> repeated(const Resources& resources) {
  std::set<Target> seen;
  std::set<Target> twice;
  for (const auto& resource : resources) {
    const Target target(resource.resource_type, resource.resource_name);
    if (!seen.insert(target).second) twice.insert(target);
  }
  return twice;
}

template <typename Configs, typename NeedsValue>
Checked<void> check_keys(const Configs& configs, NeedsValue needs_value) {
  std::set<std::string_view> seen;
  std::string nulls;
  for (const auto& config : configs) {
    if (!seen.insert(config.name).second)
      return refuse(ErrorCode::kInvalidRequest, "Error due to duplicate config keys");
    if (!config.value && needs_value(config)) nulls.append(nulls.empty() ? "" : ", ").append(config.name);
  }
  if (nulls.empty()) return {};
  return refuse(ErrorCode::kInvalidRequest, "Null value not supported for : " + nulls);
}

class ConfigAlterer {
 public:
  explicit ConfigAlterer(const OperationContext& context)
      : context_(context), view_(context.image, context.values, context.node) {}

  // What exists and may be changed: a topic, this broker, the cluster's default.
  Checked<void> check_resource(int8_t type, std::string_view name) const {
    switch (ResourceType{type}) {
      case ResourceType::kTopic:
        return check_topic(name);
      case ResourceType::kBroker:
        return name.empty() ? Checked<void>{} : check_node(name);
      default:
        return refuse(ErrorCode::kInvalidRequest, fmt::format("Unknown resource type {}", int{type}));
    }
  }

  Checked<ConfigMap> incremental(
      ResourceType type, const ConfigMap& present,
      const wire::IncrementalAlterConfigsRequest::AlterConfigsResource& resource) const {
    ConfigMap next = present;
    for (const auto& config : resource.configs) {
      if (config.config_operation < 0 ||
          config.config_operation > static_cast<int8_t>(Operation::kSubtract)) {
        return refuse(ErrorCode::kInvalidRequest,
                      fmt::format("Unknown operations type {}", int{config.config_operation}));
      }
      TRIBUTARY_CHECK(
          apply(type, Operation{config.config_operation}, config.name, config.value.value_or(""), next));
    }
    return next;
  }

  // Checks the whole of what would be, then writes what differs. `touched` are keys that are written even if
  // they stay the same, so that a broker loads files again that they name (KAFKA-14136).
  Checked<void> change(ResourceType type, std::string_view name, const ConfigMap& present,
                       const ConfigMap& next, const std::set<std::string_view>& touched) {
    TRIBUTARY_CHECK(type == ResourceType::kTopic ? check_topic_configs(next, view_)
                                                 : check_broker_configs(next, name.empty()));
    if (type == ResourceType::kBroker) TRIBUTARY_CHECK(check_min_insync(name, present, next, touched));
    for (const auto& [key, value] : next) {
      const std::string* before = find_value(&present, key);
      const bool differs = before == nullptr || *before != value;
      if (differs || (type == ResourceType::kBroker && touched.contains(key)))
        add_record(type, name, key, value);
    }
    for (const auto& [key, value] : present) {
      if (!next.contains(key)) add_record(type, name, key, std::nullopt);
    }
    return {};
  }

  ConfigMap present(ResourceType type, std::string_view name) const {
    const ConfigMap* configs = context_.image.find_config(type, name);
    return configs ? *configs : ConfigMap{};
  }

  RecordList take_records() {
    records_.append(std::move(clear_elr_));
    return std::move(records_);
  }

 private:
  // Eligible leaders are reckoned by one number for all brokers.
  Checked<void> check_min_insync(std::string_view broker, const ConfigMap& present, const ConfigMap& next,
                                 const std::set<std::string_view>& touched) const {
    if (!elr_enabled(context_.image)) return {};
    const bool removed = present.contains(kMinInsyncReplicas) && !next.contains(kMinInsyncReplicas);
    if (!broker.empty() && (removed || touched.contains(kMinInsyncReplicas))) {
      return refuse(ErrorCode::kInvalidConfig,
                    "Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
    }
    if (!removed) return {};
    return refuse(ErrorCode::kInvalidConfig,
                  "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
  }

  Checked<void> check_topic(std::string_view name) const {
    if (name.empty()) return refuse(ErrorCode::kInvalidRequest, "Default topic resources are not allowed.");
    if (auto fault = topic_name_fault(name))
      return refuse(ErrorCode::kInvalidTopicException, std::move(*fault));
    if (context_.image.find_topic(name)) return {};
    return refuse(ErrorCode::kUnknownTopicOrPartition, fmt::format("The topic '{}' does not exist.", name));
  }

  Checked<void> check_node(std::string_view name) const {
    int32_t id = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (error != std::errc() || end != name.data() + name.size()) {
      return refuse(ErrorCode::kInvalidRequest,
                    fmt::format("Node id must be an integer, but it is: {}", name));
    }
    if (NodeId{id} == context_.node) return {};
    return refuse(
        ErrorCode::kInvalidRequest,
        fmt::format("Unexpected broker id, expected {}, but received {}", raw(context_.node), name));
  }

  Checked<void> apply(ResourceType type, Operation operation, std::string_view key, std::string_view value,
                      ConfigMap& configs) const {
    const std::string name(key);
    if (operation == Operation::kDelete) {
      configs.erase(name);
      return {};
    }
    if (operation == Operation::kSet) {
      configs[name] = value;
      return {};
    }
    const Schema schema = schema_of(type, key);
    if (!schema.is_list) {
      return refuse(ErrorCode::kInvalidConfig,
                    fmt::format("Can't {} to key {} because its type is not LIST.", name_of(operation), key));
    }
    const auto found = configs.find(key);
    configs[name] =
        changed_list(found == configs.end() ? schema.default_value : found->second, operation, value);
    return {};
  }

  void add_record(ResourceType type, std::string_view name, std::string_view key,
                  std::optional<std::string_view> value) {
    wire::metadata::ConfigRecord record;
    record.resource_type = static_cast<int8_t>(type);
    record.resource_name = name;
    record.name = key;
    record.value = value;
    records_.add(record);
    if (key != kMinInsyncReplicas || !elr_enabled(context_.image)) return;
    wire::metadata::ClearElrRecord clear;
    if (type == ResourceType::kTopic) clear.topic_name = name;
    clear_elr_.add(clear);
  }

  const OperationContext& context_;
  ConfigView view_;
  RecordList records_;
  RecordList clear_elr_;
};

Checked<void> alter(ConfigAlterer& alterer,
                    const wire::IncrementalAlterConfigsRequest::AlterConfigsResource& resource) {
  TRIBUTARY_CHECK(check_keys(resource.configs, [](const auto& config) {
    return config.config_operation != static_cast<int8_t>(Operation::kDelete);
  }));
  // These live in the process, not in the log: the shell goes on with them.
  if (ResourceType{resource.resource_type} == ResourceType::kBrokerLogger) return {};
  TRIBUTARY_CHECK(alterer.check_resource(resource.resource_type, resource.resource_name));
  const ResourceType type{resource.resource_type};
  const ConfigMap present = alterer.present(type, resource.resource_name);
  auto next = alterer.incremental(type, present, resource);
  TRIBUTARY_CHECK(next);
  std::set<std::string_view> touched;
  for (const auto& config : resource.configs) touched.insert(config.name);
  return alterer.change(type, resource.resource_name, present, *next, touched);
}

Checked<void> alter(ConfigAlterer& alterer, const wire::AlterConfigsRequest::AlterConfigsResource& resource) {
  TRIBUTARY_CHECK(check_keys(resource.configs, [](const auto&) { return true; }));
  TRIBUTARY_CHECK(alterer.check_resource(resource.resource_type, resource.resource_name));
  const ResourceType type{resource.resource_type};
  ConfigMap next;
  std::set<std::string_view> touched;
  for (const auto& config : resource.configs) {
    next.insert_or_assign(std::string(config.name), std::string(*config.value));
    touched.insert(config.name);
  }
  return alterer.change(type, resource.resource_name, alterer.present(type, resource.resource_name), next,
                        touched);
}

template <typename Response, typename Request>
Planned<Response> plan(const OperationContext& context, const Request& request) {
  ConfigAlterer alterer(context);
  const std::set<Target> twice = repeated(request.resources);
  Planned<Response> planned;
  for (const auto& resource : request.resources) {
    typename Response::AlterConfigsResourceResponse result;
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
    set_success(result);
    auto done = twice.contains({resource.resource_type, resource.resource_name})
                    ? refuse(ErrorCode::kInvalidRequest, "Each resource must appear at most once.")
                    : alter(alterer, resource);
    if (!done) set_fault(result, std::move(done).error(), context.arena);
    planned.response.responses.push_back(std::move(result));
  }
  if (!request.validate_only) planned.records = alterer.take_records();
  return planned;
}

}  // namespace

Planned<wire::AlterConfigsResponse> plan_alter_configs(const OperationContext& context,
                                                       const wire::AlterConfigsRequest& request) {
  return plan<wire::AlterConfigsResponse>(context, request);
}

Planned<wire::IncrementalAlterConfigsResponse> plan_incremental_alter_configs(
    const OperationContext& context, const wire::IncrementalAlterConfigsRequest& request) {
  return plan<wire::IncrementalAlterConfigsResponse>(context, request);
}

}  // namespace tributary::control
