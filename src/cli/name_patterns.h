// Names chosen by regular expressions (POSIX extended), each for the whole name. Pure.
#pragma once
#include <regex>
#include <string>
#include <vector>

#include "tributary/base/result.h"

namespace tributary::cli {

class NamePatterns {
 public:
  static Result<NamePatterns> compile(const std::vector<std::string>& patterns);
  bool match(const std::string& name) const;

 private:
  std::vector<std::regex> patterns_;
};

}  // namespace tributary::cli
