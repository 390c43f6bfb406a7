// Reading the configuration: YAML files, properties files and --set, merged in this order over the defaults.
// All errors are collected, none is thrown; files and environment are handed in.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tributary/base/result.h"
#include "tributary/config/values.h"

namespace tributary::config {

// The exit code of a process whose configuration is wrong: sysexits' EX_CONFIG; starting again cannot help.
inline constexpr int kExitConfigError = 78;

struct ConfigError {
  std::string where;  // "region.yaml:14:9"
  std::string text;
};

struct LoadResult {
  Values values;
  std::vector<std::string> warnings;
  std::vector<ConfigError> errors;  // any: values must not be used
};

// What the loader may ask of the machine.
struct Surroundings {
  std::function<Result<std::string>(const std::string& path)> read_file;
  std::function<std::optional<std::string>(const std::string& name)> environment;
};
Surroundings real_surroundings();

struct Sources {
  std::vector<std::string> yaml_files;
  std::vector<std::string> properties_files;
  std::vector<std::string> overrides;  // "log.segment.bytes=64MiB"
};

LoadResult load(const Sources& sources, const Surroundings& surroundings);

// One line per error: "region.yaml:14:9: text".
std::string describe(const std::vector<ConfigError>& errors);

}  // namespace tributary::config
