#include "topic_name.h"

#include <fmt/format.h>

#include "tributary/control/controller.h"

namespace tributary::control {
namespace {

bool is_legal(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

}  // namespace

std::optional<std::string> topic_name_fault(std::string_view name) {
  if (name.empty()) return "Topic name is invalid: the empty string is not allowed";
  if (name == ".") return "Topic name is invalid: '.' is not allowed";
  if (name == "..") return "Topic name is invalid: '..' is not allowed";
  if (name.size() > kMaxTopicName) {
    return fmt::format("Topic name is invalid: the length of '{}' is longer than the max allowed length {}",
                       name.substr(0, kMaxTopicName), kMaxTopicName);
  }
  if (!std::all_of(name.begin(), name.end(), is_legal)) {
    return fmt::format(
        "Topic name is invalid: '{}' contains one or more characters other than ASCII alphanumerics, '.', "
        "'_' and "
        "'-'",
        name);
  }
  return std::nullopt;
}

bool is_internal_topic(std::string_view name) {
  return name == "__consumer_offsets" || name == "__transaction_state" || name == "__share_group_state";
}

bool has_collision_characters(std::string_view name) {
  return name.find_first_of("._") != std::string_view::npos;
}

std::string collision_prefix(std::string_view name) {
  std::string prefix(name);
  std::replace(prefix.begin(), prefix.end(), '.', '_');
  prefix.push_back('\0');
  return prefix;
}

}  // namespace tributary::control
