// Points in time and durations as people write them. Pure: now is handed in. Times are milliseconds since the
// Unix epoch.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "tributary/base/ids.h"
#include "tributary/base/result.h"

namespace tributary::cli {

// `500ms`, `10s`, `1h30m`, `2d`; a bare number is seconds.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

// 13 digits are milliseconds, 9 or 10 seconds; `2024-05-01`, `2024-05-01T10:00:00.5Z` (UTC),
// `2024-05-01T12:00:00+02:00`; `now`; `-1h` and `1h` are before and after `base`.
Result<TimestampMs> parse_timestamp(std::string_view text, TimestampMs base);

std::string to_rfc3339(TimestampMs time);

}  // namespace tributary::cli
