#include "security.h"

#include <fmt/format.h>

#include "text.h"
#include "tributary/config/setting.h"

namespace tributary::config {
namespace {

constexpr std::string_view kPrefixes[] = {"sasl.", "ssl.", "delegation.token."};

bool asks_for_security(std::string_view key) {
  if (const Setting* setting = find_setting(key)) return setting->standing == Standing::kSecurity;
  return std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return key.starts_with(prefix); }) ||
         key.find(".sasl.") != std::string_view::npos;
}

bool is_default(std::string_view key, std::string_view value) {
  if (trim(value).empty()) return true;
  const Setting* setting = find_setting(key);
  return setting && setting->default_value && value == *setting->default_value;
}

bool protects(std::string_view protocol) {
  return protocol.starts_with("SSL") || protocol.starts_with("SASL");
}

std::string refusal(std::string_view what) {
  return fmt::format("{} is not enforced yet; refusing to start", what);
}

// A map entry counts only for a name that is not the protocol's own: those four are Kafka's default.
std::optional<std::string> refuse_in_map(std::string_view value) {
  for (const std::string& pair : split_list(value)) {
    const size_t colon = pair.find(':');
    if (colon == std::string::npos) continue;
    const std::string name = upper(trim(std::string_view(pair).substr(0, colon)));
    const std::string protocol = upper(trim(std::string_view(pair).substr(colon + 1)));
    if (protects(protocol) && name != protocol)
      return refusal(fmt::format("{} of listener {}", protocol, name));
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> security_refusal(std::string_view name, std::string_view value) {
  if (name == "listener.security.protocol.map") return refuse_in_map(value);
  const auto base = listener_override_base(name);
  const std::string_view key = base.empty() ? name : base;
  if (!asks_for_security(key) || is_default(key, value)) return std::nullopt;
  return refusal(name);
}

}  // namespace tributary::config
