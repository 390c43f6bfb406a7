// Metadata and what describes partitions: by name, by id, asked for twice.
#include <fmt/format.h>

#include "running_broker.h"

namespace tributary::broker::test {
namespace {

using testing::ElementsAre;
using testing::Pair;

class MetadataOf : public BrokerTest {
 protected:
  using Asked = std::pair<std::optional<std::string_view>, Uuid>;
  static wire::MetadataRequest request_for(const std::vector<Asked>& topics) {
    wire::MetadataRequest request;
    request.topics.emplace();
    for (const auto& [name, id] : topics) {
      auto& asked = request.topics->emplace_back();
      asked.name = name;
      asked.topic_id = id;
    }
    return request;
  }
  // Name and error of each topic of the answer.
  static std::vector<std::pair<std::string, ErrorCode>> ask(Client& client, const std::vector<Asked>& topics,
                                                            int16_t version) {
    const auto reply = client.call<wire::MetadataResponse>(request_for(topics), version);
    std::vector<std::pair<std::string, ErrorCode>> shown;
    for (const auto& topic : reply->topics) shown.emplace_back(topic.name.value_or("-"), topic.error_code);
    return shown;
  }
};
TRIBUTARY_ON_SHARDS(MetadataOf);

TEST_P(MetadataOf, Ids_NamedAgain_AreAnsweredOnceAndNamesBesideThemNotAtAll) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic first = create_topic(client, "first");
  const Topic second = create_topic(client, "second");
  const Uuid unknown = second.id == first.id ? Uuid{} : Uuid{{1, 2, 3}};
  EXPECT_THAT(
      ask(client,
          {{std::nullopt, first.id}, {std::nullopt, first.id}, {"second", Uuid{}}, {std::nullopt, unknown}},
          12),
      ElementsAre(Pair("first", ErrorCode::kNone), Pair("-", ErrorCode::kUnknownTopicId)));
  EXPECT_THAT(ask(client, {{"second", first.id}}, 13), ElementsAre(Pair("first", ErrorCode::kNone)));
}

TEST_P(MetadataOf, Ids_InVersionsThatOnlyHaveTheField_AreRefused) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  for (const int16_t version : {10, 11}) {
    EXPECT_THAT(ask(client, {{"t", topic.id}}, version), ElementsAre(Pair("t", ErrorCode::kInvalidRequest)));
    EXPECT_THAT(ask(client, {{"t", Uuid{}}}, version), ElementsAre(Pair("t", ErrorCode::kNone)));
  }
}

TEST_P(MetadataOf, All_AskedAgain_ShowsWhatWasAskedForAndWhatChanged) {
  RunningBroker broker(with());
  Client client = broker.client();
  create_topic(client, "first");
  wire::MetadataRequest all;
  all.topics = std::nullopt;
  const auto names = [&](int16_t version) {
    std::vector<std::string> shown;
    const auto reply = client.call<wire::MetadataResponse>(all, version);
    for (const auto& topic : reply->topics) shown.emplace_back(*topic.name);
    return shown;
  };
  for (const int16_t version : {1, 4, 8, 9, 12, 13, 12, 1}) EXPECT_THAT(names(version), ElementsAre("first"));
  all.include_topic_authorized_operations = true;
  EXPECT_NE(client.call<wire::MetadataResponse>(all, 12)->topics[0].topic_authorized_operations, INT32_MIN);
  all.include_topic_authorized_operations = false;
  EXPECT_EQ(client.call<wire::MetadataResponse>(all, 12)->topics[0].topic_authorized_operations, INT32_MIN);
  create_topic(client, "second");
  EXPECT_THAT(names(12), testing::UnorderedElementsAre("first", "second"));
  EXPECT_THAT(names(1), testing::UnorderedElementsAre("first", "second"));
}

TEST_P(MetadataOf, DescribeLogDirs_OneTopicNamedTwice_ShowsBothParts) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t", 3);
  produce(client, topic, BatchSpec{}, 1);
  wire::DescribeLogDirsRequest request;
  request.topics.emplace();
  for (const int32_t partition : {0, 1, 7}) {
    auto& asked = request.topics->emplace_back();
    asked.topic = "t";
    asked.partitions = {partition};
  }
  const auto reply = client.call<wire::DescribeLogDirsResponse>(request, 5);
  ASSERT_EQ(reply->results.size(), 1u);
  EXPECT_GT(reply->results[0].total_bytes, 0);
  ASSERT_EQ(reply->results[0].topics.size(), 1u);
  const auto& partitions = reply->results[0].topics[0].partitions;
  ASSERT_EQ(partitions.size(), 2u);
  EXPECT_EQ(partitions[0].partition_index, 0);
  EXPECT_EQ(partitions[0].partition_size, 0);
  EXPECT_EQ(partitions[1].partition_index, 1);
  EXPECT_GT(partitions[1].partition_size, 0);
}

TEST_P(MetadataOf, DescribeTopicPartitions_InPages_CoversAllOnce) {
  RunningBroker broker(with());
  Client client = broker.client();
  create_topic(client, "a", 3);
  create_topic(client, "b", 4);
  wire::DescribeTopicPartitionsRequest request;
  request.topics.emplace_back().name = "a";
  request.topics.emplace_back().name = "b";
  request.response_partition_limit = 2;
  std::vector<std::string> seen;
  for (int page = 0; page < 10; ++page) {
    const auto reply = client.call<wire::DescribeTopicPartitionsResponse>(request, 0);
    ASSERT_TRUE(reply);
    for (const auto& topic : reply->topics) {
      for (const auto& partition : topic.partitions)
        seen.push_back(fmt::format("{}{}", topic.name.value_or("-"), partition.partition_index));
    }
    if (!reply->next_cursor) break;
    request.cursor.emplace();
    request.cursor->topic_name = reply->next_cursor->topic_name == "a" ? "a" : "b";
    request.cursor->partition_index = reply->next_cursor->partition_index;
  }
  EXPECT_THAT(seen, ElementsAre("a0", "a1", "a2", "b0", "b1", "b2", "b3"));
}

TEST_P(MetadataOf, DescribeProducers_ShowsThemOnceForEachPartitionAsked) {
  RunningBroker broker(with());
  Client client = broker.client();
  const Topic topic = create_topic(client, "t");
  produce(client, topic, {.producer_id = 5, .epoch = 2, .sequence = 0});
  wire::DescribeProducersRequest request;
  auto& asked = request.topics.emplace_back();
  asked.name = "t";
  asked.partition_indexes = {0};
  auto reply = client.call<wire::DescribeProducersResponse>(request, 0);
  ASSERT_EQ(reply->topics[0].partitions[0].active_producers.size(), 1u);
  EXPECT_EQ(reply->topics[0].partitions[0].active_producers[0].producer_id, 5);
  EXPECT_EQ(reply->topics[0].partitions[0].active_producers[0].producer_epoch, 2);
  request.topics[0].partition_indexes = {0, 0};
  reply = client.call<wire::DescribeProducersResponse>(request, 0);
  EXPECT_EQ(reply->topics[0].partitions[1].error_code, ErrorCode::kInvalidRequest);
  request.topics[0].name = "..";
  request.topics[0].partition_indexes = {0};
  reply = client.call<wire::DescribeProducersResponse>(request, 0);
  EXPECT_EQ(reply->topics[0].partitions[0].error_code, ErrorCode::kInvalidTopicException);
}

}  // namespace
}  // namespace tributary::broker::test
