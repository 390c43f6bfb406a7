// Files and environment of a test, in memory.
#pragma once
#include <map>
#include <string>

#include "tributary/config/load.h"

namespace tributary::config {

struct FakeMachine {
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> environment;

  Surroundings surroundings() const {
    return {[this](const std::string& path) -> Result<std::string> {
              const auto found = files.find(path);
              if (found == files.end()) return fail(Errc::kNotFound, "cannot open " + path);
              return found->second;
            },
            [this](const std::string& name) -> std::optional<std::string> {
              const auto found = environment.find(name);
              return found == environment.end() ? std::nullopt : std::optional(found->second);
            }};
  }

  LoadResult yaml(const std::string& text) {
    files["t.yaml"] = text;
    return load({.yaml_files = {"t.yaml"}, .properties_files = {}, .overrides = {}}, surroundings());
  }

  LoadResult properties(const std::string& text) {
    files["t.properties"] = text;
    return load({.yaml_files = {}, .properties_files = {"t.properties"}, .overrides = {}}, surroundings());
  }
};

// The errors as one text, as main prints them.
inline std::string errors_of(const LoadResult& result) { return describe(result.errors); }

}  // namespace tributary::config
