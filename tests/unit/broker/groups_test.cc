// Consumer groups through the wire: every API, on one shard and on several.
#include <gmock/gmock.h>

#include <map>

#include "broker/offsets_topic.h"
#include "group_client.h"

namespace tributary::broker::test {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

TEST(OffsetsTopic, GroupsHash_IsJavas) {
  EXPECT_EQ(java_hash(""), 0);
  EXPECT_EQ(java_hash("my-group"), -1906497762);
  EXPECT_EQ(java_hash("gr\xC3\xBC\xC3\x9F"), 3186062);
  EXPECT_EQ(java_hash("\xF0\x9F\x98\x80"), 1772899);
  EXPECT_EQ(java_hash("polygenelubricants"), INT32_MIN);
  EXPECT_EQ(partition_of_group("polygenelubricants", 50), 0);
  EXPECT_EQ(partition_of_group("my-group", 50), 12);
}

class Groups : public BrokerTest {
 protected:
  Groups()
      : broker_(with({"offsets.topic.replication.factor=1", "offsets.topic.num.partitions=5",
                      "group.initial.rebalance.delay.ms=0"})) {}

  RunningBroker broker_;
  Client client_ = broker_.client();
};
TRIBUTARY_ON_SHARDS(Groups);

TEST_P(Groups, FindCoordinator_FirstOne_MakesTheTopicAndNamesThisBroker) {
  for (int16_t version = 0; version <= 6; ++version) {
    wire::FindCoordinatorRequest request;
    request.key = "g";
    request.coordinator_keys = {"g", "h"};
    const auto reply = client_.call<wire::FindCoordinatorResponse>(request, version);
    ASSERT_TRUE(reply) << version;
    if (version < 4) {
      EXPECT_EQ(reply->error_code, ErrorCode::kNone);
      EXPECT_EQ(reply->port, broker_.port());
    } else {
      ASSERT_EQ(reply->coordinators.size(), 2u);
      for (const auto& found : reply->coordinators) EXPECT_EQ(found.port, broker_.port());
      EXPECT_EQ(reply->coordinators[1].key, "h");
    }
  }
  wire::MetadataRequest metadata;
  metadata.topics.emplace().emplace_back().name = "__consumer_offsets";
  const auto topics = client_.call<wire::MetadataResponse>(metadata, 12);
  ASSERT_EQ(topics->topics.size(), 1u);
  EXPECT_EQ(topics->topics[0].partitions.size(), 5u);
  EXPECT_TRUE(topics->topics[0].is_internal);
}

TEST_P(Groups, FindCoordinator_OfWhatIsNotBuilt_EndsTheClient) {
  EXPECT_EQ(find_coordinator(client_, "t", 1), ErrorCode::kTransactionalIdAuthorizationFailed);
  EXPECT_EQ(find_coordinator(client_, "t", 1, 2), ErrorCode::kTransactionalIdAuthorizationFailed);
  EXPECT_EQ(find_coordinator(client_, "g:AAAAAAAAAAAAAAAAAAAAAQ:0", 2, 6), ErrorCode::kInvalidRequest);
}

TEST_P(Groups, WithoutTheTopic_RequestsAreToldToLookForTheCoordinator) {
  const Topic topic = create_topic(client_, "t");
  EXPECT_EQ(commit(client_, {"g"}, topic, 0, 5), ErrorCode::kNotCoordinator);
  EXPECT_EQ(heartbeat(client_, {"g", "m", 1}), ErrorCode::kNotCoordinator);
}

TEST_P(Groups, OffsetCommitAndFetch_EveryVersion_AgreeOnManyGroups) {
  const Topic topic = create_topic(client_, "t", 4);
  ASSERT_EQ(find_coordinator(client_, "g"), ErrorCode::kNone);
  int64_t offset = 10;
  for (int16_t version = 2; version <= 10; ++version) {
    const std::string group = "g" + std::to_string(version);
    ASSERT_EQ(commit(client_, {group}, topic, 3, ++offset, version), ErrorCode::kNone) << version;
    for (int16_t fetch = 1; fetch <= 10; ++fetch) {
      EXPECT_EQ(committed(client_, group, topic, 3, fetch), offset) << version << " " << fetch;
      EXPECT_EQ(committed(client_, group, topic, 2, fetch), -1);
    }
  }
}

TEST_P(Groups, OffsetFetch_OfManyGroups_AnswersInTheirOrder) {
  const Topic topic = create_topic(client_, "t", 2);
  ASSERT_EQ(find_coordinator(client_, "g"), ErrorCode::kNone);
  std::vector<std::string> groups;
  for (int i = 0; i < 20; ++i) {
    groups.push_back("group-" + std::to_string(i));
    ASSERT_EQ(commit(client_, {groups.back()}, topic, i % 2, 100 + i), ErrorCode::kNone);
  }
  const auto reply = client_.call<wire::OffsetFetchResponse>(fetch_all_request(groups), 9);
  ASSERT_EQ(reply->groups.size(), 20u);
  for (int i = 0; i < 20; ++i) {
    const auto& found = reply->groups[static_cast<size_t>(i)];
    EXPECT_EQ(found.group_id, groups[static_cast<size_t>(i)]);
    ASSERT_EQ(found.topics.size(), 1u);
    EXPECT_EQ(found.topics[0].partitions.at(0).committed_offset, 100 + i);
  }
}

TEST_P(Groups, OffsetCommit_ToUnknownTopics_IsRefusedForThemAlone) {
  const Topic topic = create_topic(client_, "t");
  ASSERT_EQ(find_coordinator(client_, "g"), ErrorCode::kNone);
  const Membership by{"g"};
  auto request = commit_request(by, topic, 0, 5);
  auto& unknown = request.topics.emplace_back();
  unknown.name = "nowhere";
  unknown.topic_id = Uuid{{7}};
  unknown.partitions.emplace_back();
  request.topics[0].partitions.emplace_back().partition_index = 9;
  for (const int16_t version : {9, 10}) {
    const auto reply = client_.call<wire::OffsetCommitResponse>(request, version);
    std::map<std::pair<bool, int32_t>, ErrorCode> errors;
    for (const auto& answered : reply->topics) {
      const bool ours = version == 9 ? answered.name == "t" : answered.topic_id == topic.id;
      for (const auto& partition : answered.partitions)
        errors[{ours, partition.partition_index}] = partition.error_code;
    }
    EXPECT_EQ((errors[{true, 0}]), ErrorCode::kNone);
    EXPECT_EQ((errors[{true, 9}]), ErrorCode::kUnknownTopicOrPartition);
    EXPECT_EQ((errors[{false, 0}]),
              version == 9 ? ErrorCode::kUnknownTopicOrPartition : ErrorCode::kUnknownTopicId);
  }
}

TEST_P(Groups, Membership_JoinToLeave_GoesThroughItsStates) {
  ASSERT_EQ(find_coordinator(client_, "g"), ErrorCode::kNone);
  EXPECT_EQ(state_of(client_, "g"), "Dead");
  const Membership self = join_alone(client_, "g");
  EXPECT_EQ(state_of(client_, "g"), "Stable");
  EXPECT_EQ(heartbeat(client_, self), ErrorCode::kNone);
  EXPECT_EQ(heartbeat(client_, {"g", self.member_id, self.generation + 1}), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(leave(client_, self), ErrorCode::kNone);
  EXPECT_EQ(state_of(client_, "g"), "Empty");
  EXPECT_EQ(heartbeat(client_, self), ErrorCode::kUnknownMemberId);
}

TEST_P(Groups, JoinGroup_ClientGoneWhileParked_LeavesTheBrokerWell) {
  ASSERT_EQ(find_coordinator(client_, "g"), ErrorCode::kNone);
  const Membership first = join_alone(client_, "g");
  for (int i = 0; i < 20; ++i) {  // each waits for the first to join again, which it does not
    Client gone = broker_.client();
    const auto named = gone.call<wire::JoinGroupResponse>(join_request({"g"}), 9);
    gone.send(join_request({"g", std::string(named->member_id)}), 9);
  }
  ASSERT_TRUE(eventually([&] { return heartbeat(client_, first) == ErrorCode::kRebalanceInProgress; }));
  Client waiting = broker_.client();
  const auto named = waiting.call<wire::JoinGroupResponse>(join_request({"g"}), 9);
  waiting.send(join_request({"g", std::string(named->member_id)}), 9);
  broker_.stop();
}

TEST_P(Groups, DescribeGroups_OfMany_AnswersInTheirOrder) {
  ASSERT_EQ(find_coordinator(client_, "g"), ErrorCode::kNone);
  const Membership self = join_alone(client_, "b");
  wire::DescribeGroupsRequest request;
  request.groups = {"a", "b", "c"};
  request.include_authorized_operations = true;
  const auto old = client_.call<wire::DescribeGroupsResponse>(request, 5);
  ASSERT_EQ(old->groups.size(), 3u);
  EXPECT_EQ(old->groups[0].group_state, "Dead");
  EXPECT_EQ(old->groups[0].error_code, ErrorCode::kNone);
  EXPECT_EQ(old->groups[1].group_id, "b");
  EXPECT_EQ(old->groups[1].group_state, "Stable");
  EXPECT_EQ(old->groups[1].protocol_data, "range");
  ASSERT_EQ(old->groups[1].members.size(), 1u);
  EXPECT_EQ(old->groups[1].members[0].member_id, self.member_id);
  EXPECT_EQ(old->groups[1].members[0].client_host, "/127.0.0.1");
  EXPECT_EQ(old->groups[1].authorized_operations, 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11);
  const auto now = client_.call<wire::DescribeGroupsResponse>(request, 6);
  EXPECT_EQ(now->groups[0].error_code, ErrorCode::kGroupIdNotFound);
}

TEST_P(Groups, ListGroups_FiltersByStateAndType) {
  const Topic topic = create_topic(client_, "t");
  ASSERT_EQ(find_coordinator(client_, "g"), ErrorCode::kNone);
  for (const std::string group : {"a", "b", "c"}) {
    ASSERT_EQ(commit(client_, {group}, topic, 0, 1), ErrorCode::kNone);
  }
  join_alone(client_, "m");
  const auto list = [&](std::vector<std::string_view> states, std::vector<std::string_view> types) {
    wire::ListGroupsRequest request;
    request.states_filter = std::move(states);
    request.types_filter = std::move(types);
    const auto reply = client_.call<wire::ListGroupsResponse>(request, 5);
    EXPECT_EQ(reply->error_code, ErrorCode::kNone);
    std::vector<std::string> ids;
    for (const auto& group : reply->groups) {
      EXPECT_EQ(group.group_type, "classic");
      ids.emplace_back(group.group_id);
    }
    return ids;
  };
  EXPECT_THAT(list({}, {}), UnorderedElementsAre("a", "b", "c", "m"));
  EXPECT_THAT(list({"stable"}, {}), UnorderedElementsAre("m"));
  EXPECT_THAT(list({" Empty", "Dead"}, {"Classic"}), UnorderedElementsAre("a", "b", "c"));
  EXPECT_THAT(list({}, {"consumer"}), ElementsAre());
}

TEST_P(Groups, DeleteGroups_AnswersForEachGroup) {
  const Topic topic = create_topic(client_, "t");
  ASSERT_EQ(find_coordinator(client_, "g"), ErrorCode::kNone);
  ASSERT_EQ(commit(client_, {"idle"}, topic, 0, 1), ErrorCode::kNone);
  join_alone(client_, "busy");
  wire::DeleteGroupsRequest request;
  request.groups_names = {"idle", "busy", "unknown", "idle"};
  const auto reply = client_.call<wire::DeleteGroupsResponse>(request, 2);
  ASSERT_EQ(reply->results.size(), 3u);
  EXPECT_EQ(reply->results[0].error_code, ErrorCode::kNone);
  EXPECT_EQ(reply->results[1].error_code, ErrorCode::kNonEmptyGroup);
  EXPECT_EQ(reply->results[2].error_code, ErrorCode::kGroupIdNotFound);
  EXPECT_EQ(committed(client_, "idle", topic, 0), -1);
}

TEST_P(Groups, OffsetDelete_RemovesWhatItNames) {
  const Topic topic = create_topic(client_, "t", 2);
  ASSERT_EQ(find_coordinator(client_, "g"), ErrorCode::kNone);
  ASSERT_EQ(commit(client_, {"g"}, topic, 0, 1), ErrorCode::kNone);
  ASSERT_EQ(commit(client_, {"g"}, topic, 1, 2), ErrorCode::kNone);
  wire::OffsetDeleteRequest request;
  request.group_id = "g";
  auto& asked = request.topics.emplace_back();
  asked.name = "t";
  asked.partitions.emplace_back().partition_index = 0;
  const auto reply = client_.call<wire::OffsetDeleteResponse>(request, 0);
  EXPECT_EQ(reply->error_code, ErrorCode::kNone);
  EXPECT_EQ(committed(client_, "g", topic, 0), -1);
  EXPECT_EQ(committed(client_, "g", topic, 1), 2);
}

TEST_P(Groups, DeletedTopic_TakesItsOffsetsAlong) {
  const Topic topic = create_topic(client_, "t");
  const Topic other = create_topic(client_, "other");
  ASSERT_EQ(find_coordinator(client_, "g"), ErrorCode::kNone);
  for (int i = 0; i < 20; ++i) {
    const std::string group = "g" + std::to_string(i);
    ASSERT_EQ(commit(client_, {group}, topic, 0, 1), ErrorCode::kNone);
    ASSERT_EQ(commit(client_, {group}, other, 0, 2), ErrorCode::kNone);
  }
  client_.call<wire::DeleteTopicsResponse>(delete_request("t"), 6);
  const Topic again = create_topic(client_, "t");
  for (int i = 0; i < 20; ++i) {
    const std::string group = "g" + std::to_string(i);
    EXPECT_TRUE(eventually([&] { return committed(client_, group, again, 0) == -1; })) << group;
    EXPECT_EQ(committed(client_, group, other, 0), 2);
  }
}

TEST_P(Groups, OffsetsTopicDeleted_CoordinatorsGoAndComeAgain) {
  const Topic topic = create_topic(client_, "t");
  ASSERT_EQ(find_coordinator(client_, "g"), ErrorCode::kNone);
  ASSERT_EQ(commit(client_, {"g"}, topic, 0, 5), ErrorCode::kNone);
  join_alone(client_, "m");
  client_.call<wire::DeleteTopicsResponse>(delete_request("__consumer_offsets"), 6);
  EXPECT_EQ(commit(client_, {"g"}, topic, 0, 6), ErrorCode::kNotCoordinator);
  ASSERT_EQ(find_coordinator(client_, "g"), ErrorCode::kNone);
  EXPECT_EQ(committed(client_, "g", topic, 0), -1);
  EXPECT_EQ(state_of(client_, "m"), "Dead");
}

TEST_P(Groups, Metrics_TellOfGroups) {
  const Topic topic = create_topic(client_, "t");
  ASSERT_EQ(find_coordinator(client_, "g"), ErrorCode::kNone);
  ASSERT_EQ(commit(client_, {"g"}, topic, 0, 5), ErrorCode::kNone);
  join_alone(client_, "m");
  EXPECT_TRUE(eventually(
      [&] { return broker_.metric("kafka_server_group_coordinator_metrics_num_partitions") == 5; }));
  EXPECT_EQ(broker_.metric("kafka_server_group_coordinator_metrics_offset_commit_count"), 1);
  EXPECT_EQ(broker_.metric("kafka_coordinator_group_groupmetadatamanager_numgroupsstable"), 1);
  EXPECT_EQ(broker_.metric("tributary_group_loads_total"), 5);
  EXPECT_EQ(broker_.metric("tributary_group_view_rebuilds_total"), 0);
}

}  // namespace
}  // namespace tributary::broker::test
