// What must not hurt: bytes that are not Kafka's, lies in requests and batches. Each time the right error or
// a closed connection, a counter, and other clients who notice nothing.
#include <algorithm>
#include <random>

#include "running_broker.h"
#include "tributary/base/crc32c.h"

namespace tributary::broker::test {
namespace {

constexpr std::string_view kRejected = "tributary_network_rejected_connections_total";
constexpr std::string_view kMalformed = "tributary_network_malformed_requests_total";

std::vector<uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

void seal(std::vector<uint8_t>& batch) {
  store_be<uint32_t>(batch.data() + 17, crc32c(ByteView(batch).subspan(21)));
}

class BadInput : public BrokerTest {
 protected:
  BadInput()
      : broker_(with({"socket.request.max.bytes=1MiB", "max.decompressed.batch.bytes=16MiB"})),
        other_(broker_.client()) {
    topic_ = create_topic(other_, "t");
  }
  void expect_rejected(ByteView bytes, std::string_view counter = kRejected) {
    const double before = broker_.metric(std::string(counter));
    Client client = broker_.client();
    client.send_raw(bytes);
    EXPECT_TRUE(client.is_closed_by_broker());
    EXPECT_EQ(broker_.metric(std::string(counter)), before + 1);
    expect_served();
  }
  void expect_served() { EXPECT_TRUE(other_.call<wire::ApiVersionsResponse>(wire::ApiVersionsRequest{}, 0)); }

  RunningBroker broker_;
  Client other_;
  Topic topic_;
};
TRIBUTARY_ON_SHARDS(BadInput);

TEST_P(BadInput, Http_IsClosed) {
  expect_rejected(bytes_of("GET / HTTP/1.1\r\nHost: broker\r\n\r\n"));
  expect_rejected(bytes_of("POST /topics HTTP/1.1\r\n\r\n"));
}

TEST_P(BadInput, TlsHello_IsClosed) {
  expect_rejected(bytes_of(std::string_view("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)));
}

TEST_P(BadInput, FrameSizes_NegativeOrOverTheLimit_AreClosed) {
  for (const int32_t size : {-1, INT32_MIN, INT32_MAX, (1 << 20) + 1}) {
    std::vector<uint8_t> prefix(4);
    store_be(prefix.data(), size);
    expect_rejected(prefix);
  }
}

TEST_P(BadInput, FrameTooSmallForAHeader_IsClosed) {
  for (int32_t size = 0; size < 8; ++size) {
    std::vector<uint8_t> frame(4 + static_cast<size_t>(size));
    store_be(frame.data(), size);
    expect_rejected(frame);
  }
}

TEST_P(BadInput, RandomBytes_AreClosedOrWaitedFor) {
  std::mt19937 random(17);
  for (int i = 0; i < 50; ++i) {
    std::vector<uint8_t> bytes(1 + random() % 4000);
    for (auto& byte : bytes) byte = static_cast<uint8_t>(random());
    Client client = broker_.client();
    client.send_raw(bytes);
  }
  expect_served();
  EXPECT_TRUE(
      eventually([&] { return broker_.metric("kafka_server_socket_server_metrics_connection_count") == 1; }));
}

TEST_P(BadInput, TruncatedFrame_ThenClose_IsForgotten) {
  {
    Client client = broker_.client();
    const auto frame = client.frame(produce_request(topic_, 0, make_batch({.value_size = 50'000})), 12);
    client.send_raw(ByteView(frame).first(frame.size() / 2));
  }
  EXPECT_TRUE(
      eventually([&] { return broker_.metric("kafka_server_socket_server_metrics_connection_count") == 1; }));
  EXPECT_EQ(broker_.metric("tributary_incoming_memory_bytes"), 0);
  expect_served();
}

TEST_P(BadInput, UnknownApiOrVersion_IsClosed) {
  Client writer = broker_.client();
  const auto nothing = [](wire::Writer&) {};
  for (const int16_t key : std::to_array<int16_t>({-1, 127, 128, 999, INT16_MAX, INT16_MIN})) {
    expect_rejected(writer.frame_of(key, 0, nothing));
  }
  expect_rejected(writer.frame_of(0, 2, nothing));
  expect_rejected(writer.frame_of(0, 99, nothing));
  expect_rejected(writer.frame_of(1, -1, nothing));
  expect_rejected(writer.frame_of(3, INT16_MAX, nothing));
}

TEST_P(BadInput, HeaderWithALyingClientId_IsClosed) {
  std::vector<uint8_t> frame(4 + 10);
  store_be<int32_t>(frame.data(), 10);
  store_be<int16_t>(frame.data() + 4, 3);
  store_be<int16_t>(frame.data() + 6, 1);
  store_be<int16_t>(frame.data() + 12, 32'000);
  expect_rejected(frame);
}

TEST_P(BadInput, Bodies_CutOffAtEveryByte_AreClosedOrAnswered) {
  Client writer = broker_.client();
  const auto whole = writer.frame(produce_request(topic_, 0, make_batch()), 12);
  for (size_t size = 20; size < whole.size(); size += 3) {
    std::vector<uint8_t> cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
    store_be<int32_t>(cut.data(), static_cast<int32_t>(size - 4));
    expect_rejected(cut);
  }
  EXPECT_GT(broker_.metric(std::string(kMalformed)), 0);
}

TEST_P(BadInput, CountsThatLie_OfEveryApiAndVersion_HurtNobody) {
  Client writer = broker_.client();
  for (const auto& api : wire::all_apis()) {
    for (int16_t version = api.min_version; version <= api.max_version; ++version) {
      for (const uint8_t filler : std::to_array<uint8_t>({0x7f, 0xff, 0x00, 0x01})) {
        Client client = broker_.client();
        client.send_raw(writer.frame_of(static_cast<int16_t>(api.key), version, [&](wire::Writer& out) {
          for (int i = 0; i < 64; ++i) out.write_int8(static_cast<int8_t>(filler));
        }));
      }
    }
  }
  expect_served();
  EXPECT_TRUE(
      eventually([&] { return broker_.metric("kafka_server_socket_server_metrics_connection_count") == 2; }));
}

TEST_P(BadInput, Batch_WrongChecksum_IsCorrupt) {
  auto batch = make_batch();
  batch.back() ^= 1;
  EXPECT_EQ(produce(other_, topic_, batch).error, ErrorCode::kCorruptMessage);
  EXPECT_EQ(produce(other_, topic_).base_offset, 0) << "nothing was kept";
}

TEST_P(BadInput, Batch_OldMagic_IsInvalid) {
  for (const uint8_t magic : std::to_array<uint8_t>({0, 1})) {
    auto batch = make_batch();
    batch[16] = magic;
    EXPECT_EQ(produce(other_, topic_, batch).error, ErrorCode::kInvalidRecord) << int{magic};
  }
}

TEST_P(BadInput, Batch_RecordCountsThatLie_AreRefused) {
  for (const int32_t count : {0, 2, 1000, INT32_MAX, -1}) {
    auto batch = make_batch({.records = 3});
    store_be(batch.data() + 57, count);
    seal(batch);
    EXPECT_THAT(produce(other_, topic_, batch).error,
                testing::AnyOf(ErrorCode::kInvalidRecord, ErrorCode::kCorruptMessage))
        << count;
  }
  for (const int32_t last_delta : {0, 1, INT32_MAX, -1}) {
    auto batch = make_batch({.records = 3});
    store_be(batch.data() + 23, last_delta);
    seal(batch);
    EXPECT_THAT(produce(other_, topic_, batch).error,
                testing::AnyOf(ErrorCode::kInvalidRecord, ErrorCode::kCorruptMessage))
        << last_delta;
  }
  EXPECT_EQ(produce(other_, topic_).base_offset, 0);
}

TEST_P(BadInput, Batch_LengthThatLies_IsRefused) {
  for (const int32_t length : {0, -1, INT32_MIN, INT32_MAX, 49, 1000}) {
    auto batch = make_batch();
    store_be(batch.data() + 8, length);
    EXPECT_THAT(produce(other_, topic_, batch).error,
                testing::AnyOf(ErrorCode::kInvalidRecord, ErrorCode::kCorruptMessage))
        << length;
  }
}

TEST_P(BadInput, Batch_TwoInOneOrNone_AreInvalid) {
  auto two = make_batch();
  const auto second = make_batch();
  two.insert(two.end(), second.begin(), second.end());
  EXPECT_EQ(produce(other_, topic_, two).error, ErrorCode::kInvalidRecord);
  EXPECT_EQ(produce(other_, topic_, ByteView{}).error, ErrorCode::kInvalidRecord);
  auto request = produce_request(topic_, 0, {});
  request.topic_data[0].partition_data[0].records = std::nullopt;
  EXPECT_EQ(outcome_of(other_.call<wire::ProduceResponse>(request, 12)).error, ErrorCode::kInvalidRecord);
}

TEST_P(BadInput, Batch_TimestampFarInTheFuture_IsInvalid) {
  EXPECT_EQ(produce(other_, topic_, {.timestamp = 4'000'000'000'000}).error, ErrorCode::kInvalidTimestamp);
  EXPECT_EQ(produce(other_, topic_, {.timestamp = INT64_MAX - 10}).error, ErrorCode::kInvalidTimestamp);
}

TEST_P(BadInput, Batch_ControlOrTransactional_IsRefused) {
  for (const int attributes : {0x20, 0x10, 0x30}) {
    auto batch = make_batch({.producer_id = 3});
    store_be(batch.data() + 21, static_cast<int16_t>(attributes));
    seal(batch);
    EXPECT_NE(produce(other_, topic_, batch).error, ErrorCode::kNone) << attributes;
  }
}

TEST_P(BadInput, Batch_ThatInflatesBeyondTheLimit_IsRefused) {
  const auto bomb = make_batch({.value_size = 32 << 20, .codec = wire::Codec::kZstd});
  ASSERT_LT(bomb.size(), 100'000u);
  EXPECT_NE(produce(other_, topic_, bomb).error, ErrorCode::kNone);
  EXPECT_EQ(produce(other_, topic_).base_offset, 0);
}

TEST_P(BadInput, Batch_OfAnUnknownCodec_IsRefused) {
  for (const int codec : {5, 6, 7}) {
    auto batch = make_batch();
    store_be(batch.data() + 21, static_cast<int16_t>(codec));
    seal(batch);
    EXPECT_NE(produce(other_, topic_, batch).error, ErrorCode::kNone) << codec;
  }
}

TEST_P(BadInput, Batch_EveryHeaderByteFlipped_NeverHurtsTheLog) {
  const auto good = make_batch({.records = 2});
  for (size_t at = 0; at < wire::kBatchHeaderSize; ++at) {
    auto batch = good;
    batch[at] ^= 0xff;
    if (at >= 21) seal(batch);
    produce(other_, topic_, batch);
  }
  const int64_t end = produce(other_, topic_).base_offset;
  ASSERT_GE(end, 0);
  broker_.restart();
  Client again = broker_.client();
  EXPECT_EQ(produce(again, topic_).base_offset, end + 1);
}

TEST_P(BadInput, TopicNames_DotsLengthsAndCharacters_AreRefused) {
  for (const std::string& name : {std::string("."), std::string(".."), std::string(250, 'a'), std::string(""),
                                  std::string("a/b"), std::string("a b"), std::string("\xff\xfe")}) {
    const auto reply = other_.call<wire::CreateTopicsResponse>(create_request(name), 7);
    ASSERT_TRUE(reply) << name;
    EXPECT_EQ(reply->topics[0].error_code, ErrorCode::kInvalidTopicException) << name;
  }
  EXPECT_EQ(
      other_.call<wire::CreateTopicsResponse>(create_request(std::string(249, 'a')), 7)->topics[0].error_code,
      ErrorCode::kNone);
}

TEST_P(BadInput, StringsOfTheLargestSize_AreEchoedWithoutHarm) {
  const std::string longest(32'767, 'x');
  EXPECT_EQ(other_.call<wire::CreateTopicsResponse>(create_request(longest), 4)->topics[0].error_code,
            ErrorCode::kInvalidTopicException);
  EXPECT_EQ(produce(other_, {longest, {}}).error, ErrorCode::kUnknownTopicOrPartition);
  wire::MetadataRequest metadata;
  metadata.topics->emplace_back().name = longest;
  EXPECT_TRUE(other_.call<wire::MetadataResponse>(metadata, 8));
  EXPECT_TRUE(other_.call<wire::CreateTopicsResponse>(create_request("c", 1, {{longest, longest}}), 4));
  EXPECT_TRUE(other_.call<wire::DeleteTopicsResponse>(delete_request(longest), 6));
  const auto reply = other_.call<wire::FetchResponse>(fetch_request({longest, {}}), 11);
  EXPECT_EQ(only_partition(reply)->error_code, ErrorCode::kUnknownTopicOrPartition);
}

TEST_P(BadInput, CreateTopics_NonsensicalCounts_AreRefused) {
  for (const int32_t partitions : {0, -2, INT32_MAX, INT32_MIN}) {
    const auto reply = other_.call<wire::CreateTopicsResponse>(create_request("n", partitions), 7);
    ASSERT_TRUE(reply);
    EXPECT_NE(reply->topics[0].error_code, ErrorCode::kNone) << partitions;
  }
  expect_served();
}

}  // namespace
}  // namespace tributary::broker::test
