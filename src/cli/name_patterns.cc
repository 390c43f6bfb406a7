#include "name_patterns.h"

#include <fmt/format.h>

#include <algorithm>

namespace tributary::cli {

Result<NamePatterns> NamePatterns::compile(const std::vector<std::string>& patterns) {
  NamePatterns compiled;
  for (const std::string& pattern : patterns) {
    try {
      compiled.patterns_.emplace_back(pattern, std::regex::extended | std::regex::nosubs);
    } catch (const std::regex_error& error) {
      return fail(Errc::kInvalidArgument,
                  fmt::format("'{}' is no regular expression: {}", pattern, error.what()));
    }
  }
  return compiled;
}

bool NamePatterns::match(const std::string& name) const {
  return std::ranges::any_of(patterns_,
                             [&](const std::regex& pattern) { return std::regex_match(name, pattern); });
}

}  // namespace tributary::cli
