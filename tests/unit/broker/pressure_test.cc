// Many connections, slow ones, greedy ones: memory stays within its bounds and others are served.
#include "broker/connection_rate.h"
#include "running_broker.h"

namespace tributary::broker::test {
namespace {

constexpr size_t kMiB = 1 << 20;

// The sanitizers' own memory says nothing about the broker's: 0 there.
size_t resident_bytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) || \
    __has_feature(thread_sanitizer)
  return 0;
#endif
  std::ifstream statm("/proc/self/statm");
  size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

class Pressure : public BrokerTest {
 protected:
  static void expect_served(Client& client, const Topic& topic) {
    for (int i = 0; i < 20; ++i) {
      const Produced produced = produce(client, topic, {.value_size = 100'000});
      ASSERT_EQ(produced.error, ErrorCode::kNone);
      ASSERT_EQ(fetch_offsets(client, topic, {.offset = produced.base_offset}).front(), produced.base_offset);
    }
  }
};
TRIBUTARY_ON_SHARDS(Pressure);

TEST_P(Pressure, SilentConnections_Thousands_CostLittleAndOthersAreServed) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  const size_t before = resident_bytes();
  constexpr int kConnections = 3000;
  std::vector<Client> silent;
  for (int i = 0; i < kConnections; ++i) silent.push_back(broker.client());
  ASSERT_TRUE(eventually([&] {
    return broker.metric("kafka_server_socket_server_metrics_connection_count") == kConnections + 1;
  }));
  EXPECT_LT(resident_bytes() - before, 24 * kMiB);
  expect_served(client, topic);
}

TEST_P(Pressure, ConnectionsOverTheLimit_AreRefusedAndTheFirstAreServed) {
  RunningBroker broker(with({"max.connections=5"}));
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  std::vector<Client> more;
  for (int i = 0; i < 4; ++i) {
    more.push_back(broker.client());
    ASSERT_TRUE(more.back().call<wire::ApiVersionsResponse>(wire::ApiVersionsRequest{}, 0));
  }
  Client refused = broker.client();
  EXPECT_TRUE(refused.is_closed_by_broker());
  expect_served(client, topic);
}

TEST_P(Pressure, ConnectionsOfOneAddressOverTheirLimit_AreRefusedUntilOneEnds) {
  RunningBroker broker(with({"max.connections.per.ip=2"}));
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  {
    Client second = broker.client();
    ASSERT_TRUE(second.call<wire::ApiVersionsResponse>(wire::ApiVersionsRequest{}, 0));
    Client refused = broker.client();
    EXPECT_TRUE(refused.is_closed_by_broker());
    EXPECT_EQ(broker.metric("tributary_network_refused_connections_total"), 1);
  }
  EXPECT_TRUE(eventually([&] {
    Client again = broker.client();
    return again.send_raw(again.frame(wire::ApiVersionsRequest{}, 0)) &&
           again.receive<wire::ApiVersionsResponse>(0).ok;
  }));
  expect_served(client, topic);
}

TEST_P(Pressure, ConnectionsOfOneAddress_AnOverride_HoldsInsteadOfTheLimit) {
  RunningBroker broker(
      with({"max.connections.per.ip=1", "max.connections.per.ip.overrides=127.0.0.1:2,10.0.0.1:1"}));
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  Client second = broker.client();
  ASSERT_TRUE(second.call<wire::ApiVersionsResponse>(wire::ApiVersionsRequest{}, 0));
  Client refused = broker.client();
  EXPECT_TRUE(refused.is_closed_by_broker());
  expect_served(client, topic);
}

TEST(ConnectionRate, MoreThanASecondAllows_WaitsItsTurn) {
  constexpr int64_t kSecond = 1'000'000'000;
  ConnectionRate rate;
  int64_t now = 5 * kSecond;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(rate.take(now, 10), 0) << i;
  EXPECT_EQ(rate.take(now, 10), kSecond / 10);
  now += kSecond / 10;
  EXPECT_EQ(rate.take(now, 10), kSecond / 10);
  now += 10 * kSecond;
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(rate.take(now, 10), 0) << "a quiet time gives a second's worth, no more";
  EXPECT_GT(rate.take(now, 10), 0);
}

TEST_P(Pressure, SlowLoris_FramesOf100MiBClaimed_MemoryFollowsWhatArrives) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  const size_t before = resident_bytes();
  std::vector<uint8_t> start(1000);
  store_be<int32_t>(start.data(), 100 << 20);
  std::vector<Client> slow;
  for (int i = 0; i < 500; ++i) {
    slow.push_back(broker.client());
    ASSERT_TRUE(slow.back().send_raw(start));
  }
  ASSERT_TRUE(eventually([&] { return broker.metric("tributary_incoming_memory_bytes") >= 500 * 1000; }));
  EXPECT_LT(resident_bytes() - before, 64 * kMiB);
  expect_served(client, topic);
  slow.clear();
  EXPECT_TRUE(eventually([&] { return broker.metric("tributary_incoming_memory_bytes") == 0; }));
}

TEST_P(Pressure, UnfinishedFrames_BeyondTheirMemory_WaitWhileOthersAreServed) {
  RunningBroker broker(with({"socket.request.max.bytes=4MiB", "queued.max.request.bytes=8MiB"}));
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  std::vector<uint8_t> part(64 * 1024);
  store_be<int32_t>(part.data(), 4 << 20);
  std::vector<Client> unfinished;
  for (int i = 0; i < 100; ++i) {
    unfinished.push_back(broker.client());
    ASSERT_TRUE(unfinished.back().send_raw(part));
  }
  ASSERT_TRUE(eventually([&] {
    return broker.metric("kafka_server_socket_server_metrics_connection_count") == 101 &&
           broker.metric("tributary_incoming_memory_bytes") > 3 * kMiB;
  }));
  EXPECT_LE(broker.metric("tributary_incoming_memory_bytes"), 9 * kMiB);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(produce(client, topic, {.value_size = 5'000}).error, ErrorCode::kNone);
}

TEST_P(Pressure, LargeFrames_OfManyClientsAtOnce_AllGetThroughInTheEnd) {
  RunningBroker broker(with({"socket.request.max.bytes=4MiB", "queued.max.request.bytes=4MiB"}));
  Client admin = broker.client();
  const Topic topic =
      create_topic(admin, "t", 6, {{"max.message.bytes", "4000000"}, {"flush.messages", "1"}});
  constexpr int kClients = 12, kEach = 4;
  std::vector<std::thread> threads;
  std::atomic<int> written = 0;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&, i] {
      Client client = broker.client();
      const auto batch = make_batch({.value_size = 1'500'000});
      std::vector<uint8_t> burst;
      for (int n = 0; n < kEach; ++n) {
        const auto frame = client.frame(produce_request(topic, (i + n) % 6, batch), 12);
        burst.insert(burst.end(), frame.begin(), frame.end());
      }
      ASSERT_TRUE(client.send_raw(burst));
      for (int n = 0; n < kEach; ++n) {
        written += outcome_of(client.receive<wire::ProduceResponse>(12)).error == ErrorCode::kNone;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(written, kClients * kEach);
  EXPECT_TRUE(eventually([&] { return broker.metric("tributary_request_memory_bytes") == 0; }));
  EXPECT_EQ(broker.metric("tributary_incoming_memory_bytes"), 0);
}

TEST_P(Pressure, ClientsThatReadNothing_PipeliningFetches_MemoryIsBoundedAndOthersAreServed) {
  RunningBroker broker(with({"socket.request.max.bytes=16MiB", "queued.max.request.bytes=32MiB"}));
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  for (int i = 0; i < 20; ++i) produce(client, topic, {.value_size = 900'000});
  const size_t before = resident_bytes();
  std::vector<Client> deaf;
  for (int i = 0; i < 20; ++i) {
    deaf.push_back(broker.client());
    for (int n = 0; n < 50; ++n) {
      deaf.back().send(fetch_request(topic, {.partition_max_bytes = 50 << 20}), 12);
    }
  }
  ASSERT_TRUE(eventually([&] { return broker.metric("tributary_answer_memory_bytes") > 8 * kMiB; }));
  expect_served(client, topic);
  EXPECT_LT(resident_bytes() - before, 400 * kMiB);
  for (int n = 0; n < 50; ++n) {
    ASSERT_EQ(fetched_offsets(deaf[3].receive<wire::FetchResponse>(12)).front(), 0) << "it may come round";
  }
  deaf.clear();
  EXPECT_TRUE(eventually([&] { return broker.metric("tributary_answer_memory_bytes") == 0; }));
}

TEST_P(Pressure, RequestMemory_UsedUp_PausesReadingAndGoesOnWhenItIsGivenBack) {
  RunningBroker broker(with({"socket.request.max.bytes=1MiB", "queued.max.request.bytes=1MiB",
                             "max.requests.in.progress.per.connection=100"}));
  Client admin = broker.client();
  const Topic topic = create_topic(admin, "t", 6, {{"flush.messages", "1"}});
  std::vector<Client> clients;
  constexpr int kClients = 9, kEach = 8;
  for (int i = 0; i < kClients; ++i) clients.push_back(broker.client());
  for (int n = 0; n < kEach; ++n) {
    for (int i = 0; i < kClients; ++i) {
      auto& client = clients[static_cast<size_t>(i)];
      client.send(produce_request(topic, (i + n) % 6, make_batch({.value_size = 200'000})), 12);
    }
  }
  for (Client& client : clients) {
    for (int n = 0; n < kEach; ++n) {
      ASSERT_EQ(outcome_of(client.receive<wire::ProduceResponse>(12)).error, ErrorCode::kNone);
    }
  }
}

TEST_P(Pressure, IdleConnection_IsClosedAndCounted) {
  RunningBroker broker(with({"connections.max.idle.ms=30"}));
  Client client = broker.client();
  EXPECT_TRUE(client.is_closed_by_broker());
  EXPECT_EQ(broker.metric("tributary_network_idle_closed_total"), 1);
}

TEST_P(Pressure, UnfinishedFrame_IsNoActivity) {
  RunningBroker broker(with({"connections.max.idle.ms=50"}));
  Client client = broker.client();
  const auto frame = client.frame(wire::MetadataRequest{}, 12);
  ASSERT_TRUE(client.send_raw(ByteView(frame).first(10)));
  EXPECT_TRUE(client.is_closed_by_broker());
}

TEST_P(Pressure, PeerThatBreaksOff_WhileNothingIsReadOfIt_IsNoticed) {
  RunningBroker broker(with({"max.requests.in.progress.per.connection=1"}));
  Client admin = broker.client();
  const Topic topic = create_topic(admin, "t");
  {
    Client client = broker.client();
    for (int n = 0; n < 3; ++n) client.send(fetch_request(topic, {.max_wait_ms = 600'000}), 12);
    ASSERT_TRUE(eventually(
        [&] { return broker.metric("kafka_server_socket_server_metrics_connection_count") == 2; }));
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ASSERT_EQ(::setsockopt(client.descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
  }
  EXPECT_TRUE(
      eventually([&] { return broker.metric("kafka_server_socket_server_metrics_connection_count") == 1; }));
}

TEST_P(Pressure, IdleTime_Negative_MeansNever) {
  RunningBroker broker(with({"connections.max.idle.ms=-1"}));
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  EXPECT_EQ(produce(client, topic).error, ErrorCode::kNone);
  EXPECT_EQ(broker.metric("tributary_network_idle_closed_total"), 0);
}

}  // namespace
}  // namespace tributary::broker::test
