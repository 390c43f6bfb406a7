// Small things about text that several verbs need. Pure.
#pragma once
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tributary::cli {

// The pieces between separators, empty ones left out.
std::vector<std::string> split(std::string_view text, char separator);

// The whole text as a number, nothing else.
template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

std::string join(const std::vector<int32_t>& numbers, std::string_view separator);

// The name most like this one, if one is like enough to be what was meant.
std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& names);

// With '?' for control characters, so that a name from somewhere cannot drive the terminal.
std::string printable(std::string text);

bool is_utf8(std::string_view text);
std::string to_hex(std::string_view bytes);
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);
std::optional<std::string> from_base64(std::string_view text);

}  // namespace tributary::cli
