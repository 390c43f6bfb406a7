#include "cli/offset_spec.h"

namespace tributary::cli {
namespace {

using Kind = OffsetBound::Kind;
constexpr TimestampMs kNow = 1'700'000'000'000;

OffsetRange range_of(std::string_view text) {
  const auto range = parse_offset_range(text, kNow);
  EXPECT_TRUE(range) << text << ": " << (range ? "" : range.error().message);
  return range.value_or(OffsetRange{});
}
OffsetRange from(Kind kind, int64_t value = 0) { return {{kind, value}, std::nullopt}; }
OffsetRange between(OffsetBound first, OffsetBound until) { return {first, until}; }

TEST(OffsetRange, OnePoint_IsWhereReadingBegins) {
  EXPECT_EQ(range_of("start"), from(Kind::kStart));
  EXPECT_EQ(range_of("beginning"), from(Kind::kStart));
  EXPECT_EQ(range_of("end"), from(Kind::kEnd));
  EXPECT_EQ(range_of("42"), from(Kind::kExact, 42));
  EXPECT_EQ(range_of("42:"), from(Kind::kExact, 42));
  EXPECT_EQ(range_of("+7"), from(Kind::kAfterStart, 7));
  EXPECT_EQ(range_of("-7"), from(Kind::kBeforeEnd, 7));
  EXPECT_EQ(range_of("@1600000000000"), from(Kind::kTimestamp, 1'600'000'000'000));
  EXPECT_EQ(range_of("@1600000000000:"), from(Kind::kTimestamp, 1'600'000'000'000));
  EXPECT_EQ(range_of("@-1h"), from(Kind::kTimestamp, kNow - 3'600'000));
}

TEST(OffsetRange, TwoPoints_AreBeginAndEnd) {
  EXPECT_EQ(range_of(":end"), between({Kind::kStart, 0}, {Kind::kEnd, 0}));
  EXPECT_EQ(range_of(":10"), between({Kind::kStart, 0}, {Kind::kExact, 10}));
  EXPECT_EQ(range_of("3:10"), between({Kind::kExact, 3}, {Kind::kExact, 10}));
  EXPECT_EQ(range_of("-5:end"), between({Kind::kBeforeEnd, 5}, {Kind::kEnd, 0}));
  EXPECT_EQ(range_of("@:1600000000"), between({Kind::kStart, 0}, {Kind::kTimestamp, 1'600'000'000'000}));
  EXPECT_EQ(range_of("@-1h:end"), between({Kind::kTimestamp, kNow - 3'600'000}, {Kind::kEnd, 0}));
}

TEST(OffsetRange, TimesWithColons_AreSplitBetweenThem) {
  const OffsetRange day = range_of("@2020-01-02T03:04:05Z:2020-01-03T00:00:00Z");
  EXPECT_EQ(day, between({Kind::kTimestamp, 1'577'934'245'000}, {Kind::kTimestamp, 1'578'009'600'000}));
  EXPECT_EQ(range_of("@2020-01-02T03:04:05Z"), from(Kind::kTimestamp, 1'577'934'245'000));
}

TEST(OffsetRange, DurationAsSecondTime_CountsFromTheFirst) {
  EXPECT_EQ(range_of("@1600000000:1h"),
            between({Kind::kTimestamp, 1'600'000'000'000}, {Kind::kTimestamp, 1'600'003'600'000}));
  EXPECT_EQ(range_of("@-2h:-1h"),
            between({Kind::kTimestamp, kNow - 7'200'000}, {Kind::kTimestamp, kNow - 3'600'000}));
}

TEST(OffsetRange, Nonsense_IsRefused) {
  for (const char* text :
       {"", ":", "x", "1:x", "--1", "+", "-", "@", "@:", "@x", "1-2", "99999999999999999999"}) {
    const auto range = parse_offset_range(text, kNow);
    ASSERT_FALSE(range) << text;
    EXPECT_EQ(range.error().code, Errc::kInvalidArgument);
  }
}

TEST(OffsetBound, Resolved_StaysWithinThePartition) {
  const PartitionSpan span{100, 200, 150};
  EXPECT_EQ(resolve({Kind::kStart, 0}, span), 100);
  EXPECT_EQ(resolve({Kind::kEnd, 0}, span), 200);
  EXPECT_EQ(resolve({Kind::kExact, 120}, span), 120);
  EXPECT_EQ(resolve({Kind::kExact, 1}, span), 100);
  EXPECT_EQ(resolve({Kind::kExact, 999}, span), 200);
  EXPECT_EQ(resolve({Kind::kAfterStart, 5}, span), 105);
  EXPECT_EQ(resolve({Kind::kAfterStart, INT64_MAX}, span), 200);
  EXPECT_EQ(resolve({Kind::kBeforeEnd, 5}, span), 195);
  EXPECT_EQ(resolve({Kind::kBeforeEnd, INT64_MAX}, span), 100);
  EXPECT_EQ(resolve({Kind::kTimestamp, 1}, span), 150);
}

TEST(OffsetBound, TimeAfterTheLastRecord_IsTheEnd) {
  EXPECT_EQ(resolve({Kind::kTimestamp, 1}, {100, 200, std::nullopt}), 200);
}

}  // namespace
}  // namespace tributary::cli
