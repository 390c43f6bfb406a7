// Produce and Fetch against a running broker: versions, order, long polls, limits.
#include "running_broker.h"

namespace tributary::broker::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int32_t kLongWaitMs = 120'000;  // longer than a test's patience: only a wake-up ends it

class ProduceFetch : public BrokerTest {};
TRIBUTARY_ON_SHARDS(ProduceFetch);

TEST_P(ProduceFetch, RoundTrip_EveryVersion_GivesTheSameRecordsBack) {
  RunningBroker broker(with());
  Client client = broker.client();
  int64_t expected = 0;
  const Topic topic = create_topic(client, "t");
  for (int16_t version = wire::ProduceRequest::kMinVersion; version <= wire::ProduceRequest::kMaxVersion;
       ++version) {
    const Produced produced = produce(client, topic, make_batch({.records = 2}), 0, -1, version);
    EXPECT_EQ(produced.error, ErrorCode::kNone) << version;
    EXPECT_EQ(produced.base_offset, expected) << version;
    expected += 2;
  }
  for (int16_t version = wire::FetchRequest::kMinVersion; version <= wire::FetchRequest::kMaxVersion;
       ++version) {
    auto reply = client.call<wire::FetchResponse>(fetch_request(topic, {.offset = expected - 2}), version);
    EXPECT_THAT(fetched_offsets(reply), ElementsAre(expected - 2)) << version;
    EXPECT_EQ(only_partition(reply)->high_watermark, expected) << version;
    const auto batch = wire::BatchView::parse(*only_partition(reply)->records);
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->crc_matches());
    EXPECT_EQ(batch->record_count(), 2);
  }
}

TEST_P(ProduceFetch, Produce_SeveralPartitionsInOneRequest_EachIsAnsweredAtItsPlace) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t", 8);
  const auto batch = make_batch({.records = 3});
  std::vector<std::vector<uint8_t>> copies(8, batch);
  auto request = produce_request(topic, 0, copies[0]);
  for (int32_t i = 1; i < 8; ++i) {
    request.topic_data[0].partition_data.push_back({i, copies[static_cast<size_t>(i)], {}});
  }
  request.topic_data[0].partition_data.push_back({99, batch, {}});
  const auto reply = client.call<wire::ProduceResponse>(request, 12);
  ASSERT_TRUE(reply);
  const auto& answers = reply->responses[0].partition_responses;
  ASSERT_EQ(answers.size(), 9u);
  for (int32_t i = 0; i < 8; ++i) {
    EXPECT_EQ(answers[static_cast<size_t>(i)].index, i);
    EXPECT_EQ(answers[static_cast<size_t>(i)].error_code, ErrorCode::kNone);
    EXPECT_THAT(fetch_offsets(client, topic, {.partition = i}), ElementsAre(0));
  }
  EXPECT_EQ(answers[8].error_code, ErrorCode::kUnknownTopicOrPartition);
}

TEST_P(ProduceFetch, Pipelining_LongPollBeforeFastRequests_AnswersKeepTheOrder) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t", 4);
  const auto batch = make_batch();
  const auto fetch = client.send(fetch_request(topic, {.partition = 1, .max_wait_ms = kLongWaitMs}), 12);
  const auto versions = client.send(wire::ApiVersionsRequest{}, 0);
  const auto write = client.send(produce_request(topic, 1, batch), 12);
  const auto metadata = client.send(wire::MetadataRequest{}, 12);
  auto fetched = client.receive<wire::FetchResponse>(12, fetch);
  EXPECT_THAT(fetched_offsets(fetched), ElementsAre(0));
  EXPECT_TRUE(client.receive<wire::ApiVersionsResponse>(0, versions));
  EXPECT_EQ(outcome_of(client.receive<wire::ProduceResponse>(12, write)).error, ErrorCode::kNone);
  EXPECT_TRUE(client.receive<wire::MetadataResponse>(12, metadata));
}

TEST_P(ProduceFetch, Pipelining_MoreRequestsThanMayBeInProgress_AllAreAnsweredInOrder) {
  RunningBroker broker(with({"max.requests.in.progress.per.connection=3"}));
  Client client = broker.client();
  const Topic topic = create_topic(client, "t", 4);
  std::vector<uint8_t> burst;
  for (int i = 0; i < 200; ++i) {
    const auto frame = client.frame(produce_request(topic, i % 4, make_batch()), 12);
    burst.insert(burst.end(), frame.begin(), frame.end());
  }
  ASSERT_TRUE(client.send_raw(burst));
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(outcome_of(client.receive<wire::ProduceResponse>(12, i + 2)).base_offset, i / 4);
  }
}

TEST_P(ProduceFetch, Frame_SentByteByByte_IsServed) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  const auto frame = client.frame(produce_request(topic, 0, make_batch()), 12);
  for (const uint8_t byte : frame) ASSERT_TRUE(client.send_raw({&byte, 1}));
  EXPECT_EQ(outcome_of(client.receive<wire::ProduceResponse>(12)).base_offset, 0);
}

TEST_P(ProduceFetch, Frame_OfSeveralMegabytes_IsServedWithWhatFollowsIt) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t", 1, {{"max.message.bytes", "20000000"}});
  auto burst = client.frame(produce_request(topic, 0, make_batch({.value_size = 7'000'001})), 12);
  const auto next = client.frame(produce_request(topic, 0, make_batch()), 12);
  burst.insert(burst.end(), next.begin(), next.end());
  ASSERT_TRUE(client.send_raw(burst));
  EXPECT_EQ(outcome_of(client.receive<wire::ProduceResponse>(12)).base_offset, 0);
  EXPECT_EQ(outcome_of(client.receive<wire::ProduceResponse>(12)).base_offset, 1);
  EXPECT_THAT(fetch_offsets(client, topic, {.partition_max_bytes = 8 << 20}), ElementsAre(0, 1));
}

TEST_P(ProduceFetch, AcksNone_NoAnswerIsSentAndTheRecordsAreThere) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  client.send(produce_request(topic, 0, make_batch(), 0), 12);
  const auto next = client.send(produce_request(topic, 0, make_batch(), 1), 12);
  EXPECT_EQ(outcome_of(client.receive<wire::ProduceResponse>(12, next)).base_offset, 1);
}

TEST_P(ProduceFetch, AcksNone_Failing_ClosesTheConnection) {
  RunningBroker broker(with());
  Client client = broker.client();
  client.send(produce_request({"nowhere", {}}, 0, make_batch(), 0), 12);
  EXPECT_TRUE(client.is_closed_by_broker());
}

TEST_P(ProduceFetch, Acks_NotMinusOneToOne_AreRefused) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  for (const int16_t acks : std::to_array<int16_t>({2, -2, INT16_MAX})) {
    EXPECT_EQ(produce(client, topic, make_batch(), 0, acks).error, ErrorCode::kInvalidRequiredAcks);
  }
}

TEST_P(ProduceFetch, FlushMessagesOne_AcksAll_IsAnsweredAndWakesALongPoll) {
  RunningBroker broker(with());
  Client client = broker.client();
  Client consumer = broker.client();
  const Topic topic = create_topic(client, "t", 1, {{"flush.messages", "1"}});
  for (int64_t round = 0; round < 20; ++round) {
    consumer.send(fetch_request(topic, {.offset = round, .max_wait_ms = kLongWaitMs}), 12);
    EXPECT_EQ(produce(client, topic).base_offset, round);
    EXPECT_THAT(fetched_offsets(consumer.receive<wire::FetchResponse>(12)), ElementsAre(round));
  }
}

TEST_P(ProduceFetch, LongPoll_NothingComes_IsAnsweredEmptyAfterMaxWait) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  EXPECT_THAT(fetch_offsets(client, topic, {.max_wait_ms = 20}), IsEmpty());
}

TEST_P(ProduceFetch, LongPoll_ManyPartitions_IsWokenByAnyOfThem) {
  RunningBroker broker(with());
  Client consumer = broker.client();
  Client producer = broker.client();
  const Topic topic = create_topic(producer, "t", 12);
  for (int32_t woken = 0; woken < 12; ++woken) {
    auto request = empty_fetch({.max_wait_ms = kLongWaitMs});
    for (int32_t i = woken; i < 12; ++i) add_partition(request, topic, {.partition = i});
    consumer.send(request, 12);
    EXPECT_EQ(produce(producer, topic, BatchSpec{}, woken).error, ErrorCode::kNone);
    const auto reply = consumer.receive<wire::FetchResponse>(12);
    ASSERT_TRUE(reply);
    size_t with_records = 0;
    for (const auto& part : reply->responses) {
      for (const auto& data : part.partitions) with_records += !data.records->empty();
    }
    EXPECT_EQ(with_records, 1u);
  }
}

TEST_P(ProduceFetch, MinBytes_NotReached_WaitsUntilEnoughHasCome) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  const auto batch = make_batch({.value_size = 500});
  const auto size = static_cast<int32_t>(batch.size());
  const auto fetch =
      client.send(fetch_request(topic, {.max_wait_ms = kLongWaitMs, .min_bytes = 3 * size}), 12);
  for (int i = 0; i < 3; ++i) client.send(produce_request(topic, 0, batch), 12);
  EXPECT_THAT(fetched_offsets(client.receive<wire::FetchResponse>(12, fetch)), ElementsAre(0, 1, 2));
}

TEST_P(ProduceFetch, MinBytes_OverWhatAnAnswerMayHold_IsAnsweredOnceTheAnswerIsFull) {
  RunningBroker broker(with({"fetch.max.bytes=1024"}));
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  produce(client, topic, {.value_size = 3000});
  EXPECT_THAT(fetch_offsets(client, topic, {.max_wait_ms = kLongWaitMs, .min_bytes = 1 << 20}),
              ElementsAre(0));
}

TEST_P(ProduceFetch, Limits_FirstBatchOverThem_IsReturnedWhole) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  produce(client, topic, {.value_size = 100'000});
  produce(client, topic, {.value_size = 10});
  auto reply = client.call<wire::FetchResponse>(fetch_request(topic, {.partition_max_bytes = 100}), 12);
  EXPECT_THAT(fetched_offsets(reply), ElementsAre(0));
  EXPECT_GT(only_partition(reply)->records->size(), 100'000u);
  reply = client.call<wire::FetchResponse>(fetch_request(topic, {.max_bytes = 1}), 12);
  EXPECT_THAT(fetched_offsets(reply), ElementsAre(0));
}

TEST_P(ProduceFetch, Limits_MaxBytesOverManyPartitions_AnswerStaysBelow) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t", 6);
  for (int32_t i = 0; i < 6; ++i) produce(client, topic, {.value_size = 10'000}, i);
  auto request = empty_fetch({.max_bytes = 30'000});
  for (int32_t i = 0; i < 6; ++i) add_partition(request, topic, {.partition = i});
  const auto reply = client.call<wire::FetchResponse>(request, 12);
  ASSERT_TRUE(reply);
  EXPECT_LT(reply.bytes.size(), 45'000u);
  EXPECT_GT(reply.bytes.size(), 10'000u);
}

TEST_P(ProduceFetch, Fetch_OffsetInsideABatch_StartsWithThatBatch) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  produce(client, topic, {.records = 10});
  produce(client, topic, {.records = 10});
  EXPECT_THAT(fetch_offsets(client, topic, {.offset = 15}), ElementsAre(10));
}

TEST_P(ProduceFetch, Fetch_OffsetOutsideTheLog_IsOutOfRangeAtOnce) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  produce(client, topic);
  for (const int64_t offset : {int64_t{-1}, int64_t{2}, INT64_MAX, INT64_MIN}) {
    const auto reply = client.call<wire::FetchResponse>(
        fetch_request(topic, {.offset = offset, .max_wait_ms = kLongWaitMs}), 12);
    ASSERT_NE(only_partition(reply), nullptr);
    EXPECT_EQ(only_partition(reply)->error_code, ErrorCode::kOffsetOutOfRange) << offset;
  }
}

TEST_P(ProduceFetch, Fetch_UnknownTopicsAndIds_AreNamedInTheAnswer) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  const auto error_of = [&](const Topic& asked, int32_t partition, int16_t version) {
    const auto reply =
        client.call<wire::FetchResponse>(fetch_request(asked, {.partition = partition}), version);
    return only_partition(reply) ? only_partition(reply)->error_code : ErrorCode::kUnknownServerError;
  };
  Uuid stranger;
  stranger.bytes.fill(9);
  EXPECT_EQ(error_of({"nowhere", {}}, 0, 12), ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(error_of(topic, 7, 12), ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(error_of(topic, -1, 12), ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(error_of({"", stranger}, 0, 17), ErrorCode::kUnknownTopicId);
  EXPECT_EQ(error_of(topic, 7, 17), ErrorCode::kUnknownTopicOrPartition);
}

TEST_P(ProduceFetch, Fetch_LeaderEpoch_OlderIsFencedNewerIsUnknown) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  const auto reply = client.call<wire::FetchResponse>(fetch_request(topic, {.leader_epoch = 77}), 12);
  ASSERT_NE(only_partition(reply), nullptr);
  EXPECT_EQ(only_partition(reply)->error_code, ErrorCode::kUnknownLeaderEpoch);
}

TEST_P(ProduceFetch, Idempotence_RepeatAndGap_AreToldApart) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  const BatchSpec first{.producer_id = 5, .sequence = 0};
  const BatchSpec second{.producer_id = 5, .sequence = 1};
  EXPECT_EQ(produce(client, topic, first).base_offset, 0);
  EXPECT_EQ(produce(client, topic, second).base_offset, 1);
  EXPECT_EQ(produce(client, topic, first).base_offset, 0) << "a repeat gets the first answer";
  EXPECT_EQ(produce(client, topic, {.producer_id = 5, .sequence = 9}).error,
            ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_EQ(produce(client, topic, {.producer_id = 5, .epoch = 1, .sequence = 0}).base_offset, 2);
  EXPECT_EQ(produce(client, topic, {.producer_id = 5, .sequence = 2}).error,
            ErrorCode::kInvalidProducerEpoch);
}

TEST_P(ProduceFetch, DeleteTopic_WhileAFetchWaits_TheFetchIsTold) {
  RunningBroker broker(with());
  Client client = broker.client();
  Client consumer = broker.client();
  const Topic topic = create_topic(client, "t", 3);
  for (int32_t partition = 0; partition < 3; ++partition) {
    consumer.send(fetch_request(topic, {.partition = partition, .max_wait_ms = kLongWaitMs}), 12);
  }
  const auto deleted = client.call<wire::DeleteTopicsResponse>(delete_request("t"), 6);
  ASSERT_TRUE(deleted);
  EXPECT_EQ(deleted->responses[0].error_code, ErrorCode::kNone);
  for (int32_t partition = 0; partition < 3; ++partition) {
    const auto reply = consumer.receive<wire::FetchResponse>(12);
    ASSERT_NE(only_partition(reply), nullptr);
    EXPECT_THAT(only_partition(reply)->error_code,
                testing::AnyOf(ErrorCode::kUnknownTopicOrPartition, ErrorCode::kNotLeaderOrFollower));
  }
}

TEST_P(ProduceFetch, Disconnect_WhileAFetchWaits_TheConnectionIsForgotten) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  {
    Client leaving = broker.client();
    leaving.send(fetch_request(topic, {.max_wait_ms = kLongWaitMs}), 12);
    ASSERT_TRUE(
        eventually([&] { return broker.metric("kafka_network_requestmetrics_requests_total") >= 2; }));
  }
  EXPECT_TRUE(
      eventually([&] { return broker.metric("kafka_server_socket_server_metrics_connection_count") == 1; }));
  EXPECT_EQ(produce(client, topic).error, ErrorCode::kNone);
}

}  // namespace
}  // namespace tributary::broker::test
