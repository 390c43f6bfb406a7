#include "time_text.h"

#include <fmt/format.h>

#include "text.h"

namespace tributary::cli {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view name;
  int64_t ms;
};
// Longer names before their beginnings.
constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

tl::unexpected<Error> no_duration(std::string_view text) {
  return fail(Errc::kInvalidArgument,
              fmt::format("'{}' is no duration: expected 500ms, 10s, 5m, 1h30m or 2d", text));
}
tl::unexpected<Error> no_time(std::string_view text) {
  return fail(Errc::kInvalidArgument,
              fmt::format("'{}' is no point in time: expected milliseconds (13 digits), seconds (10 digits), "
                          "2024-05-01, 2024-05-01T10:00:00Z or a duration such as -1h",
                          text));
}

// Takes `digits` digits off the front of the text.
std::optional<int> take_number(std::string_view& text, size_t digits) {
  if (text.size() < digits) return std::nullopt;
  const auto number = parse_number<unsigned>(text.substr(0, digits));
  text.remove_prefix(digits);
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}
bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int64_t> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return milliseconds(sys_days(date).time_since_epoch()).count();
}

std::optional<int64_t> take_clock(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  int64_t ms = ((*hour * 60 + *minute) * 60 + *second) * int64_t{1000};
  if (!take(text, '.')) return ms;
  int64_t worth = 100;
  size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits, worth /= 10) {
    ms += (text[digits] - '0') * worth;
  }
  text.remove_prefix(digits);
  return digits > 0 ? std::optional(ms) : std::nullopt;
}

// Z, +hh:mm, -hh:mm, or nothing for UTC; the milliseconds that local time is ahead.
std::optional<int64_t> take_zone(std::string_view& text) {
  if (text.empty() || take(text, 'Z')) return 0;
  const int64_t sign = text[0] == '-' ? -1 : 1;
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute) return std::nullopt;
  return sign * (*hour * 60 + *minute) * 60'000;
}

std::optional<int64_t> parse_rfc3339(std::string_view text) {
  const auto date = take_date(text);
  if (!date || text.empty()) return date;
  if (!take(text, 'T')) return std::nullopt;
  const auto clock = take_clock(text);
  if (!clock) return std::nullopt;
  const auto zone = take_zone(text);
  return zone && text.empty() ? std::optional(*date + *clock - *zone) : std::nullopt;
}

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
  if (const auto seconds = parse_number<uint32_t>(text)) return std::chrono::seconds(*seconds);
  constexpr int64_t kLongest = int64_t{100} * 365 * 86'400'000;
  std::string_view rest = text;
  int64_t total = 0;
  while (!rest.empty()) {
    const size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    const auto number = parse_number<uint32_t>(rest.substr(0, digits));
    rest.remove_prefix(digits);
    const auto* unit = std::ranges::find_if(kUnits, [&](const Unit& u) { return rest.starts_with(u.name); });
    if (!number || unit == std::end(kUnits)) return no_duration(text);
    rest.remove_prefix(unit->name.size());
    total += *number * unit->ms;
    if (total > kLongest) return no_duration(text);
  }
  if (text.empty()) return no_duration(text);
  return milliseconds(total);
}

Result<TimestampMs> parse_timestamp(std::string_view text, TimestampMs base) {
  if (text == "now") return base;
  if (const auto number = parse_number<uint64_t>(text)) {
    if (text.size() == 13) return static_cast<TimestampMs>(*number);
    if (text.size() == 9 || text.size() == 10) return static_cast<TimestampMs>(*number * 1000);
    return no_time(text);
  }
  if (const auto time = parse_rfc3339(text)) return *time;
  std::string_view rest = text;
  const int64_t sign = take(rest, '-') ? -1 : 1;
  const auto duration = parse_duration(rest);
  if (!duration) return no_time(text);
  return base + sign * duration->count();
}

std::string to_rfc3339(TimestampMs time) {
  using namespace std::chrono;
  const sys_time<milliseconds> point{milliseconds(time)};
  const auto day = floor<days>(point);
  const year_month_day date{day};
  const auto clock = hh_mm_ss(point - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

}  // namespace tributary::cli
