#include "segment_name.h"

#include <fmt/format.h>

#include <charconv>

namespace tributary::storage {

namespace {
constexpr size_t kOffsetDigits = 20;
}

std::string join_path(std::string_view directory, std::string_view name) {
  return fmt::format("{}/{}", directory, name);
}

std::string parent_path(std::string_view path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(slash == 0 ? "/" : path.substr(0, slash));
}

std::string segment_path(std::string_view directory, Offset base, std::string_view suffix) {
  return fmt::format("{}/{:020}{}", directory, base, suffix);
}

std::optional<SegmentName> parse_segment_name(std::string_view name) {
  if (name.size() <= kOffsetDigits || name[kOffsetDigits] != '.') return std::nullopt;
  Offset base = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kOffsetDigits, base);
  if (error != std::errc{} || end != name.data() + kOffsetDigits || base < 0) return std::nullopt;
  return SegmentName{base, name.substr(kOffsetDigits)};
}

}  // namespace tributary::storage
