#include "control/create_topics.h"

#include "test_cluster.h"

namespace tributary::control {
namespace {

using wire::ErrorCode;
using Request = wire::CreateTopicsRequest;

// Two brokers of which 2 is fenced, and the topics "taken" and "a.b".
class CreateTopics : public ::testing::Test {
 protected:
  CreateTopics() {
    EXPECT_TRUE(replay_.apply(broker_record(1)));
    EXPECT_TRUE(replay_.apply(broker_record(2, std::nullopt, true)));
    add_topic("taken", 1);
    add_topic("a.b", 2);
    values_.set("num.partitions", "3", {});
  }

  void add_topic(std::string_view name, uint8_t id) {
    EXPECT_TRUE(replay_.apply(topic_record(name, test_id(id))));
    EXPECT_TRUE(replay_.apply(partition(test_id(id), 0, {1})));
  }

  Planned<wire::CreateTopicsResponse> plan(const Request& request) {
    image_ = replay_.image();
    const OperationContext context{*image_, values_, NodeId{1}, directories_, random_, arena_};
    return plan_create_topics(context, request);
  }

  struct Answer {
    ErrorCode code;
    std::string message;
    bool operator==(const Answer&) const = default;
  };
  Answer answer(const Request& request) {
    const auto planned = plan(request);
    EXPECT_EQ(planned.response.topics.size(), 1u);
    const auto& topic = planned.response.topics[0];
    EXPECT_EQ(planned.records.empty(), topic.error_code != ErrorCode::kNone);
    return {topic.error_code, std::string(topic.error_message.value_or(""))};
  }

  static Request assigned(std::vector<std::vector<int32_t>> replicas) {
    Request request = create_request("t", -1, -1);
    int32_t index = 0;
    for (auto& list : replicas) request.topics[0].assignments.push_back({index++, std::move(list), {}});
    return request;
  }

  Replay replay_;
  config::Values values_;
  std::vector<Uuid> directories_{test_id(7)};
  Random random_{1};
  wire::Arena arena_;
  ImagePtr image_;
};

TEST_F(CreateTopics, Plain_GivesRecordsThatMakeIt) {
  auto request = create_request("t", 2);
  request.topics[0].configs = {{"retention.ms", "5", {}}, {"cleanup.policy", "compact", {}}};
  auto planned = plan(request);
  EXPECT_EQ(planned.records.size(), 5u);
  ASSERT_TRUE(replay_.apply(planned.records));
  const ImagePtr after = replay_.image();
  const TopicPtr topic = after->find_topic("t");
  ASSERT_TRUE(topic);
  EXPECT_EQ(topic->id, planned.response.topics[0].topic_id);
  ASSERT_EQ(topic->partitions.size(), 2u);
  EXPECT_EQ(topic->partitions[1].leader, NodeId{1});
  EXPECT_EQ(topic->partitions[1].leader_epoch, LeaderEpoch{0});
  EXPECT_EQ(topic->partitions[1].directories, directories_);
  EXPECT_EQ(after->find_config(ResourceType::kTopic, "t")->at("retention.ms"), "5");
}

TEST_F(CreateTopics, MinusOne_TakesTheDefaults) {
  const auto planned = plan(create_request("t", -1, -1));
  EXPECT_EQ(planned.response.topics[0].num_partitions, 3);
  EXPECT_EQ(planned.response.topics[0].replication_factor, 1);
}

TEST_F(CreateTopics, ValidateOnly_AnswersWithoutRecords) {
  auto request = create_request("t");
  request.validate_only = true;
  const auto planned = plan(request);
  EXPECT_EQ(planned.response.topics[0].error_code, ErrorCode::kNone);
  EXPECT_TRUE(planned.records.empty());
}

TEST_F(CreateTopics, BadNames_AreRefused) {
  EXPECT_EQ(answer(create_request("taken")),
            (Answer{ErrorCode::kTopicAlreadyExists, "Topic 'taken' already exists."}));
  EXPECT_EQ(answer(create_request("a_b")),
            (Answer{ErrorCode::kInvalidTopicException, "Topic 'a_b' collides with existing topic: a.b"}));
  EXPECT_EQ(answer(create_request("")), (Answer{ErrorCode::kInvalidTopicException,
                                                "Topic name is invalid: the empty string is not allowed"}));
  EXPECT_EQ(answer(create_request("..")).code, ErrorCode::kInvalidTopicException);
  EXPECT_EQ(answer(create_request("a/b")).code, ErrorCode::kInvalidTopicException);
  EXPECT_EQ(answer(create_request("__cluster_metadata")).code, ErrorCode::kInvalidRequest);
  const std::string longest(249, 'x');
  EXPECT_EQ(answer(create_request(longest)).code, ErrorCode::kNone);
  EXPECT_EQ(answer(create_request(longest + "x")).code, ErrorCode::kInvalidTopicException);
}

TEST_F(CreateTopics, CollisionWithinTheRequest_IsRefused) {
  auto request = create_request("c.d");
  request.topics.push_back(create_request("c_d").topics[0]);
  const auto planned = plan(request);
  EXPECT_EQ(planned.response.topics[0].error_code, ErrorCode::kNone);
  EXPECT_EQ(planned.response.topics[1].error_code, ErrorCode::kInvalidTopicException);
}

TEST_F(CreateTopics, SameNameTwice_IsRefusedOnce) {
  auto request = create_request("t");
  request.topics.push_back(create_request("t").topics[0]);
  EXPECT_EQ(answer(request), (Answer{ErrorCode::kInvalidRequest, "Duplicate topic name."}));
}

TEST_F(CreateTopics, BadCounts_AreRefused) {
  EXPECT_EQ(answer(create_request("t", 0)).code, ErrorCode::kInvalidPartitions);
  EXPECT_EQ(answer(create_request("t", -2)).code, ErrorCode::kInvalidPartitions);
  EXPECT_EQ(answer(create_request("t", 1, 0)).code, ErrorCode::kInvalidReplicationFactor);
  EXPECT_EQ(
      answer(create_request("t", 1, 3)),
      (Answer{
          ErrorCode::kInvalidReplicationFactor,
          "Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be "
          "reached because only 2 broker(s) are registered or some brokers have all their log directories "
          "cordoned."}));
  EXPECT_EQ(answer(create_request("t", 10'001)).code, ErrorCode::kPolicyViolation);
  EXPECT_EQ(answer(create_request("t", INT32_MAX)).code, ErrorCode::kPolicyViolation);
}

TEST_F(CreateTopics, Assignment_IsTakenAsGiven) {
  auto planned = plan(assigned({{1, 2}, {2, 1}}));
  ASSERT_EQ(planned.response.topics[0].error_code, ErrorCode::kNone);
  ASSERT_TRUE(replay_.apply(planned.records));
  const PartitionImage second = replay_.image()->find_topic("t")->partitions[1];
  EXPECT_EQ(second.replicas, (std::vector<NodeId>{NodeId{2}, NodeId{1}}));
  EXPECT_EQ(second.isr, std::vector<NodeId>{NodeId{1}});  // 2 is fenced
  EXPECT_EQ(second.leader, NodeId{1});
}

TEST_F(CreateTopics, BadAssignments_AreRefused) {
  constexpr auto kInvalid = ErrorCode::kInvalidReplicaAssignment;
  EXPECT_EQ(answer(assigned({{}})).code, kInvalid);
  EXPECT_EQ(answer(assigned({{3}})).code, kInvalid);
  EXPECT_EQ(answer(assigned({{1, 1}})).code, kInvalid);
  EXPECT_EQ(answer(assigned({{2}})).code, kInvalid);  // fenced
  EXPECT_EQ(answer(assigned({{1}, {1, 2}})).code, kInvalid);
  auto gap = assigned({{1}, {1}});
  gap.topics[0].assignments[1].partition_index = 2;
  EXPECT_EQ(answer(gap), (Answer{kInvalid, "partitions should be a consecutive 0-based integer sequence"}));
  gap.topics[0].assignments[1].partition_index = 0;
  EXPECT_EQ(answer(gap).message, "Found multiple manual partition assignments for partition 0");
  auto counted = assigned({{1}});
  counted.topics[0].num_partitions = 1;
  EXPECT_EQ(answer(counted).code, ErrorCode::kInvalidRequest);
  counted.topics[0].num_partitions = -1;
  counted.topics[0].replication_factor = 1;
  EXPECT_EQ(answer(counted).code, ErrorCode::kInvalidRequest);
}

TEST_F(CreateTopics, BadConfigs_AreRefused) {
  const auto with = [](std::string_view name, std::optional<std::string_view> value) {
    auto request = create_request("t");
    request.topics[0].configs = {{name, value, {}}};
    return request;
  };
  EXPECT_EQ(answer(with("no.such", "1")),
            (Answer{ErrorCode::kInvalidConfig, "Unknown topic config name: no.such"}));
  EXPECT_EQ(answer(with("retention.ms", "soon")).code, ErrorCode::kInvalidConfig);
  EXPECT_EQ(answer(with("retention.ms", std::nullopt)),
            (Answer{ErrorCode::kInvalidConfig, "Null value not supported for topic configs: retention.ms"}));
  EXPECT_EQ(answer(with("remote.storage.enable", "true")).code, ErrorCode::kInvalidConfig);
}

TEST_F(CreateTopics, EffectiveConfigs_CarryTheirSource) {
  values_.set("log.retention.hours", "2", {});
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kBroker, "", "message.max.bytes", "2000")));
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kBroker, "1", "log.segment.bytes", "3000000")));
  auto request = create_request("t");
  request.topics[0].configs = {{"flush.messages", "1", {}}};
  const auto planned = plan(request);
  std::map<std::string_view, std::pair<std::string_view, int>> rows;
  for (const auto& row : *planned.response.topics[0].configs) {
    rows[row.name] = {row.value.value_or("null"), row.config_source};
  }
  using Row = std::pair<std::string_view, int>;
  EXPECT_EQ(rows["flush.messages"], Row("1", 1));
  EXPECT_EQ(rows["segment.bytes"], Row("3000000", 2));
  EXPECT_EQ(rows["max.message.bytes"], Row("2000", 3));
  EXPECT_EQ(rows["retention.ms"], Row("7200000", 4));
  EXPECT_EQ(rows["cleanup.policy"], Row("delete", 5));
  EXPECT_FALSE(rows.contains("internal.segment.bytes"));
}

TEST_F(CreateTopics, OneBadTopic_DoesNotHoldUpTheOthers) {
  auto request = create_request("good");
  request.topics.push_back(create_request("..").topics[0]);
  auto planned = plan(request);
  EXPECT_EQ(planned.response.topics[0].error_code, ErrorCode::kNone);
  EXPECT_EQ(planned.response.topics[1].error_code, ErrorCode::kInvalidTopicException);
  EXPECT_EQ(planned.records.size(), 2u);
}

}  // namespace
}  // namespace tributary::control
