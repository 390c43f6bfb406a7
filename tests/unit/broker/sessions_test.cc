// Fetch sessions as a client sees them (KIP-227).
#include "running_broker.h"

namespace tributary::broker::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Sessions : public BrokerTest {
 protected:
  static int32_t open_session(Client& client, const wire::FetchRequest& request, int16_t version = 12) {
    const auto reply = client.call<wire::FetchResponse>(request, version);
    EXPECT_TRUE(reply);
    EXPECT_EQ(reply->error_code, ErrorCode::kNone);
    EXPECT_GT(reply->session_id, 0);
    return reply->session_id;
  }
  static wire::FetchRequest opening(const Topic& topic, int32_t partitions) {
    auto request = empty_fetch({.session_epoch = 0});
    for (int32_t i = 0; i < partitions; ++i) add_partition(request, topic, {.partition = i});
    return request;
  }
  static std::vector<int32_t> named(const Reply<wire::FetchResponse>& reply) {
    std::vector<int32_t> numbers;
    for (const auto& topic : reply->responses) {
      for (const auto& data : topic.partitions) numbers.push_back(data.partition_index);
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
  }
};
TRIBUTARY_ON_SHARDS(Sessions);

TEST_P(Sessions, Incremental_OnlyWhatIsNew_IsNamed) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t", 4);
  const int32_t id = open_session(client, opening(topic, 4));
  auto reply = client.call<wire::FetchResponse>(empty_fetch({.session_id = id, .session_epoch = 1}), 12);
  EXPECT_THAT(named(reply), IsEmpty());
  EXPECT_EQ(reply->session_id, id);

  Client producer = broker.client();
  produce(producer, topic, BatchSpec{}, 2);
  reply = client.call<wire::FetchResponse>(empty_fetch({.session_id = id, .session_epoch = 2}), 12);
  EXPECT_THAT(named(reply), ElementsAre(2));

  auto advanced = empty_fetch({.session_id = id, .session_epoch = 3});
  add_partition(advanced, topic, {.offset = 1, .partition = 2});
  EXPECT_THAT(named(client.call<wire::FetchResponse>(advanced, 12)), IsEmpty());
}

TEST_P(Sessions, Incremental_LongPoll_IsWokenByAPartitionOfTheSession) {
  RunningBroker broker(with());
  Client client = broker.client();
  Client producer = broker.client();
  const Topic topic = create_topic(client, "t", 6);
  const int32_t id = open_session(client, opening(topic, 6), 17);
  std::vector<int64_t> offsets(6, 0);
  for (int32_t epoch = 1; epoch < 30; ++epoch) {
    const int32_t target = epoch % 6;
    client.send(empty_fetch({.max_wait_ms = 120'000, .session_id = id, .session_epoch = 2 * epoch - 1}), 17);
    produce(producer, topic, BatchSpec{}, target);
    const auto reply = client.receive<wire::FetchResponse>(17);
    ASSERT_TRUE(reply);
    ASSERT_THAT(named(reply), ElementsAre(target)) << epoch;
    auto advanced = empty_fetch({.session_id = id, .session_epoch = 2 * epoch});
    add_partition(advanced, topic, {.offset = ++offsets[static_cast<size_t>(target)], .partition = target});
    ASSERT_EQ(client.call<wire::FetchResponse>(advanced, 17)->error_code, ErrorCode::kNone);
  }
}

TEST_P(Sessions, Forgotten_ATopicLeftOut_IsNoLongerNamed) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t", 2);
  const int32_t id = open_session(client, opening(topic, 2));
  auto forgetting = empty_fetch({.session_id = id, .session_epoch = 1});
  auto& forgotten = forgetting.forgotten_topics_data.emplace_back();
  forgotten.topic = topic.name;
  forgotten.partitions = {0};
  EXPECT_TRUE(client.call<wire::FetchResponse>(forgetting, 12));
  produce(client, topic, BatchSpec{}, 0);
  produce(client, topic, BatchSpec{}, 1);
  const auto reply =
      client.call<wire::FetchResponse>(empty_fetch({.session_id = id, .session_epoch = 2}), 12);
  EXPECT_THAT(named(reply), ElementsAre(1));
}

TEST_P(Sessions, Epochs_WrongOrUnknown_AreRefusedAndTheSessionLives) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  const int32_t id = open_session(client, opening(topic, 1));
  const auto error_of = [&](int32_t session, int32_t epoch, int16_t version) {
    const auto reply = client.call<wire::FetchResponse>(
        empty_fetch({.session_id = session, .session_epoch = epoch}), version);
    return reply ? reply->error_code : ErrorCode::kUnknownServerError;
  };
  EXPECT_EQ(error_of(id, 5, 12), ErrorCode::kInvalidFetchSessionEpoch);
  EXPECT_EQ(error_of(id, -7, 12), ErrorCode::kInvalidFetchSessionEpoch);
  EXPECT_EQ(error_of(id + 16, 1, 12), ErrorCode::kFetchSessionIdNotFound);
  EXPECT_EQ(error_of(id, 1, 13), ErrorCode::kFetchSessionTopicIdError);
  EXPECT_EQ(error_of(id, 1, 12), ErrorCode::kNone);
}

TEST_P(Sessions, FinalEpoch_ClosesTheSession) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  const int32_t id = open_session(client, opening(topic, 1));
  auto last = fetch_request(topic, {.session_id = id, .session_epoch = -1});
  EXPECT_EQ(client.call<wire::FetchResponse>(last, 12)->session_id, 0);
  EXPECT_EQ(broker.metric("kafka_server_fetchsessioncache_numincrementalfetchsessions"), 0);
  const auto reply =
      client.call<wire::FetchResponse>(empty_fetch({.session_id = id, .session_epoch = 1}), 12);
  EXPECT_EQ(reply->error_code, ErrorCode::kFetchSessionIdNotFound);
}

TEST_P(Sessions, NoSlots_TheFetchIsServedWithoutASession) {
  RunningBroker broker(with({"max.incremental.fetch.session.cache.slots=0"}));
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  produce(client, topic);
  const auto reply = client.call<wire::FetchResponse>(opening(topic, 1), 12);
  EXPECT_EQ(reply->session_id, 0);
  EXPECT_THAT(fetched_offsets(reply), ElementsAre(0));
}

TEST_P(Sessions, ClientLeavesWhileItsFetchWaits_TheSessionCanBeTakenUpAgain) {
  RunningBroker broker(with());
  const Topic topic = [&] {
    Client client = broker.client();
    return create_topic(client, "t", 3);
  }();
  int32_t id = 0;
  {
    Client leaving = broker.client();
    id = open_session(leaving, opening(topic, 3));
    leaving.send(empty_fetch({.max_wait_ms = 120'000, .session_id = id, .session_epoch = 1}), 12);
    ASSERT_TRUE(
        eventually([&] { return broker.metric("kafka_network_requestmetrics_requests_total") >= 3; }));
  }
  Client client = broker.client();
  ErrorCode error = ErrorCode::kNone;
  EXPECT_TRUE(eventually([&] {
    const auto reply =
        client.call<wire::FetchResponse>(empty_fetch({.session_id = id, .session_epoch = 2}), 12);
    error = reply->error_code;
    return error != ErrorCode::kInvalidFetchSessionEpoch;
  }));
  EXPECT_EQ(error, ErrorCode::kNone);
}

TEST_P(Sessions, DeletedTopic_IsToldInTheSession) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t", 2);
  const int32_t id = open_session(client, opening(topic, 2));
  ASSERT_TRUE(client.call<wire::DeleteTopicsResponse>(delete_request("t"), 6));
  const auto reply = client.call<wire::FetchResponse>(
      empty_fetch({.max_wait_ms = 120'000, .session_id = id, .session_epoch = 1}), 12);
  EXPECT_THAT(named(reply), ElementsAre(0, 1));
}

}  // namespace
}  // namespace tributary::broker::test
