// Topics come and go, the broker stops and starts: what clients may rely on throughout.
#include <set>

#include "running_broker.h"

namespace tributary::broker::test {
namespace {

using testing::ElementsAre;

class Life : public BrokerTest {};
TRIBUTARY_ON_SHARDS(Life);

int64_t producer_id(Client& client) {
  wire::InitProducerIdRequest request;
  request.transactional_id = std::nullopt;
  const auto reply = client.call<wire::InitProducerIdResponse>(request, 4);
  EXPECT_EQ(reply->error_code, ErrorCode::kNone);
  return reply->producer_id;
}

TEST_P(Life, ApiVersions_UnknownVersion_IsAnsweredInTheLayoutOfVersionZero) {
  RunningBroker broker(with());
  Client client = broker.client();
  ASSERT_TRUE(client.send_raw(client.frame_of(18, 99, [](wire::Writer& out) { out.write_int32(123); })));
  const auto reply = client.receive<wire::ApiVersionsResponse>(0, 1);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->error_code, ErrorCode::kUnsupportedVersion);
  EXPECT_FALSE(reply->api_keys.empty());
  EXPECT_TRUE(client.call<wire::ApiVersionsResponse>(wire::ApiVersionsRequest{}, 0))
      << "the connection lives";
}

TEST_P(Life, ApiVersions_EveryVersion_SaysTheSame) {
  RunningBroker broker(with());
  Client client = broker.client();
  wire::ApiVersionsRequest request;
  request.client_software_name = "test";
  request.client_software_version = "1.0";
  std::set<size_t> counts;
  for (int16_t version = 0; version <= 4; ++version) {
    const auto reply = client.call<wire::ApiVersionsResponse>(request, version);
    ASSERT_TRUE(reply) << version;
    EXPECT_EQ(reply->error_code, ErrorCode::kNone);
    counts.insert(reply->api_keys.size());
  }
  EXPECT_EQ(counts.size(), 1u);
}

TEST_P(Life, CreateTopics_Answered_ProduceWorksAtOnce) {
  RunningBroker broker(with());
  Client client = broker.client();
  Client producer = broker.client();
  for (int i = 0; i < 20; ++i) {
    const Topic topic = create_topic(client, "t" + std::to_string(i), 3);
    for (int32_t partition = 0; partition < 3; ++partition) {
      ASSERT_EQ(produce(producer, topic, BatchSpec{}, partition).error, ErrorCode::kNone) << i;
    }
  }
}

TEST_P(Life, DeleteAndCreateAgain_WithoutWaiting_TheNewTopicIsEmptyAndWorks) {
  RunningBroker broker(with());
  Client client = broker.client();
  Topic topic = create_topic(client, "t", 3);
  std::set<Uuid> ids = {topic.id};
  for (int round = 0; round < 15; ++round) {
    for (int32_t partition = 0; partition < 3; ++partition) produce(client, topic, BatchSpec{}, partition);
    client.send(delete_request("t"), 6);
    client.send(create_request("t", 3), 7);
    EXPECT_EQ(client.receive<wire::DeleteTopicsResponse>(6)->responses[0].error_code, ErrorCode::kNone);
    const auto made = client.receive<wire::CreateTopicsResponse>(7);
    ASSERT_EQ(made->topics[0].error_code, ErrorCode::kNone);
    topic.id = made->topics[0].topic_id;
    ids.insert(topic.id);
    for (int32_t partition = 0; partition < 3; ++partition) {
      const Produced produced = produce(client, topic, BatchSpec{}, partition);
      ASSERT_EQ(produced.error, ErrorCode::kNone) << round;
      ASSERT_EQ(produced.base_offset, 0) << round;
    }
  }
  EXPECT_EQ(ids.size(), 16u);
  broker.restart();
  Client again = broker.client();
  EXPECT_THAT(fetch_offsets(again, topic, {.partition = 2}), ElementsAre(0));
}

TEST_P(Life, DeleteAndCreateAgain_Pipelined_EveryAnswerComesAndTheLastTopicWorks) {
  RunningBroker broker(with());
  Client client = broker.client();
  create_topic(client, "t", 4);
  for (int i = 0; i < 20; ++i) {
    client.send(delete_request("t"), 6);
    client.send(create_request("t", 4), 7);
  }
  Topic topic{"t", {}};
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.receive<wire::DeleteTopicsResponse>(6)->responses[0].error_code, ErrorCode::kNone);
    const auto made = client.receive<wire::CreateTopicsResponse>(7);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->topics[0].error_code, ErrorCode::kNone);
    topic.id = made->topics[0].topic_id;
  }
  for (int32_t partition = 0; partition < 4; ++partition) {
    EXPECT_EQ(produce(client, topic, make_batch(), partition, -1, 13).base_offset, 0);
  }
}

TEST_P(Life, CreatePartitions_Answered_TheNewOnesWorkAtOnce) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t", 1);
  wire::CreatePartitionsRequest request;
  auto& asked = request.topics.emplace_back();
  asked.name = "t";
  asked.count = 5;
  asked.assignments = std::nullopt;
  const auto reply = client.call<wire::CreatePartitionsResponse>(request, 3);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->results[0].error_code, ErrorCode::kNone);
  for (int32_t i = 0; i < 5; ++i) EXPECT_EQ(produce(client, topic, BatchSpec{}, i).error, ErrorCode::kNone);
}

TEST_P(Life, Restart_RecordsTopicsAndProducerStateAreKept) {
  RunningBroker broker(with());
  const TimestampMs now = SystemClock().wall_ms();  // old enough a producer would be forgotten
  Topic topic;
  {
    Client client = broker.client();
    topic = create_topic(client, "t", 2, {{"retention.ms", "12345678"}});
    produce(client, topic, {.timestamp = now, .producer_id = 5, .sequence = 0}, 1);
    produce(client, topic, {.timestamp = now, .producer_id = 5, .sequence = 1}, 1);
  }
  broker.restart();
  Client client = broker.client();
  EXPECT_THAT(fetch_offsets(client, topic, {.partition = 1}), ElementsAre(0, 1)) << "by the same topic id";
  EXPECT_EQ(produce(client, topic, {.timestamp = now, .producer_id = 5, .sequence = 1}, 1).base_offset, 1)
      << "a repeat";
  EXPECT_EQ(produce(client, topic, {.producer_id = 5, .sequence = 7}, 1).error,
            ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_EQ(produce(client, topic, {.producer_id = 5, .sequence = 2}, 1).base_offset, 2);
}

TEST_P(Life, ProducerIds_OverRestartsAndConnections_NeverRepeat) {
  RunningBroker broker(with());
  std::set<int64_t> ids;
  for (int round = 0; round < 3; ++round) {
    Client one = broker.client();
    Client two = broker.client();
    for (int i = 0; i < 10; ++i) {
      ids.insert(producer_id(one));
      ids.insert(producer_id(two));
    }
    broker.restart();
  }
  EXPECT_EQ(ids.size(), 60u);
}

TEST_P(Life, Stop_WithRequestsOfEveryKindUnderWay_Ends) {
  RunningBroker broker(with());
  std::vector<Client> clients;
  for (int i = 0; i < 6; ++i) clients.push_back(broker.client());
  const Topic topic = create_topic(clients[0], "t", 6, {{"flush.messages", "1"}});
  for (int32_t i = 0; i < 6; ++i) {
    Client& client = clients[static_cast<size_t>(i)];
    for (int round = 0; round < 5; ++round) {
      client.send(produce_request(topic, (i + round) % 6, make_batch()), 12);
      client.send(create_request("n" + std::to_string(10 * i + round), 2), 7);
      if (round % 2 != 0) client.send(delete_request("n" + std::to_string(10 * i + round - 1)), 6);
    }
    auto request = empty_fetch({.max_wait_ms = INT32_MAX, .min_bytes = 1 << 30});
    for (int32_t p = 0; p < 6; ++p) add_partition(request, topic, {.partition = p});
    client.send(request, 12);
  }
  broker.stop();
  for (Client& client : clients) {
    while (client.receive_frame()) {
    }
    EXPECT_TRUE(client.is_closed_by_broker());
  }
  broker.start();
  Client client = broker.client();
  EXPECT_EQ(produce(client, topic).error, ErrorCode::kNone);
}

TEST_P(Life, Stop_AfterAClientLeftInTheMiddle_Ends) {
  RunningBroker broker(with());
  for (int i = 0; i < 10; ++i) {
    Client client = broker.client();
    const Topic topic = create_topic(client, "t" + std::to_string(i), 4);
    auto request = empty_fetch({.max_wait_ms = INT32_MAX});
    for (int32_t p = 0; p < 4; ++p) add_partition(request, topic, {.partition = p});
    client.send(request, 12);
    client.send(create_request("x" + std::to_string(i), 1), 7);
  }
  broker.stop();
}

TEST_P(Life, Reload_SettingsOfTheLog_HoldForTopicsThatAreThere) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  BatchSpec large;
  large.value_size = 2000;
  EXPECT_EQ(produce(client, topic, make_batch(large)).error, ErrorCode::kNone);
  broker.reload({"message.max.bytes=1000", "network.threads=7"});
  EXPECT_TRUE(eventually(
      [&] { return produce(client, topic, make_batch(large)).error == ErrorCode::kMessageTooLarge; }));
  wire::DescribeConfigsRequest request;
  auto& asked = request.resources.emplace_back();
  asked.resource_type = 2;
  asked.resource_name = "t";
  asked.configuration_keys = std::vector<std::string_view>{"max.message.bytes"};
  const auto reply = client.call<wire::DescribeConfigsResponse>(request, 4);
  ASSERT_TRUE(reply && !reply.message.results.empty() && !reply.message.results[0].configs.empty());
  EXPECT_EQ(reply.message.results[0].configs[0].value, "1000");
}

TEST_P(Life, Listeners_EachAnswerCarriesTheAddressOfTheAskedOne) {
  RunningBroker broker(with({"listeners=INNER://127.0.0.1:0,OUTER://127.0.0.1:0",
                             "listener.security.protocol.map=INNER:PLAINTEXT,OUTER:PLAINTEXT",
                             "advertised.listeners=INNER://inner.example:1111,OUTER://outer.example:2222",
                             "inter.broker.listener.name=INNER"}));
  Client inner = broker.client();
  const auto metadata = inner.call<wire::MetadataResponse>(wire::MetadataRequest{}, 12);
  ASSERT_EQ(metadata->brokers.size(), 1u);
  EXPECT_EQ(metadata->brokers[0].host, "inner.example");
  EXPECT_EQ(metadata->brokers[0].port, 1111);
  const auto cluster = inner.call<wire::DescribeClusterResponse>(wire::DescribeClusterRequest{}, 1);
  ASSERT_EQ(cluster->brokers.size(), 1u);
  EXPECT_EQ(cluster->brokers[0].host, "inner.example");
}

TEST_P(Life, StartTwice_OnOneDirectory_TheSecondIsToldItIsInUse) {
  RunningBroker broker(with());
  config::Sources sources;
  sources.overrides = {"log.dirs=" + broker.data_directory(), "listeners=PLAINTEXT://127.0.0.1:0"};
  const auto loaded = config::load(sources, config::real_surroundings());
  const SystemClock clock;
  Broker second({&loaded.values, &clock, {2, 1ULL << 30, 10'000}});
  const Status started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Errc::kBusy);
  Client client = broker.client();
  EXPECT_TRUE(client.call<wire::MetadataResponse>(wire::MetadataRequest{}, 12)) << "the first is untouched";
}

}  // namespace
}  // namespace tributary::broker::test
