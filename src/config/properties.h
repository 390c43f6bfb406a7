// Java's properties format: `key = value`, `key: value` or `key value`, comments by # and !, a trailing
// backslash continues the line, \t \n \r \f \uXXXX and \<any> are escapes. Every text is a valid file.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace tributary::config {

struct Property {
  std::string key;
  std::string value;
  int line = 1;  // where it begins, from 1
};

std::vector<Property> parse_properties(std::string_view text);

}  // namespace tributary::config
