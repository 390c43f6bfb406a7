#include "any_message.h"
#include "tributary/wire/api_versions_table.h"
#include "tributary/wire/messages/fetch.h"
#include "tributary/wire/messages/metadata.h"
#include "tributary/wire/messages/produce.h"
#include "wire/field_codec.h"

namespace tributary::wire {
namespace {

void append(std::vector<uint8_t>& bytes, std::initializer_list<uint8_t> more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

template <typename Message>
std::vector<uint8_t> encoded(const Message& message, int16_t version) {
  Writer out;
  message.encode(out, version);
  return out.to_vector();
}

// test(type, version, message of random content), for every message and version, several times.
template <typename Test>
void with_random_messages(uint64_t seed, int rounds, Test test) {
  RandomSource source(seed);
  for (int round = 0; round < rounds; ++round) {
    for (const MessageType& type : message_types()) {
      for (int16_t version = type.min_version; version <= type.max_version; ++version) {
        SCOPED_TRACE(type.name + " v" + std::to_string(version));
        Filler filler(source);
        const auto message = type.make();
        message->fill(filler, version);
        test(type, version, *message);
      }
    }
  }
}

TEST(Messages, RandomContent_RoundTrips) {
  with_random_messages(1, 10, [](const MessageType& type, int16_t version, const AnyMessage& message) {
    const auto bytes = message.encode(version);
    Reader in(bytes);
    const auto back = type.make();
    ASSERT_TRUE(back->decode(in, version));
    ASSERT_EQ(in.remaining(), 0u);
    ASSERT_TRUE(back->equals(message));
    ASSERT_EQ(back->encode(version), bytes);
  });
}

TEST(Messages, CutAnywhere_AreRefused) {
  with_random_messages(2, 2, [](const MessageType& type, int16_t version, const AnyMessage& message) {
    const auto bytes = message.encode(version);
    for (size_t size = 0; size < bytes.size(); ++size) {
      const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      Reader in(cut);
      ASSERT_FALSE(type.make()->decode(in, version)) << "cut to " << size;
    }
  });
}

TEST(Messages, OneBitChanged_IsRefusedOrReadsBack) {
  Random random(3);
  with_random_messages(3, 3, [&](const MessageType& type, int16_t version, const AnyMessage& message) {
    const auto bytes = message.encode(version);
    for (int i = 0; i < 20 && !bytes.empty(); ++i) {
      auto changed = bytes;
      changed[random.below(changed.size())] ^= static_cast<uint8_t>(1u << random.below(8));
      Reader in(changed);
      const auto first = type.make();
      if (!first->decode(in, version)) continue;
      const auto again = first->encode(version);
      Reader again_in(again);
      const auto second = type.make();
      ASSERT_TRUE(second->decode(again_in, version));
      ASSERT_EQ(second->encode(version), again);
    }
  });
}

TEST(Messages, UnknownTags_AreKeptInOrder) {
  Writer out;
  MetadataRequest{}.encode(out, 12);
  auto bytes = out.to_vector();
  ASSERT_EQ(bytes.back(), 0);  // no tags
  bytes.pop_back();
  append(bytes, {2, 9, 1, 'x', 7, 2, 'y', 'z'});
  MetadataRequest request;
  Reader in(bytes);
  ASSERT_TRUE(request.decode(in, 12));
  ASSERT_EQ(request.unknown_tags.size(), 2u);
  EXPECT_EQ(request.unknown_tags.view()[0].tag, 7u);
  EXPECT_EQ(as_text(request.unknown_tags.view()[1].value), "x");
  const MetadataRequest copy = request;
  EXPECT_EQ(copy, request);
  EXPECT_NE(copy, MetadataRequest{});
  const auto again = encoded(copy, 12);
  EXPECT_EQ(again.size(), bytes.size());
  EXPECT_EQ(std::vector<uint8_t>(again.end() - 8, again.end()),
            (std::vector<uint8_t>{2, 7, 2, 'y', 'z', 9, 1, 'x'}));
}

TEST(TagWriter, UnknownTagBelowAKnownOne_ComesFirst) {
  UnknownTags unknown;
  unknown.add(3, as_bytes("a"));
  unknown.add(8, as_bytes("b"));
  Writer out;
  TagWriter tags(out, unknown, 1);
  tags.begin(5);
  out.write_int16(7);
  tags.end();
  tags.finish();
  EXPECT_EQ(out.buffer(), (std::vector<uint8_t>{3, 3, 1, 'a', 5, 2, 0, 7, 8, 1, 'b'}));
}

TEST(TagWriter, LongValue_GetsItsSizeInFront) {
  Writer out;
  const UnknownTags none;
  TagWriter tags(out, none, 1);
  tags.begin(0);
  out.write_raw(as_bytes(std::string(300, 'x')));
  tags.end();
  tags.finish();
  const auto bytes = out.to_vector();
  ASSERT_EQ(bytes.size(), 304u);
  EXPECT_EQ(std::vector<uint8_t>(bytes.begin(), bytes.begin() + 5),
            (std::vector<uint8_t>{1, 0, 0xac, 2, 'x'}));
}

TEST(Messages, TagTwice_IsRefused) {
  for (const std::vector<uint8_t>& tags :
       {std::vector<uint8_t>{2, 5, 0, 5, 0}, std::vector<uint8_t>{2, 0, 2, 2, 'a', 0, 2, 2, 'b'}}) {
    auto bytes = encoded(FetchRequest{}, 12);
    bytes.pop_back();
    bytes.insert(bytes.end(), tags.begin(), tags.end());
    Reader in(bytes);
    FetchRequest request;
    EXPECT_FALSE(request.decode(in, 12));
  }
}

TEST(Messages, TaggedFieldLongerThanItsContent_IsRefused) {
  auto bytes = encoded(FetchRequest{}, 12);
  bytes.pop_back();
  append(bytes, {1, 0, 3, 2, 'a', 'b'});  // cluster id "a" in three bytes
  Reader in(bytes);
  FetchRequest request;
  EXPECT_FALSE(request.decode(in, 12));
}

TEST(Messages, TooManyTags_AreRefusedBeforeReading) {
  auto bytes = encoded(FetchRequest{}, 12);
  bytes.pop_back();
  Writer out;
  out.write_raw(bytes);
  out.write_uvarint(kMaxTags + 1);
  for (uint32_t tag = 100; tag <= 100 + kMaxTags; ++tag) {
    out.write_uvarint(tag);
    out.write_uvarint(0);
  }
  Reader in(out.buffer());
  FetchRequest request;
  EXPECT_FALSE(request.decode(in, 12));
  EXPECT_EQ(request.unknown_tags.size(), 0u);
}

TEST(Messages, CountThatLies_AllocatesNothing) {
  Writer out;
  out.write_int32(INT32_MAX);
  for (int i = 0; i < 100; ++i) out.write_int32(0);
  Reader in(out.buffer());
  MetadataRequest request;
  EXPECT_FALSE(request.decode(in, 0));
  EXPECT_EQ(request.topics.value_or(std::vector<MetadataRequest::MetadataRequestTopic>{}).capacity(), 0u);
}

TEST(Messages, NullWhereTheVersionHasNone_IsRefused) {
  Writer out;
  out.write_int32(-1);
  Reader v0(out.buffer());
  MetadataRequest request;
  EXPECT_FALSE(request.decode(v0, 0));
  Reader v1(out.buffer());
  EXPECT_TRUE(request.decode(v1, 1));
  EXPECT_FALSE(request.topics);
}

TEST(Messages, RecordsField_IsSentFromWhereItIs) {
  const std::string records(Writer::kByReference, 'r');
  ProduceRequest request;
  request.topic_data.push_back({.name = "t", .partition_data = {{.index = 1, .records = as_bytes(records)}}});
  Writer out;
  request.encode(out, 9);
  std::vector<ByteView> pieces;
  out.pieces(pieces);
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_EQ(pieces[1].data(), as_bytes(records).data());
  const auto bytes = out.to_vector();
  EXPECT_EQ(bytes.size(), out.size());
  Reader in(bytes);
  ProduceRequest back;
  ASSERT_TRUE(back.decode(in, 9));
  EXPECT_EQ(back, request);
}

TEST(ApiTable, HeaderVersions_FollowFlexibility) {
  EXPECT_EQ(request_header_version(0, 8), 1);
  EXPECT_EQ(request_header_version(0, 9), 2);
  EXPECT_EQ(response_header_version(0, 8), 0);
  EXPECT_EQ(response_header_version(0, 9), 1);
  EXPECT_EQ(request_header_version(18, 3), 2);
  EXPECT_EQ(response_header_version(18, 3), 0);
  EXPECT_EQ(request_header_version(17, 1), 1);  // SaslHandshake never is
  EXPECT_EQ(request_header_version(999, 0), 1);
}

TEST(ApiTable, Lookup_FindsOnlyWhatIsThere) {
  ASSERT_NE(find_api(1), nullptr);
  EXPECT_EQ(find_api(1)->name, "Fetch");
  EXPECT_EQ(find_api(1)->max_version, 18);
  EXPECT_EQ(find_api(4), nullptr);
  EXPECT_EQ(find_api(-1), nullptr);
  EXPECT_TRUE(std::ranges::is_sorted(all_apis(), {}, &ApiInfo::key));
  EXPECT_EQ(all_apis().size(), 75u);
  for (const ApiInfo& api : all_apis()) EXPECT_EQ(api_name(api.key), api.name);
  EXPECT_EQ(api_name(ApiKey{95}), "Unknown");
  EXPECT_EQ(api_name(ApiKey{-1}), "Unknown");
}

}  // namespace
}  // namespace tributary::wire
