#include "tributary/base/crc32c.h"
#include "tributary/base/metrics.h"
#include "tributary/base/uuid.h"
#include "tributary/base/varint.h"

namespace tributary {
namespace {

TEST(Crc32c, KnownText_MatchesPublishedValue) { EXPECT_EQ(crc32c(as_bytes("123456789")), 0xE3069283u); }

TEST(Crc32c, SplitAnywhere_GivesTheSame) {
  const std::string text = "a log is a sequence of records, ordered by the time they were appended";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    const auto head = crc32c(as_bytes(std::string_view(text).substr(0, cut)));
    EXPECT_EQ(crc32c_extend(head, as_bytes(std::string_view(text).substr(cut))), crc32c(as_bytes(text)));
  }
}

TEST(Uuid, TextForm_RoundTrips) {
  Random random(7);
  for (int i = 0; i < 1000; ++i) {
    const Uuid id = Uuid::generate(random);
    ASSERT_EQ(Uuid::parse(id.to_string()), id);
    ASSERT_NE(id.to_string().front(), '-');
  }
  EXPECT_EQ(kMetadataTopicId.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
}

TEST(Uuid, BadText_IsRefused) {
  EXPECT_FALSE(Uuid::parse(""));
  EXPECT_FALSE(Uuid::parse("AAAAAAAAAAAAAAAAAAAA+Q"));
  EXPECT_FALSE(Uuid::parse("AAAAAAAAAAAAAAAAAAAAAQ=="));
}

TEST(Varint, EdgeValues_RoundTrip) {
  for (uint64_t value : {uint64_t{0}, uint64_t{127}, uint64_t{128}, uint64_t{1} << 35, ~uint64_t{0}}) {
    uint8_t buffer[kMaxVarint64];
    const size_t n = write_varint(buffer, value);
    EXPECT_EQ(n, varint_size(value));
    uint64_t back = 0;
    EXPECT_EQ(read_varint64({buffer, n}, back), n);
    EXPECT_EQ(back, value);
    EXPECT_EQ(read_varint64({buffer, n - 1}, back), 0u);
  }
}

TEST(Varint, ThirtyTwoBitOverflow_IsRefused) {
  const uint8_t too_big[] = {0xff, 0xff, 0xff, 0xff, 0x1f};
  const uint8_t endless[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
  uint32_t out = 0;
  EXPECT_EQ(read_varint32(too_big, out), 0u);
  EXPECT_EQ(read_varint32(endless, out), 0u);
}

TEST(Varint, ZigZag_IsItsOwnInverse) {
  for (int64_t v : {int64_t{0}, int64_t{-1}, int64_t{1}, INT64_MIN, INT64_MAX})
    EXPECT_EQ(unzigzag64(zigzag64(v)), v);
  for (int32_t v : {0, -1, 1, INT32_MIN, INT32_MAX}) EXPECT_EQ(unzigzag32(zigzag32(v)), v);
}

TEST(Histogram, Quantile_IsWithinAnEighth) {
  Histogram h;
  for (uint64_t v = 1; v <= 100'000; ++v) h.record_unshared(v);
  EXPECT_NEAR(h.quantile(0.5), 50'000, 50'000 / 4.0);
  EXPECT_NEAR(h.quantile(0.99), 99'000, 99'000 / 4.0);
  EXPECT_EQ(h.count(), 100'000u);
}

}  // namespace
}  // namespace tributary
