#include "config_checks.h"

#include <fmt/format.h>

#include <charconv>

#include "tributary/config/validate.h"

namespace tributary::control {
namespace {

using wire::ErrorCode;

Checked<void> check_size(std::string_view value) {
  if (value.size() <= kMaxConfigValue) return {};
  return refuse(
      ErrorCode::kInvalidConfig,
      fmt::format("The configuration value cannot be added because it exceeds the maximum value size of {} "
                  "bytes.",
                  kMaxConfigValue));
}

std::optional<int64_t> number(const std::optional<std::string>& text) {
  int64_t value = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc()) {
    return std::nullopt;
  }
  return value;
}

Checked<void> check_compaction_lag(const ConfigMap& configs, const ConfigView& view) {
  const auto least = number(view.topic_value("min.compaction.lag.ms", &configs));
  const auto most = number(view.topic_value("max.compaction.lag.ms", &configs));
  if (!least || !most || *least <= *most) return {};
  return refuse(
      ErrorCode::kInvalidConfig,
      fmt::format("conflict topic config setting min.compaction.lag.ms ({}) > max.compaction.lag.ms ({})",
                  *least, *most));
}

Checked<void> check_tiering(const ConfigMap& configs) {
  const std::string* enabled = find_value(&configs, "remote.storage.enable");
  if (enabled == nullptr || *enabled != "true") return {};
  return refuse(
      ErrorCode::kInvalidConfig,
      "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log "
      "storage.");
}

}  // namespace

Checked<void> check_topic_configs(const ConfigMap& configs, const ConfigView& view) {
  for (const auto& [name, value] : configs) {
    TRIBUTARY_CHECK(check_size(value));
    if (auto fault = config::validate_topic_config(name, value)) {
      return refuse(ErrorCode::kInvalidConfig, std::move(*fault));
    }
  }
  TRIBUTARY_CHECK(check_tiering(configs));
  return check_compaction_lag(configs, view);
}

Checked<void> check_broker_configs(const ConfigMap& configs, bool cluster_default) {
  for (const auto& [name, value] : configs) {
    TRIBUTARY_CHECK(check_size(value));
    if (auto fault = config::check_dynamic_update(name, cluster_default)) {
      return refuse(ErrorCode::kInvalidRequest, std::move(*fault));
    }
    if (auto fault = config::validate_broker_config(name, value)) {
      return refuse(ErrorCode::kInvalidRequest, std::move(*fault));
    }
  }
  return {};
}

}  // namespace tributary::control
