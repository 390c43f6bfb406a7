#include "broker_logger.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <set>

#include <algorithm>
#include <charconv>

#include "tributary/control/image.h"
#include "tributary/wire/error_code.h"

namespace tributary::broker {
namespace {

using wire::ErrorCode;
using Described = wire::DescribeConfigsResponse::DescribeConfigsResult;
using Alter = wire::IncrementalAlterConfigsRequest::AlterConfigsResource;

constexpr std::string_view kRoot = "root";
constexpr int8_t kSourceLogger = 6;
constexpr int8_t kType = static_cast<int8_t>(control::ResourceType::kBrokerLogger);

struct Level {
  std::string_view name;
  spdlog::level::level_enum level;
};
// In the order in which they are listed to a client that names none of them.
constexpr Level kLevels[] = {{"DEBUG", spdlog::level::debug},    {"ERROR", spdlog::level::err},
                             {"FATAL", spdlog::level::critical}, {"INFO", spdlog::level::info},
                             {"TRACE", spdlog::level::trace},    {"WARN", spdlog::level::warn}};

struct Fault {
  ErrorCode code;
  std::string message;
};
using Outcome = tl::expected<void, Fault>;

tl::unexpected<Fault> invalid_request(std::string message) {
  return tl::unexpected(Fault{ErrorCode::kInvalidRequest, std::move(message)});
}
tl::unexpected<Fault> invalid_config(std::string message) {
  return tl::unexpected(Fault{ErrorCode::kInvalidConfig, std::move(message)});
}

const Level* find_level(std::string_view name) {
  const auto* found = std::ranges::find(kLevels, name, &Level::name);
  return found == std::end(kLevels) ? nullptr : found;
}

std::string_view current_level() {
  const auto* found = std::ranges::find(kLevels, spdlog::get_level(), &Level::level);
  return found == std::end(kLevels) ? "OFF" : found->name;
}

std::optional<int32_t> number(std::string_view text) {
  int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Outcome check_target(const wire::DescribeConfigsRequest::DescribeConfigsResource& resource, NodeId node) {
  const std::string_view name = resource.resource_name;
  if (name.empty()) return invalid_request("Broker id must not be empty");
  const auto id = number(name);
  if (!id) return invalid_request(fmt::format("Broker id must be an integer, but it is: {}", name));
  if (NodeId{*id} == node) return {};
  return invalid_request(fmt::format("Unexpected broker id, expected {} but received {}", raw(node), name));
}

Outcome check_node(std::string_view name, NodeId node) {
  const auto id = number(name);
  if (!id) return invalid_request(fmt::format("Node id must be an integer, but it is: {}", name));
  if (NodeId{*id} == node) return {};
  return invalid_request(fmt::format("Unexpected node id. Expected {}, but received {}", raw(node), *id));
}

Outcome check_name(std::string_view name) {
  if (name == kRoot) return {};
  return invalid_config(fmt::format("Logger {} does not exist!", name));
}

Outcome check_level(std::string_view name, std::string_view level) {
  if (find_level(level) != nullptr) return {};
  std::string all;
  for (const Level& one : kLevels) all += fmt::format("{}{}", all.empty() ? "" : ", ", one.name);
  return invalid_config(fmt::format(
      "Cannot set the log level of {} to {} as it is not a supported log level. Valid log levels are {}",
      name, level, all));
}

enum class Operation : int8_t { kSet = 0, kDelete = 1, kAppend = 2, kSubtract = 3 };

Outcome check_change(std::string_view name, int8_t operation, std::string_view level) {
  switch (Operation{operation}) {
    case Operation::kSet:
      if (Outcome known = check_name(name); !known) return known;
      return check_level(name, level);
    case Operation::kDelete:
      if (Outcome known = check_name(name); !known) return known;
      return invalid_request("Removing the log level of the root logger is not allowed");
    case Operation::kAppend:
      return invalid_request("APPEND operation is not allowed for the BROKER_LOGGER resource");
    case Operation::kSubtract:
      return invalid_request("SUBTRACT operation is not allowed for the BROKER_LOGGER resource");
  }
  return invalid_request(
      fmt::format("Unknown operation type {} is not allowed for the BROKER_LOGGER resource", int{operation}));
}

Outcome change(const Alter& resource, NodeId node, bool validate_only) {
  if (Outcome ours = check_node(resource.resource_name, node); !ours) return ours;
  for (const auto& config : resource.configs) {
    Outcome good = check_change(config.name, config.config_operation, config.value.value_or(""));
    if (!good) return good;
  }
  if (validate_only) return {};
  for (const auto& config : resource.configs) {
    spdlog::set_level(find_level(*config.value)->level);
    spdlog::warn("the log level is {} now", *config.value);
  }
  return {};
}

template <typename Result>
void set_outcome(Result& result, Outcome outcome, wire::Arena& arena) {
  result.error_code = outcome ? ErrorCode::kNone : outcome.error().code;
  result.error_message = std::nullopt;
  if (!outcome) result.error_message = arena.keep(std::move(outcome.error().message));
}

void add_root(const wire::DescribeConfigsRequest::DescribeConfigsResource& resource, Described& result) {
  const auto& keys = resource.configuration_keys;
  if (keys && !keys->empty() && std::ranges::find(*keys, kRoot) == keys->end()) return;
  wire::DescribeConfigsResponse::DescribeConfigsResourceResult row;
  row.name = kRoot;
  row.value = current_level();
  row.config_source = kSourceLogger;
  row.documentation = std::nullopt;
  result.configs.push_back(std::move(row));
}

}  // namespace

void describe_log_levels(const wire::DescribeConfigsRequest& request, NodeId node, wire::Arena& arena,
                         wire::DescribeConfigsResponse& response) {
  // The answer holds each resource once, in the order of first mention.
  std::set<std::string_view> seen;
  auto result = response.results.begin();
  for (const auto& resource : request.resources) {
    if (resource.resource_type != kType || !seen.insert(resource.resource_name).second) continue;
    result = std::find_if(result, response.results.end(),
                          [](const auto& one) { return one.resource_type == kType; });
    Outcome known = check_target(resource, node);
    if (known) add_root(resource, *result);
    set_outcome(*result, std::move(known), arena);
    ++result;
  }
}

void change_log_levels(const wire::IncrementalAlterConfigsRequest& request, NodeId node, wire::Arena& arena,
                       wire::IncrementalAlterConfigsResponse& response) {
  for (size_t i = 0; i < request.resources.size(); ++i) {
    auto& result = response.responses[i];
    if (request.resources[i].resource_type != kType || result.error_code != ErrorCode::kNone) continue;
    set_outcome(result, change(request.resources[i], node, request.validate_only), arena);
  }
}

}  // namespace tributary::broker
