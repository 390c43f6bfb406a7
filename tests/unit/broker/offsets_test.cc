// ListOffsets, OffsetForLeaderEpoch, DeleteRecords.
#include "running_broker.h"

namespace tributary::broker::test {
namespace {

constexpr TimestampMs kBase = 1'700'000'000'000;

class Offsets : public BrokerTest {
 protected:
  struct Listed {
    ErrorCode error;
    int64_t offset;
    int64_t timestamp;
  };
  static Listed list(Client& client, const Topic& topic, int64_t timestamp, int16_t version = 11,
                     int32_t partition = 0, int32_t leader_epoch = -1) {
    wire::ListOffsetsRequest request;
    request.replica_id = -1;
    auto& asked = request.topics.emplace_back();
    asked.name = topic.name;
    asked.partitions.push_back({partition, leader_epoch, timestamp, {}});
    const auto reply = client.call<wire::ListOffsetsResponse>(request, version);
    if (!reply || reply->topics.empty()) return {ErrorCode::kUnknownServerError, -9, -9};
    const auto& answer = reply->topics[0].partitions[0];
    return {answer.error_code, answer.offset, answer.timestamp};
  }
};
TRIBUTARY_ON_SHARDS(Offsets);

TEST_P(Offsets, ListOffsets_EveryVersion_FindsBothEnds) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t", 3);
  produce(client, topic, {.records = 7}, 2);
  for (int16_t version = 1; version <= 11; ++version) {
    EXPECT_EQ(list(client, topic, -1, version, 2).offset, 7) << version;
    EXPECT_EQ(list(client, topic, -2, version, 2).offset, 0) << version;
    EXPECT_EQ(list(client, topic, kBase + 3, version, 2).offset, 3) << version;
  }
}

TEST_P(Offsets, ListOffsets_ByTime_FindsTheFirstAtOrAfter) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  produce(client, topic, {.records = 5, .timestamp = kBase});
  produce(client, topic, {.records = 5, .timestamp = kBase + 1000});
  EXPECT_EQ(list(client, topic, 0).offset, 0);
  EXPECT_EQ(list(client, topic, kBase + 2).offset, 2);
  EXPECT_EQ(list(client, topic, kBase + 2).timestamp, kBase + 2);
  EXPECT_EQ(list(client, topic, kBase + 500).offset, 5);
  EXPECT_EQ(list(client, topic, kBase + 5000).offset, -1);
  EXPECT_EQ(list(client, topic, INT64_MAX).offset, -1);
}

TEST_P(Offsets, ListOffsets_SpecialTimestamps_ByVersion) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  produce(client, topic, {.records = 3, .timestamp = kBase + 100});
  produce(client, topic, {.records = 3, .timestamp = kBase});
  EXPECT_EQ(list(client, topic, -3, 7).offset, 2) << "the largest timestamp";
  EXPECT_EQ(list(client, topic, -4, 8).offset, 0) << "earliest local";
  EXPECT_EQ(list(client, topic, -5, 9).error, ErrorCode::kNone);
  EXPECT_EQ(list(client, topic, -5, 9).offset, -1) << "nothing is tiered";
  EXPECT_EQ(list(client, topic, -6, 11).offset, -1);
  EXPECT_EQ(list(client, topic, -3, 6).error, ErrorCode::kUnsupportedVersion);
  EXPECT_EQ(list(client, topic, -4, 7).error, ErrorCode::kUnsupportedVersion);
  EXPECT_EQ(list(client, topic, -5, 8).error, ErrorCode::kUnsupportedVersion);
  EXPECT_EQ(list(client, topic, -6, 10).error, ErrorCode::kUnsupportedVersion);
  EXPECT_EQ(list(client, topic, -7, 11).error, ErrorCode::kUnsupportedVersion);
  EXPECT_EQ(list(client, topic, INT64_MIN, 11).error, ErrorCode::kUnsupportedVersion);
}

TEST_P(Offsets, ListOffsets_EmptyUnknownAndRepeated_AreToldApart) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  EXPECT_EQ(list(client, topic, -1).offset, 0);
  EXPECT_EQ(list(client, topic, -3).offset, -1);
  EXPECT_EQ(list(client, topic, kBase).offset, -1);
  EXPECT_EQ(list(client, topic, -1, 11, 5).error, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(list(client, {"nowhere", {}}, -1).error, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(list(client, topic, -1, 11, 0, 55).error, ErrorCode::kUnknownLeaderEpoch);

  wire::ListOffsetsRequest request;
  auto& asked = request.topics.emplace_back();
  asked.name = "t";
  asked.partitions.push_back({0, -1, -1, {}});
  asked.partitions.push_back({0, -1, -2, {}});
  const auto reply = client.call<wire::ListOffsetsResponse>(request, 7);
  ASSERT_TRUE(reply);
  for (const auto& answer : reply->topics[0].partitions) {
    EXPECT_EQ(answer.error_code, ErrorCode::kInvalidRequest);
  }
}

TEST_P(Offsets, OffsetForLeaderEpoch_CurrentOlderAndUnknown) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  produce(client, topic, {.records = 4});
  const auto end_of = [&](int32_t epoch, int32_t current) {
    wire::OffsetForLeaderEpochRequest request;
    auto& asked = request.topics.emplace_back();
    asked.topic = "t";
    asked.partitions.push_back({0, current, epoch, {}});
    const auto reply = client.call<wire::OffsetForLeaderEpochResponse>(request, 4);
    return reply->topics[0].partitions[0];
  };
  EXPECT_EQ(end_of(0, -1).end_offset, 4);
  EXPECT_EQ(end_of(0, -1).leader_epoch, 0);
  EXPECT_EQ(end_of(9, -1).end_offset, -1);
  EXPECT_EQ(end_of(0, 9).error_code, ErrorCode::kUnknownLeaderEpoch);
}

TEST_P(Offsets, DeleteRecords_MovesTheStartForFetchAndList) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  for (int i = 0; i < 4; ++i) produce(client, topic, {.records = 5});
  const auto remove_before = [&](int64_t offset) {
    wire::DeleteRecordsRequest request;
    auto& asked = request.topics.emplace_back();
    asked.name = "t";
    asked.partitions.push_back({0, offset, {}});
    const auto reply = client.call<wire::DeleteRecordsResponse>(request, 2);
    return reply->topics[0].partitions[0];
  };
  EXPECT_EQ(remove_before(7).low_watermark, 7);
  EXPECT_EQ(list(client, topic, -2).offset, 7);
  EXPECT_THAT(fetch_offsets(client, topic, {.offset = 7}), testing::ElementsAre(5, 10, 15));
  EXPECT_EQ(
      only_partition(client.call<wire::FetchResponse>(fetch_request(topic, {.offset = 6}), 12))->error_code,
      ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(remove_before(21).error_code, ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(remove_before(-1).low_watermark, 20);
  client.disconnect();
  broker.restart();
  Client again = broker.client();
  EXPECT_EQ(list(again, topic, -2).offset, 20) << "kept over a restart";
  again.disconnect();
  broker.restart_cancelled();
  broker.start();
  Client last = broker.client();
  EXPECT_EQ(list(last, topic, -2).offset, 20) << "kept over a start that was left half-way";
}

}  // namespace
}  // namespace tributary::broker::test
