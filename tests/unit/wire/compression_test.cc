#include "tributary/wire/compression.h"

#include "tributary/base/random.h"

namespace tributary::wire {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

std::vector<uint8_t> text_like(size_t size, uint64_t seed) {
  Random random(seed);
  std::vector<uint8_t> data(size);
  for (auto& byte : data) byte = static_cast<uint8_t>('a' + random.below(6));
  return data;
}

class EveryCodec : public testing::TestWithParam<Codec> {};

TEST_P(EveryCodec, AnySize_RoundTrips) {
  std::vector<uint8_t> plain;
  for (const size_t size :
       {size_t{0}, size_t{1}, size_t{100}, size_t{32768}, size_t{32769}, size_t{200'000}, 3 * kMiB}) {
    const auto data = text_like(size, size);
    std::vector<uint8_t> packed;
    ASSERT_TRUE(compress(GetParam(), data, packed));
    const Status status = decompress(GetParam(), packed, plain, size);
    ASSERT_TRUE(status) << size << ": " << status.error().message;
    ASSERT_EQ(plain, data) << size;
  }
}

TEST_P(EveryCodec, Output_IsAppended) {
  std::vector<uint8_t> packed = {1, 2, 3};
  const auto data = text_like(1000, 1);
  ASSERT_TRUE(compress(GetParam(), data, packed));
  EXPECT_EQ(packed[2], 3);
  std::vector<uint8_t> plain(5'000'000, 7);  // what a scratch buffer held before does not show
  ASSERT_TRUE(decompress(GetParam(), ByteView(packed).subspan(3), plain, kMiB));
  EXPECT_EQ(plain, data);
}

TEST_P(EveryCodec, PastTheLimit_IsRefused) {
  const auto data = text_like(100'000, 2);
  std::vector<uint8_t> packed, plain;
  ASSERT_TRUE(compress(GetParam(), data, packed));
  const Status status = decompress(GetParam(), packed, plain, data.size() - 1);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::kTooLarge);
}

TEST_P(EveryCodec, Bomb_StopsAtTheLimit) {
  const std::vector<uint8_t> zeroes(64 * kMiB);
  std::vector<uint8_t> packed, plain;
  ASSERT_TRUE(compress(GetParam(), zeroes, packed));
  const Status status = decompress(GetParam(), packed, plain, kMiB);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::kTooLarge);
  EXPECT_LE(plain.capacity(), 4 * kMiB);
}

TEST_P(EveryCodec, CutAnywhere_IsRefused) {
  if (GetParam() == Codec::kNone) return;
  const auto data = text_like(2000, 3);
  std::vector<uint8_t> packed, plain;
  ASSERT_TRUE(compress(GetParam(), data, packed));
  for (size_t size = 0; size < packed.size(); ++size) {
    const std::vector<uint8_t> cut(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size));
    const Status status = decompress(GetParam(), cut, plain, kMiB);
    const bool whole_blocks =
        GetParam() == Codec::kSnappy && size == 16;  // a header and no block: an empty stream
    ASSERT_EQ(status.has_value(), whole_blocks) << size;
  }
}

TEST_P(EveryCodec, OneBitChanged_NeverCrashes) {
  const auto data = text_like(3000, 4);
  std::vector<uint8_t> packed, plain;
  ASSERT_TRUE(compress(GetParam(), data, packed));
  Random random(5);
  for (int i = 0; i < 2000; ++i) {
    auto changed = packed;
    changed[random.below(changed.size())] ^= static_cast<uint8_t>(1u << random.below(8));
    if (decompress(GetParam(), changed, plain, kMiB)) EXPECT_LE(plain.size(), kMiB);
  }
}

INSTANTIATE_TEST_SUITE_P(Codecs, EveryCodec,
                         testing::Values(Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4,
                                         Codec::kZstd));

TEST(Compression, UnknownCodec_IsUnsupported) {
  std::vector<uint8_t> out;
  EXPECT_EQ(compress(Codec{5}, {}, out).error().code, Errc::kUnsupported);
  EXPECT_EQ(decompress(Codec{7}, {}, out, 10).error().code, Errc::kUnsupported);
}

TEST(Compression, GzipLevel_IsChecked) {
  std::vector<uint8_t> out;
  EXPECT_EQ(compress(Codec::kGzip, {}, out, 10).error().code, Errc::kInvalidArgument);
  EXPECT_TRUE(compress(Codec::kGzip, {}, out, 9));
}

TEST(Compression, HigherLevel_IsSmaller) {
  const auto data = text_like(100'000, 6);
  for (const auto& [codec, low, high] :
       {std::tuple{Codec::kGzip, 1, 9}, {Codec::kLz4, 1, 9}, {Codec::kZstd, 1, 19}}) {
    std::vector<uint8_t> fast, small;
    ASSERT_TRUE(compress(codec, data, fast, low));
    ASSERT_TRUE(compress(codec, data, small, high));
    EXPECT_LT(small.size(), fast.size());
  }
}

TEST(Compression, GzipMembersAndZstdFramesInARow_AreReadAsOne) {
  const auto data = text_like(1000, 7);
  for (const Codec codec : {Codec::kGzip, Codec::kZstd, Codec::kSnappy}) {
    std::vector<uint8_t> packed, plain;
    ASSERT_TRUE(compress(codec, data, packed));
    ASSERT_TRUE(compress(codec, data, packed));
    ASSERT_TRUE(decompress(codec, packed, plain, kMiB));
    EXPECT_EQ(plain.size(), 2 * data.size());
  }
}

TEST(Compression, BareSnappyBlock_IsRead) {
  const std::vector<uint8_t> block = {5, 4 << 2, 'h', 'e', 'l', 'l', 'o'};  // length, literal of five
  std::vector<uint8_t> plain;
  ASSERT_TRUE(decompress(Codec::kSnappy, block, plain, kMiB));
  EXPECT_EQ(as_text(plain), "hello");
}

TEST(Compression, SnappyLengthThatLies_AllocatesNothing) {
  const std::vector<uint8_t> block = {0xff, 0xff, 0xff, 0x7f, 4 << 2, 'h', 'e', 'l', 'l', 'o'};
  std::vector<uint8_t> plain;
  EXPECT_EQ(decompress(Codec::kSnappy, block, plain, SIZE_MAX).error().code, Errc::kCorruption);
  EXPECT_EQ(plain.capacity(), 0u);
}

TEST(Compression, Lz4LinkedBlocks_AreRefused) {
  std::vector<uint8_t> packed, plain;
  ASSERT_TRUE(compress(Codec::kLz4, text_like(100, 8), packed));
  packed[4] &= static_cast<uint8_t>(~0x20);
  EXPECT_EQ(decompress(Codec::kLz4, packed, plain, kMiB).error().code, Errc::kCorruption);
}

}  // namespace
}  // namespace tributary::wire
