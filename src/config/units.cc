#include "units.h"

#include <charconv>

#include "text.h"

namespace tributary::config {
namespace {

struct Suffix {
  std::string_view text;
  int64_t factor;
};

constexpr int64_t kKibi = 1024;
constexpr int64_t kKilo = 1000;
constexpr Suffix kSizes[] = {{"B", 1},
                             {"KiB", kKibi},
                             {"MiB", kKibi* kKibi},
                             {"GiB", kKibi* kKibi* kKibi},
                             {"TiB", kKibi* kKibi* kKibi* kKibi},
                             {"kB", kKilo},
                             {"KB", kKilo},
                             {"MB", kKilo* kKilo},
                             {"GB", kKilo* kKilo* kKilo},
                             {"TB", kKilo* kKilo* kKilo* kKilo}};
constexpr int64_t kSecond = 1000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;
constexpr Suffix kTimes[] = {{"ms", 1},    {"s", kSecond},    {"m", kMinute},       {"min", kMinute},
                             {"h", kHour}, {"d", 24 * kHour}, {"w", 7 * 24 * kHour}};

bool is_time(Unit unit) { return unit >= Unit::kMilliseconds; }

int64_t milliseconds_of(Unit unit) {
  switch (unit) {
    case Unit::kSeconds:
      return kSecond;
    case Unit::kMinutes:
      return kMinute;
    case Unit::kHours:
      return kHour;
    default:
      return 1;
  }
}

std::optional<int64_t> factor_of(std::string_view suffix, Unit unit) {
  if (unit == Unit::kNone) return std::nullopt;
  if (unit == Unit::kBytesPerSecond && suffix.ends_with("/s")) suffix.remove_suffix(2);
  const std::span<const Suffix> known = is_time(unit) ? std::span<const Suffix>(kTimes) : kSizes;
  const auto found = std::ranges::find(known, suffix, &Suffix::text);
  if (found == known.end()) return std::nullopt;
  return found->factor;
}

}  // namespace

std::optional<int64_t> parse_integer(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<int64_t> parse_with_unit(std::string_view text, Unit unit) {
  const size_t digits_end = text.find_first_not_of("+-0123456789");
  const std::string_view digits = text.substr(0, digits_end);
  const auto number = parse_integer(digits);
  const bool octal_looking = digits.size() > 1 && digits[0] == '0';
  if (!number || octal_looking) return std::nullopt;
  if (digits_end == std::string_view::npos) return number;
  const auto factor = factor_of(trim(text.substr(digits_end)), unit);
  int64_t scaled = 0;
  if (!factor || __builtin_mul_overflow(*number, *factor, &scaled)) return std::nullopt;
  const int64_t divisor = milliseconds_of(unit);
  if (scaled % divisor != 0) return std::nullopt;
  return scaled / divisor;
}

std::string_view unit_example(Unit unit) {
  switch (unit) {
    case Unit::kNone:
      return "";
    case Unit::kBytes:
      return "a size like 64MiB";
    case Unit::kBytesPerSecond:
      return "a rate like 64MiB/s";
    case Unit::kMilliseconds:
      return "a duration like 250ms or 7d";
    case Unit::kSeconds:
      return "a duration in whole seconds like 30s";
    case Unit::kMinutes:
      return "a duration in whole minutes like 10m";
    case Unit::kHours:
      return "a duration in whole hours like 12h";
  }
  return "";
}

}  // namespace tributary::config
