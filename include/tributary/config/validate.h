// Checks of single values against their row. No state.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "tributary/base/result.h"
#include "tributary/config/setting.h"

namespace tributary::config {

enum class Syntax {
  kPlain,  // Kafka's: numbers only, as in properties files and in AlterConfigs
  kUnits,  // also 64MiB, 7d, 250ms: YAML and --set
};

// The value in plain form, or what is wrong with it in Kafka's words ("Invalid value x for configuration y:
// ...").
Result<std::string> normalize(const Setting& setting, std::string_view value, Syntax syntax);

// For dynamic configuration: nothing when the value is good, else the text for the answer. An unknown topic
// setting is an error; an unknown broker setting is not (Kafka takes custom ones).
std::optional<std::string> validate_topic_config(std::string_view name, std::string_view value);
std::optional<std::string> validate_broker_config(std::string_view name, std::string_view value);

// Whether IncrementalAlterConfigs may set this on one broker (`cluster_default` false) or on the default
// resource. Nothing when it may, else the text.
std::optional<std::string> check_dynamic_update(std::string_view name, bool cluster_default);

}  // namespace tributary::config
