// What an answer may hold and cost: limits of a fetch, questions asked again and again, peers that only
// listen.
#include "running_broker.h"

namespace tributary::broker::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Answers : public BrokerTest {
 protected:
  static size_t bytes_in(const Reply<wire::FetchResponse>& reply) {
    size_t total = 0;
    for (const auto& topic : reply->responses) {
      for (const auto& data : topic.partitions) total += data.records ? data.records->size() : 0;
    }
    return total;
  }
  static wire::FetchRequest of_all(const Topic& topic, int32_t partitions, FetchSpec spec) {
    auto request = empty_fetch(spec);
    for (spec.partition = 0; spec.partition < partitions; ++spec.partition)
      add_partition(request, topic, spec);
    return request;
  }
};
TRIBUTARY_ON_SHARDS(Answers);

TEST_P(Answers, MinBytes_CutOffByTheLimitOfAPartition_DoesNotWaitForWhatIsThere) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  for (int i = 0; i < 6; ++i) produce(client, topic, {.value_size = 1000});
  const auto reply = client.call<wire::FetchResponse>(
      fetch_request(topic, {.max_wait_ms = 120'000, .min_bytes = 2500, .partition_max_bytes = 2500}), 12);
  EXPECT_THAT(fetched_offsets(reply), ElementsAre(0, 1));
}

TEST_P(Answers, MaxBytes_AllInOnePartitionOfMany_MayBeUsedUpByIt) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t", 6);
  for (int i = 0; i < 20; ++i) produce(client, topic, make_batch({.value_size = 1000}), 4);
  const auto reply = client.call<wire::FetchResponse>(
      of_all(topic, 6,
             {.max_wait_ms = 120'000, .min_bytes = 9000, .max_bytes = 10'000, .partition_max_bytes = 10'000}),
      12);
  EXPECT_GT(bytes_in(reply), 8000u);
  EXPECT_LE(bytes_in(reply), 10'000u);
}

TEST_P(Answers, MaxBytes_OfOne_GivesOneBatchOfOnePartition) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t", 6);
  for (int i = 0; i < 6; ++i) produce(client, topic, make_batch({.value_size = 1000}), i);
  const size_t one = make_batch({.value_size = 1000}).size();
  const auto by_answer = client.call<wire::FetchResponse>(of_all(topic, 6, {.max_bytes = 1}), 12);
  EXPECT_EQ(bytes_in(by_answer), one);
  const auto by_partition =
      client.call<wire::FetchResponse>(of_all(topic, 6, {.partition_max_bytes = 1}), 12);
  EXPECT_EQ(bytes_in(by_partition), one);
}

TEST_P(Answers, Fetch_DivergedAndBeyondTheEnd_IsToldWhereToCut) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  for (int i = 0; i < 3; ++i) produce(client, topic);
  auto request = fetch_request(topic, {.offset = 30});
  request.topics[0].partitions[0].last_fetched_epoch = 0;
  const auto reply = client.call<wire::FetchResponse>(request, 12);
  const auto* data = only_partition(reply);
  ASSERT_NE(data, nullptr);
  EXPECT_EQ(data->error_code, ErrorCode::kNone);
  EXPECT_EQ(data->high_watermark, 3);
  EXPECT_EQ(data->diverging_epoch.end_offset, 3);
}

TEST_P(Answers, Fetch_OfAReplicaThatIsNone_IsRefused) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  produce(client, topic);
  auto request = fetch_request(topic);
  request.replica_id = 9;
  const auto reply = client.call<wire::FetchResponse>(request, 12);
  ASSERT_NE(only_partition(reply), nullptr);
  EXPECT_EQ(only_partition(reply)->error_code, ErrorCode::kNotLeaderOrFollower);
}

TEST_P(Answers, Session_EmptiedByForgetting_IsClosed) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  const auto opened = client.call<wire::FetchResponse>(fetch_request(topic, {.session_epoch = 0}), 12);
  ASSERT_GT(opened->session_id, 0);
  auto forgetting = empty_fetch({.session_id = opened->session_id, .session_epoch = 1});
  auto& forgotten = forgetting.forgotten_topics_data.emplace_back();
  forgotten.topic = topic.name;
  forgotten.partitions = {0};
  EXPECT_EQ(client.call<wire::FetchResponse>(forgetting, 12)->session_id, 0);
  const auto next = empty_fetch({.session_id = opened->session_id, .session_epoch = 2});
  EXPECT_EQ(client.call<wire::FetchResponse>(next, 12)->error_code, ErrorCode::kFetchSessionIdNotFound);
}

TEST_P(Answers, PeerThatSendsNoMore_GetsTheAnswerOfAFetchThatWaits) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  client.send(fetch_request(topic, {.max_wait_ms = 120'000}), 12);
  ::shutdown(client.descriptor(), SHUT_WR);
  EXPECT_THAT(fetched_offsets(client.receive<wire::FetchResponse>(12)), IsEmpty());
  EXPECT_TRUE(client.is_closed_by_broker());
}

TEST_P(Answers, DescribeConfigs_OneResourceAgainAndAgain_IsAnsweredOnce) {
  RunningBroker broker(with());
  Client client = broker.client();
  wire::DescribeConfigsRequest request;
  for (int i = 0; i < 5000; ++i) {
    auto& asked = request.resources.emplace_back();
    asked.resource_type = 4;
    asked.resource_name = "1";
    asked.configuration_keys.reset();
  }
  EXPECT_EQ(client.call<wire::DescribeConfigsResponse>(request, 4)->results.size(), 1u);
}

TEST_P(Answers, DeafPeers_PipeliningLargeAnswers_AreHeldToTheMemoryOfAnswers) {
  RunningBroker broker(with({"socket.request.max.bytes=1MiB", "queued.max.request.bytes=4MiB"}));
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  wire::DescribeConfigsRequest request;
  auto& asked = request.resources.emplace_back();
  asked.resource_type = 4;
  asked.resource_name = "1";
  asked.configuration_keys.reset();
  std::vector<Client> deaf;
  for (int i = 0; i < 40; ++i) {
    deaf.push_back(broker.client());
    for (int n = 0; n < 100; ++n) deaf.back().send(request, 4);
  }
  ASSERT_TRUE(eventually([&] { return broker.metric("tributary_answer_memory_bytes") > 1 << 20; }));
  EXPECT_EQ(produce(client, topic).error, ErrorCode::kNone);
  EXPECT_LT(broker.metric("tributary_answer_memory_bytes"), 5 << 20);
  for (int n = 0; n < 100; ++n) ASSERT_TRUE(deaf[7].receive<wire::DescribeConfigsResponse>(4)) << n;
  deaf.clear();
  EXPECT_TRUE(eventually([&] { return broker.metric("tributary_answer_memory_bytes") < 1 << 20; }));
}

TEST_P(Answers, SlowReader_DoesNotKeepSilentPeersAlive) {
  RunningBroker broker(with({"connections.max.idle.ms=2000"}));
  Client reader = broker.client();
  const Topic topic = create_topic(reader, "t", 1, {{"max.message.bytes", "20000000"}});
  produce(reader, topic, {.value_size = 15'000'000});
  reader.send(fetch_request(topic), 12);
  Client silent = broker.client();
  std::atomic<bool> silent_ended{false};
  std::thread slowly([&] {
    std::array<uint8_t, 4096> part;
    while (!silent_ended && ::recv(reader.descriptor(), part.data(), part.size(), 0) > 0) {
      for (int i = 0; i < 200 && !silent_ended; ++i) std::this_thread::yield();
    }
  });
  EXPECT_TRUE(silent.is_closed_by_broker());
  silent_ended = true;
  slowly.join();
}

TEST_P(Answers, Produce_RefusedForWhatItSays_TellsWhereTheLogStarts) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  produce(client, topic, {.producer_id = 5, .sequence = 0});
  const auto batch = make_batch({.producer_id = 5, .sequence = 7});
  const auto reply = client.call<wire::ProduceResponse>(produce_request(topic, 0, batch), 12);
  const auto& answer = reply->responses[0].partition_responses[0];
  EXPECT_EQ(answer.error_code, ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_EQ(answer.log_start_offset, 0);
}

}  // namespace
}  // namespace tributary::broker::test
