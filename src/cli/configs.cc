#include "configs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "text.h"
#include "tributary/wire/messages/describe_configs.h"
#include "tributary/wire/messages/incremental_alter_configs.h"

namespace tributary::cli {
namespace {

constexpr int8_t kDefaultConfig = 5;

using DescribedConfig = wire::DescribeConfigsResponse::DescribeConfigsResourceResult;

std::optional<std::string> owned(const std::optional<std::string_view>& text) {
  return text ? std::optional(std::string(*text)) : std::nullopt;
}

ConfigEntry to_entry(const DescribedConfig& from) {
  ConfigEntry entry{std::string(from.name), owned(from.value), from.config_source,
                    from.read_only,         from.is_sensitive, {}};
  for (const auto& synonym : from.synonyms) {
    entry.synonyms.push_back({std::string(synonym.name), owned(synonym.value), synonym.source});
  }
  return entry;
}

// Only a broker itself knows its configuration.
int32_t node_for(const ConfigResource& resource) {
  if (resource.type != ConfigResource::Type::kBroker) return kAnyBroker;
  return parse_number<int32_t>(resource.name).value_or(kAnyBroker);
}

// Positions in `resources`, by the node that is asked for them.
std::map<int32_t, std::vector<size_t>> by_node(const std::vector<ConfigResource>& resources) {
  std::map<int32_t, std::vector<size_t>> nodes;
  for (size_t i = 0; i < resources.size(); ++i) nodes[node_for(resources[i])].push_back(i);
  return nodes;
}

wire::DescribeConfigsRequest describe_request(const std::vector<ConfigResource>& resources,
                                              const std::vector<size_t>& chosen,
                                              const std::vector<std::string>& keys) {
  wire::DescribeConfigsRequest request;
  request.include_synonyms = true;
  for (const size_t i : chosen) {
    auto& resource = request.resources.emplace_back();
    resource.resource_type = static_cast<int8_t>(resources[i].type);
    resource.resource_name = resources[i].name;
    if (keys.empty()) {
      resource.configuration_keys = std::nullopt;
    } else {
      resource.configuration_keys.emplace(keys.begin(), keys.end());
    }
  }
  return request;
}

wire::IncrementalAlterConfigsRequest alter_request(const std::vector<ConfigResource>& resources,
                                                   const std::vector<size_t>& chosen,
                                                   const std::vector<ConfigChange>& changes,
                                                   Commitment commitment) {
  wire::IncrementalAlterConfigsRequest request;
  request.validate_only = commitment == Commitment::kDryRun;
  for (const size_t i : chosen) {
    auto& resource = request.resources.emplace_back();
    resource.resource_type = static_cast<int8_t>(resources[i].type);
    resource.resource_name = resources[i].name;
    for (const ConfigChange& change : changes) {
      auto& config = resource.configs.emplace_back();
      config.name = change.name;
      config.config_operation = static_cast<int8_t>(change.operation);
      config.value = change.value;
      if (change.operation == ConfigOperation::kDelete) config.value = std::nullopt;
    }
  }
  return request;
}

using AlterAnswer = Answer<wire::IncrementalAlterConfigsResponse>;

Result<AlterAnswer> send_changes(Cluster& cluster, int32_t node,
                                 const wire::IncrementalAlterConfigsRequest& request) {
  if (node != kAnyBroker) return cluster.ask<wire::IncrementalAlterConfigsResponse>(node, request);
  return cluster.ask_controller<wire::IncrementalAlterConfigsResponse>(request, [](const auto& response) {
    return response.responses.empty() ? wire::ErrorCode::kNone : response.responses.front().error_code;
  });
}

}  // namespace

std::string ConfigResource::to_string() const {
  if (type == Type::kTopic) return fmt::format("topic {}", name);
  return name.empty() ? "broker defaults" : fmt::format("broker {}", name);
}

bool ConfigEntry::is_default() const { return source == kDefaultConfig; }

std::string_view source_name(int8_t source) {
  constexpr std::array<std::string_view, 9> kNames = {"UNKNOWN",
                                                      "DYNAMIC_TOPIC_CONFIG",
                                                      "DYNAMIC_BROKER_CONFIG",
                                                      "DYNAMIC_DEFAULT_BROKER_CONFIG",
                                                      "STATIC_BROKER_CONFIG",
                                                      "DEFAULT_CONFIG",
                                                      "DYNAMIC_BROKER_LOGGER_CONFIG",
                                                      "DYNAMIC_CLIENT_METRICS_CONFIG",
                                                      "DYNAMIC_GROUP_CONFIG"};
  return source > 0 && static_cast<size_t>(source) < kNames.size() ? kNames[static_cast<size_t>(source)]
                                                                   : kNames[0];
}

std::string shown_value(const ConfigEntry& entry) {
  if (entry.sensitive) return "(sensitive)";
  return entry.value.value_or("(null)");
}

Json to_json(const ConfigEntry& entry) {
  const auto value = [](const std::optional<std::string>& text) {
    return text ? Json(*text) : Json(nullptr);
  };
  Json json = {
      {"name", entry.name},           {"value", value(entry.value)},  {"source", source_name(entry.source)},
      {"read_only", entry.read_only}, {"sensitive", entry.sensitive}, {"synonyms", Json::array()}};
  for (const ConfigSynonym& synonym : entry.synonyms) {
    json["synonyms"].push_back(
        {{"name", synonym.name}, {"value", value(synonym.value)}, {"source", source_name(synonym.source)}});
  }
  return json;
}

Result<std::vector<ConfigEntries>> describe_configs(Session& session,
                                                    const std::vector<ConfigResource>& resources,
                                                    const std::vector<std::string>& keys) {
  std::vector<ConfigEntries> lists(resources.size());
  for (const auto& [node, chosen] : by_node(resources)) {
    TRIBUTARY_ASSIGN(const auto answer, session.cluster().ask<wire::DescribeConfigsResponse>(
                                            node, describe_request(resources, chosen, keys)));
    for (const auto& result : answer->results) {
      const auto index =
          std::ranges::find(chosen, result.resource_name, [&](size_t i) { return resources[i].name; });
      if (index == chosen.end()) continue;
      if (result.error_code != wire::ErrorCode::kNone) {
        session.out.failure(resources[*index].to_string(), result.error_code,
                            result.error_message.value_or(""));
      }
      for (const auto& config : result.configs) lists[*index].push_back(to_entry(config));
      std::ranges::sort(lists[*index], {}, &ConfigEntry::name);
    }
  }
  return lists;
}

Result<ConfigChange> parse_assignment(std::string_view text, ConfigOperation operation) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return fail(Errc::kInvalidArgument, fmt::format("'{}': expected key=value", text));
  }
  return ConfigChange{operation, std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

Result<std::vector<ConfigChange>> parse_assignments(const std::vector<std::string>& texts,
                                                    ConfigOperation operation) {
  std::vector<ConfigChange> changes;
  for (const std::string& text : texts) {
    TRIBUTARY_ASSIGN(ConfigChange change, parse_assignment(text, operation));
    changes.push_back(std::move(change));
  }
  return changes;
}

Status alter_configs(Session& session, const std::vector<ConfigResource>& resources,
                     const std::vector<ConfigChange>& changes, Commitment commitment) {
  Table table({"RESOURCE", "STATUS"});
  Json json = Json::array();
  for (const auto& [node, chosen] : by_node(resources)) {
    TRIBUTARY_ASSIGN(const auto answer, send_changes(session.cluster(), node,
                                                     alter_request(resources, chosen, changes, commitment)));
    for (const auto& response : answer->responses) {
      const ConfigResource resource{ConfigResource::Type{response.resource_type},
                                    std::string(response.resource_name)};
      const std::string_view message = response.error_message.value_or("");
      const bool ok = response.error_code == wire::ErrorCode::kNone;
      if (ok) table.add({resource.to_string(), commitment == Commitment::kDryRun ? "VALID" : "OK"});
      if (!ok) session.out.failure(resource.to_string(), response.error_code, message);
      Json& item = json.emplace_back(
          Json{{"resource_type", resource.type == ConfigResource::Type::kTopic ? "topic" : "broker"},
               {"resource_name", resource.name}});
      put_error(item, response.error_code, message);
    }
  }
  session.out.show(table, json);
  return {};
}

}  // namespace tributary::cli
