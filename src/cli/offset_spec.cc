#include "offset_spec.h"

#include <fmt/format.h>

#include <algorithm>

#include "text.h"
#include "time_text.h"

namespace tributary::cli {
namespace {

using Kind = OffsetBound::Kind;

tl::unexpected<Error> bad(std::string_view text) {
  return fail(
      Errc::kInvalidArgument,
      fmt::format("'{}' is no offset: expected start, end, N, +N, -N, @TIME, or a range such as N:M, :end "
                  "or @TIME:end",
                  text));
}

Result<OffsetBound> parse_plain(std::string_view text) {
  if (text == "start" || text == "beginning" || text == "earliest") return OffsetBound{Kind::kStart, 0};
  if (text == "end" || text == "latest") return OffsetBound{Kind::kEnd, 0};
  Kind kind = Kind::kExact;
  std::string_view digits = text;
  if (text.starts_with('+')) kind = Kind::kAfterStart;
  if (text.starts_with('-')) kind = Kind::kBeforeEnd;
  if (kind != Kind::kExact) digits.remove_prefix(1);
  const auto number = parse_number<int64_t>(digits);
  if (!number || *number < 0) return bad(text);
  return OffsetBound{kind, *number};
}

Result<OffsetBound> parse_time(std::string_view text, TimestampMs base) {
  if (text == "end") return OffsetBound{Kind::kEnd, 0};
  TRIBUTARY_ASSIGN(const TimestampMs time, parse_timestamp(text, base));
  return OffsetBound{Kind::kTimestamp, time};
}

// Splits at the colon that leaves a time on both sides; a time has colons itself.
Result<OffsetRange> parse_time_range(std::string_view text, TimestampMs now) {
  if (const auto whole = parse_time(text, now); whole) return OffsetRange{*whole, std::nullopt};
  for (size_t colon = text.find(':'); colon != std::string_view::npos; colon = text.find(':', colon + 1)) {
    OffsetRange range;
    const auto left = text.substr(0, colon), right = text.substr(colon + 1);
    if (!left.empty()) {
      const auto from = parse_time(left, now);
      if (!from) continue;
      range.from = *from;
    }
    if (!right.empty()) {
      const bool from_time = range.from.kind == Kind::kTimestamp && right[0] != '-';
      const auto until = parse_time(right, from_time ? range.from.value : now);
      if (!until) continue;
      range.until = *until;
    }
    if (!left.empty() || !right.empty()) return range;
  }
  return bad(text);
}

}  // namespace

Result<OffsetBound> parse_offset_bound(std::string_view text, TimestampMs now) {
  return text.starts_with('@') ? parse_time(text.substr(1), now) : parse_plain(text);
}

Result<OffsetRange> parse_offset_range(std::string_view text, TimestampMs now) {
  if (text.starts_with('@')) return parse_time_range(text.substr(1), now);
  const size_t colon = text.find(':');
  OffsetRange range;
  if (const auto left = text.substr(0, colon); !left.empty()) {
    TRIBUTARY_ASSIGN(range.from, parse_plain(left));
  } else if (colon == std::string_view::npos || colon + 1 == text.size()) {
    return bad(text);
  }
  if (colon != std::string_view::npos && colon + 1 < text.size()) {
    TRIBUTARY_ASSIGN(range.until, parse_offset_bound(text.substr(colon + 1), now));
  }
  return range;
}

Offset resolve(const OffsetBound& bound, const PartitionSpan& span) {
  const int64_t length = std::max<int64_t>(0, span.end - span.start);
  switch (bound.kind) {
    case Kind::kStart:
      return span.start;
    case Kind::kEnd:
      return span.end;
    case Kind::kExact:
      return std::clamp(bound.value, span.start, span.start + length);
    case Kind::kAfterStart:
      return span.start + std::min(bound.value, length);
    case Kind::kBeforeEnd:
      return span.end - std::min(bound.value, length);
    case Kind::kTimestamp:
      return span.at_timestamp.value_or(span.end);
  }
  return span.start;
}

}  // namespace tributary::cli
