// Settings that ask for protection this broker does not give yet. They are refused, never ignored.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace tributary::config {

// Why this value of this setting cannot be taken; nothing when it asks for no protection. `value` is in plain
// form, `name` may be one of listener.name.<l>.<key>.
std::optional<std::string> security_refusal(std::string_view name, std::string_view value);

}  // namespace tributary::config
