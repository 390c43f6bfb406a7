#include "tributary/wire/reader.h"
#include "tributary/wire/writer.h"

namespace tributary::wire {
namespace {

std::vector<uint8_t> bytes(std::initializer_list<int> values) {
  std::vector<uint8_t> out;
  for (const int value : values) out.push_back(static_cast<uint8_t>(value));
  return out;
}

TEST(ReaderWriter, Scalars_RoundTripBigEndian) {
  Writer out;
  out.write_bool(true);
  out.write_int8(-2);
  out.write_int16(-3);
  out.write_uint16(65535);
  out.write_int32(-5);
  out.write_uint32(UINT32_MAX);
  out.write_int64(INT64_MIN);
  out.write_float64(-1.5);
  out.write_uuid(kMetadataTopicId);
  EXPECT_EQ(out.buffer()[2], 0xff);
  EXPECT_EQ(out.buffer()[3], 0xfd);
  Reader in(out.buffer());
  EXPECT_TRUE(in.read_bool());
  EXPECT_EQ(in.read_int8(), -2);
  EXPECT_EQ(in.read_int16(), -3);
  EXPECT_EQ(in.read_uint16(), 65535);
  EXPECT_EQ(in.read_int32(), -5);
  EXPECT_EQ(in.read_uint32(), UINT32_MAX);
  EXPECT_EQ(in.read_int64(), INT64_MIN);
  EXPECT_EQ(in.read_float64(), -1.5);
  EXPECT_EQ(in.read_uuid(), kMetadataTopicId);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.remaining(), 0u);
}

TEST(ReaderWriter, Varints_RoundTripAtTheirEdges) {
  for (const int64_t value : {int64_t{0}, int64_t{-1}, int64_t{63}, int64_t{64}, int64_t{INT32_MAX},
                              int64_t{INT32_MIN}, INT64_MAX, INT64_MIN}) {
    Writer out;
    out.write_varlong(value);
    out.write_varint(static_cast<int32_t>(value));
    out.write_uvarint(static_cast<uint32_t>(value));
    Reader in(out.buffer());
    EXPECT_EQ(in.read_varlong(), value);
    EXPECT_EQ(in.read_varint(), static_cast<int32_t>(value));
    EXPECT_EQ(in.read_uvarint(), static_cast<uint32_t>(value));
    EXPECT_TRUE(in.ok());
  }
}

TEST(Reader, VarintThatDoesNotEndOrFit_Fails) {
  for (const auto& data :
       {bytes({0x80}), bytes({0x80, 0x80, 0x80, 0x80, 0x10}), bytes({0xff, 0xff, 0xff, 0xff, 0xff, 1})}) {
    Reader in(data);
    EXPECT_EQ(in.read_uvarint(), 0u);
    EXPECT_FALSE(in.ok());
  }
}

TEST(Reader, AfterAFailure_EveryReadIsZero) {
  const auto data = bytes({1, 2, 3, 4, 5});
  Reader in(data);
  EXPECT_EQ(in.read_int64(), 0);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.remaining(), 0u);
  EXPECT_EQ(in.read_int8(), 0);
  EXPECT_EQ(in.read_string(true), "");
  EXPECT_EQ(in.read_nullable_string(false).value_or("x"), "");
  EXPECT_EQ(in.read_array_size(true, 1), 0u);
  EXPECT_TRUE(in.read_uuid().is_zero());
}

TEST(ReaderWriter, StringsAndBytes_RoundTripInBothForms) {
  for (const bool flexible : {false, true}) {
    const std::string text(200, 'x');
    Writer out;
    out.write_string("", flexible);
    out.write_string(text, flexible);
    out.write_nullable_string(std::nullopt, flexible);
    out.write_bytes(as_bytes(text), flexible);
    out.write_nullable_bytes(std::nullopt, flexible);
    Reader in(out.buffer());
    EXPECT_EQ(in.read_string(flexible), "");
    EXPECT_EQ(in.read_string(flexible), text);
    EXPECT_EQ(in.read_nullable_string(flexible), std::nullopt);
    EXPECT_EQ(as_text(in.read_bytes(flexible)), text);
    EXPECT_FALSE(in.read_nullable_bytes(flexible));
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(in.remaining(), 0u);
  }
}

TEST(Reader, NullWhereNoneMayBe_Fails) {
  const auto compact = bytes({0});
  const auto fixed = bytes({0xff, 0xff, 0xff, 0xff});
  for (const bool flexible : {false, true}) {
    const auto& data = flexible ? compact : fixed;
    Reader string(data), blob(data), array(data);
    string.read_string(flexible);
    blob.read_bytes(flexible);
    array.read_array_size(flexible, 1);
    EXPECT_FALSE(string.ok() || blob.ok() || array.ok());
  }
}

TEST(Reader, NegativeLengthOtherThanNull_Fails) {
  const auto data = bytes({0xff, 0xff, 0xff, 0xfe});
  Reader string(std::span(data).subspan(2)), blob(data), array(data);
  string.read_nullable_string(false);
  blob.read_nullable_bytes(false);
  array.read_nullable_array_size(false, 1);
  EXPECT_FALSE(string.ok() || blob.ok() || array.ok());
}

TEST(Reader, LengthBeyondTheInput_Fails) {
  const auto data = bytes({5, 'a', 'b', 'c'});
  Reader in(data);
  EXPECT_EQ(in.read_string(true), "");
  EXPECT_FALSE(in.ok());
}

TEST(Reader, StringOverTheLimit_FailsInCompactFormToo) {
  for (const size_t size : {size_t{INT16_MAX}, size_t{INT16_MAX} + 1}) {
    Writer out;
    out.write_bytes(as_bytes(std::string(size, 's')), true);
    Reader in(out.buffer());
    EXPECT_EQ(in.read_string(true).size(), size == INT16_MAX ? size : 0);
    EXPECT_EQ(in.ok(), size == INT16_MAX);
  }
}

TEST(Reader, ArraySize_IsBoundedByWhatIsLeft) {
  const auto data = bytes({4, 0, 0, 0, 0, 0, 0});  // three elements in six bytes
  Reader fits(data), large(data);
  EXPECT_EQ(fits.read_array_size(true, 2), 3u);
  EXPECT_TRUE(fits.ok());
  EXPECT_EQ(large.read_array_size(true, 3), 0u);
  EXPECT_FALSE(large.ok());
}

TEST(Reader, ArrayOverTheLimit_FailsEvenIfItIsThere) {
  Writer out;
  out.write_array_size(kMaxArraySize + 1, true);
  out.buffer().resize(out.buffer().size() + kMaxArraySize + 1);
  Reader in(out.buffer());
  EXPECT_EQ(in.read_array_size(true, 1), 0u);
  EXPECT_FALSE(in.ok());
}

TEST(Writer, LargeRecords_ComeOutBetweenTheBuffersPieces) {
  const std::string large(Writer::kByReference, 'l');
  const std::string small(Writer::kByReference - 1, 's');
  Writer out;
  out.write_records(as_bytes(large), true);
  out.write_records(as_bytes(small), true);
  out.write_records(as_bytes(large), false);
  out.write_records(std::nullopt, true);
  std::vector<ByteView> pieces;
  out.pieces(pieces);
  ASSERT_EQ(pieces.size(), 5u);
  EXPECT_EQ(as_text(pieces[1]).data(), large.data());
  EXPECT_EQ(as_text(pieces[3]).data(), large.data());
  const auto whole = out.to_vector();
  EXPECT_EQ(whole.size(), out.size());
  Reader in(whole);
  EXPECT_EQ(as_text(in.read_bytes(true)), large);
  EXPECT_EQ(as_text(in.read_bytes(true)), small);
  EXPECT_EQ(as_text(in.read_bytes(false)), large);
  EXPECT_FALSE(in.read_nullable_bytes(true));
  EXPECT_EQ(in.remaining(), 0u);
}

TEST(Writer, BufferChangedFromOutside_IsWrittenOnTo) {
  Writer out;
  out.write_int16(1);
  out.buffer().push_back(9);
  out.write_int8(2);
  EXPECT_EQ(out.size(), 4u);
  EXPECT_EQ(out.position(), 4u);
  EXPECT_EQ(out.buffer(), bytes({0, 1, 9, 2}));
  out.buffer().clear();
  EXPECT_EQ(out.size(), 0u);
  out.write_int8(3);
  EXPECT_EQ(out.to_vector(), bytes({3}));
}

TEST(Writer, Moved_TakesAllAndLeavesAnEmptyOne) {
  const std::string large(Writer::kByReference, 'l');
  Writer out(10);
  out.write_int16(1);
  out.write_records(as_bytes(large), true);
  const auto whole = out.to_vector();
  Writer other(std::move(out));
  EXPECT_EQ(other.to_vector(), whole);
  out.write_int8(7);  // NOLINT(bugprone-use-after-move): that it can be used again is what is tested
  EXPECT_EQ(out.to_vector(), bytes({7}));
  out = std::move(other);
  EXPECT_EQ(out.to_vector(), whole);
  other.write_int8(8);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(other.to_vector(), bytes({8}));
}

TEST(Writer, LongerThanItsReserve_Grows) {
  Writer out(3);
  std::vector<uint8_t> expected;
  for (int i = 0; i < 5000; ++i) {
    out.write_int16(static_cast<int16_t>(i));
    expected.push_back(static_cast<uint8_t>(i >> 8));
    expected.push_back(static_cast<uint8_t>(i));
  }
  EXPECT_EQ(out.buffer(), expected);
}

TEST(Writer, PatchedInt32_ReplacesWhatWasThere) {
  Writer out;
  const size_t at = out.position();
  out.write_int32(0);
  out.write_string("abc", true);
  out.patch_int32(at, static_cast<int32_t>(out.size() - at - 4));
  Reader in(out.buffer());
  EXPECT_EQ(in.read_int32(), 4);
}

}  // namespace
}  // namespace tributary::wire
