#include "tributary/config/values.h"

#include <charconv>
#include <limits>

#include "text.h"
#include "tributary/base/assert.h"
#include "tributary/config/setting.h"

namespace tributary::config {
namespace {

int64_t to_integer(std::string_view name, const std::string& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  TRIBUTARY_ASSERT(error == std::errc{} && end == text.data() + text.size(), "{} is {}", name, text);
  return number;
}

std::string existing(const Values& values, std::string_view name) {
  auto value = values.find(name);
  TRIBUTARY_ASSERT(value.has_value(), "{} has no value", name);
  return *std::move(value);
}

}  // namespace

std::optional<std::string> Values::find(std::string_view name) const {
  if (const auto found = entries_.find(name); found != entries_.end()) return found->second.value;
  if (const auto base = listener_override_base(name); !base.empty()) return find(base);
  const Setting* setting = find_setting(name);
  TRIBUTARY_ASSERT(setting, "no setting {}", name);
  if (!setting->default_value) return std::nullopt;
  return std::string(*setting->default_value);
}

std::string Values::get_string(std::string_view name) const { return find(name).value_or(""); }

int64_t Values::get_long(std::string_view name) const { return to_integer(name, existing(*this, name)); }

int32_t Values::get_int(std::string_view name) const {
  const int64_t number = get_long(name);
  TRIBUTARY_ASSERT(
      number >= std::numeric_limits<int32_t>::min() && number <= std::numeric_limits<int32_t>::max(),
      "{} is {}", name, number);
  return static_cast<int32_t>(number);
}

double Values::get_double(std::string_view name) const {
  const auto number = parse_double(existing(*this, name));
  TRIBUTARY_ASSERT(number, "{} is no number", name);
  return *number;
}

bool Values::get_bool(std::string_view name) const { return existing(*this, name) == "true"; }

std::vector<std::string> Values::get_list(std::string_view name) const {
  return split_list(get_string(name));
}

bool Values::is_set(std::string_view name) const { return entries_.contains(name); }

Origin Values::origin(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? Origin{} : found->second.origin;
}

void Values::set(std::string_view name, std::string value, Origin origin) {
  entries_.insert_or_assign(std::string(name), Entry{std::move(value), std::move(origin)});
}

}  // namespace tributary::config
