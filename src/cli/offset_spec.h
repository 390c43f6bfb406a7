// Where to begin and where to stop reading, as the --offset of consume and trim-prefix says it. Pure.
//
//   start  end  N  +N  -N         the first, the next to be written, exactly N, N after the first, N before
//   the end N:  :N  N:M  :end  start:end  from, until (not included), both
//   @T  @T:  :@T  @T:T2  @T:end   by time; forms of T are those of parse_timestamp, a duration as T2 counts
//   from T
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "tributary/base/ids.h"
#include "tributary/base/result.h"

namespace tributary::cli {

struct OffsetBound {
  enum class Kind { kStart, kEnd, kExact, kAfterStart, kBeforeEnd, kTimestamp };
  Kind kind = Kind::kStart;
  int64_t value = 0;  // an offset, a distance or milliseconds; 0 for kStart and kEnd

  bool operator==(const OffsetBound&) const = default;
};

struct OffsetRange {
  OffsetBound from;
  std::optional<OffsetBound> until;

  bool operator==(const OffsetRange&) const = default;
};

Result<OffsetRange> parse_offset_range(std::string_view text, TimestampMs now);
// One bound alone.
Result<OffsetBound> parse_offset_bound(std::string_view text, TimestampMs now);

// What a partition holds, as far as a bound needs it.
struct PartitionSpan {
  Offset start = 0;
  Offset end = 0;
  std::optional<Offset>
      at_timestamp;  // first record at or after the bound's time; none if there is no such record
};
// The offset a bound means, within start and end.
Offset resolve(const OffsetBound& bound, const PartitionSpan& span);

}  // namespace tributary::cli
