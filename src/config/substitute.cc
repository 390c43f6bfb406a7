#include "substitute.h"

#include <fmt/format.h>

namespace tributary::config {
namespace {

bool is_name(std::string_view text) {
  const auto letter = [](char c) { return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  const auto good = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !text.empty() && letter(text[0]) && std::ranges::all_of(text, good);
}

Result<std::string> variable(std::string_view inside, const Surroundings& surroundings) {
  const size_t mark = inside.find(":-");
  const std::string name(inside.substr(0, mark));
  if (!is_name(name)) return fail(Errc::kInvalidArgument, fmt::format("\"{}\" is no variable name", name));
  const auto value = surroundings.environment(name);
  if (mark == std::string_view::npos && !value)
    return fail(Errc::kInvalidArgument, fmt::format("the environment has no {}", name));
  if (mark != std::string_view::npos && (!value || value->empty()))
    return std::string(inside.substr(mark + 2));
  return *value;
}

}  // namespace

Result<std::string> substitute(std::string_view text, const Surroundings& surroundings) {
  std::string out;
  for (size_t at = 0;;) {
    const size_t start = text.find("${", at);
    if (start == std::string_view::npos) return out.append(text.substr(at));
    if (start > at && text[start - 1] == '$') {
      out.append(text.substr(at, start - 1 - at)).append("${");
      at = start + 2;
      continue;
    }
    const size_t end = text.find('}', start);
    if (end == std::string_view::npos) return fail(Errc::kInvalidArgument, "\"${\" without \"}\"");
    TRIBUTARY_ASSIGN(const std::string value,
                     variable(text.substr(start + 2, end - start - 2), surroundings));
    out.append(text.substr(at, start - at)).append(value);
    at = end + 1;
  }
}

}  // namespace tributary::config
