// DeleteTopics, CreatePartitions, ElectLeaders, UpdateFeatures.
#include "control/create_partitions.h"
#include "control/delete_topics.h"
#include "control/elect_leaders.h"
#include "control/unregister_broker.h"
#include "control/update_features.h"
#include "test_cluster.h"

namespace tributary::control {
namespace {

using wire::ErrorCode;

class Operations : public ::testing::Test {
 protected:
  Operations() {
    EXPECT_TRUE(replay_.apply(broker_record(1)));
    EXPECT_TRUE(replay_.apply(broker_record(2)));
    EXPECT_TRUE(replay_.apply(broker_record(3, std::nullopt, true)));
    add_topic("one", 1, {1});
    add_topic("two", 2, {1, 2});
  }

  void add_topic(std::string_view name, uint8_t id, std::vector<int32_t> replicas) {
    EXPECT_TRUE(replay_.apply(topic_record(name, test_id(id))));
    EXPECT_TRUE(replay_.apply(partition(test_id(id), 0, std::move(replicas))));
  }

  OperationContext context() {
    image_ = replay_.image();
    return {*image_, values_, NodeId{1}, directories_, random_, arena_};
  }

  void set_leader(uint8_t topic, int32_t leader, std::optional<std::vector<int32_t>> isr = std::nullopt) {
    md::PartitionChangeRecord change;
    change.topic_id = test_id(topic);
    change.partition_id = 0;
    change.leader = leader;
    change.isr = std::move(isr);
    EXPECT_TRUE(replay_.apply(change));
  }

  Replay replay_;
  config::Values values_;
  std::vector<Uuid> directories_{test_id(7)};
  Random random_{1};
  wire::Arena arena_;
  ImagePtr image_;
};

// --- DeleteTopics

std::map<std::string, ErrorCode> codes(const wire::DeleteTopicsResponse& response) {
  std::map<std::string, ErrorCode> codes;
  for (const auto& result : response.responses) {
    codes[result.name ? std::string(*result.name) : result.topic_id.to_string()] = result.error_code;
  }
  return codes;
}

TEST_F(Operations, DeleteByNameAndId_Removes) {
  wire::DeleteTopicsRequest request;
  request.topics = {{"one", {}, {}}, {std::nullopt, test_id(2), {}}};
  auto planned = plan_delete_topics(context(), request, 6);
  EXPECT_EQ(codes(planned.response),
            (std::map<std::string, ErrorCode>{{"one", ErrorCode::kNone}, {"two", ErrorCode::kNone}}));
  ASSERT_TRUE(replay_.apply(planned.records));
  EXPECT_EQ(replay_.image()->topic_count(), 0u);
}

TEST_F(Operations, DeleteByOldNames_Removes) {
  wire::DeleteTopicsRequest request;
  request.topic_names = {"one", "missing"};
  auto planned = plan_delete_topics(context(), request, 5);
  EXPECT_EQ(codes(planned.response),
            (std::map<std::string, ErrorCode>{{"one", ErrorCode::kNone},
                                              {"missing", ErrorCode::kUnknownTopicOrPartition}}));
  EXPECT_EQ(planned.records.size(), 1u);
}

TEST_F(Operations, DeleteAmbiguous_IsRefused) {
  wire::DeleteTopicsRequest request;
  request.topics = {{"one", {}, {}},
                    {"one", {}, {}},
                    {"two", {}, {}},
                    {std::nullopt, test_id(2), {}},
                    {"both", test_id(9), {}},
                    {std::nullopt, {}, {}},
                    {std::nullopt, test_id(8), {}}};
  const auto planned = plan_delete_topics(context(), request, 6);
  EXPECT_TRUE(planned.records.empty());
  const auto answers = codes(planned.response);
  EXPECT_EQ(answers.at("one"), ErrorCode::kInvalidRequest);
  EXPECT_EQ(answers.at("two"), ErrorCode::kInvalidRequest);
  EXPECT_EQ(answers.at("both"), ErrorCode::kInvalidRequest);
  EXPECT_EQ(answers.at(Uuid{}.to_string()), ErrorCode::kInvalidRequest);
  EXPECT_EQ(answers.at(test_id(8).to_string()), ErrorCode::kUnknownTopicId);
}

TEST_F(Operations, DeleteSwitchedOff_IsRefused) {
  values_.set("delete.topic.enable", "false", {});
  wire::DeleteTopicsRequest request;
  request.topic_names = {"one"};
  EXPECT_EQ(codes(plan_delete_topics(context(), request, 3).response).at("one"),
            ErrorCode::kTopicDeletionDisabled);
  EXPECT_EQ(codes(plan_delete_topics(context(), request, 2).response).at("one"), ErrorCode::kInvalidRequest);
}

// --- CreatePartitions

wire::CreatePartitionsRequest grow(std::string_view name, int32_t count) {
  wire::CreatePartitionsRequest request;
  wire::CreatePartitionsRequest::CreatePartitionsTopic topic;
  topic.name = name;
  topic.count = count;
  topic.assignments = std::nullopt;
  request.topics.push_back(topic);
  return request;
}

TEST_F(Operations, MorePartitions_KeepTheFactor) {
  auto planned = plan_create_partitions(context(), grow("two", 4));
  EXPECT_EQ(planned.response.results[0].error_code, ErrorCode::kNone);
  ASSERT_TRUE(replay_.apply(planned.records));
  const TopicPtr topic = replay_.image()->find_topic("two");
  ASSERT_EQ(topic->partitions.size(), 4u);
  EXPECT_EQ(topic->partitions[3].replicas.size(), 2u);
}

TEST_F(Operations, PartitionsThatDoNotGrow_AreRefused) {
  const auto code = [&](const wire::CreatePartitionsRequest& request) {
    const auto planned = plan_create_partitions(context(), request);
    EXPECT_TRUE(planned.records.empty());
    return planned.response.results.at(0).error_code;
  };
  EXPECT_EQ(code(grow("one", 1)), ErrorCode::kInvalidPartitions);
  EXPECT_EQ(code(grow("one", 0)), ErrorCode::kInvalidPartitions);
  EXPECT_EQ(code(grow("one", -5)), ErrorCode::kInvalidPartitions);
  EXPECT_EQ(code(grow("missing", 2)), ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(code(grow("one", INT32_MAX)), ErrorCode::kPolicyViolation);
  auto twice = grow("one", 2);
  twice.topics.push_back(twice.topics[0]);
  EXPECT_EQ(code(twice), ErrorCode::kInvalidRequest);
  auto wrong = grow("one", 3);
  wrong.topics[0].assignments.emplace(1);
  EXPECT_EQ(code(wrong), ErrorCode::kInvalidReplicaAssignment);
  auto fenced = grow("one", 2);
  fenced.topics[0].assignments.emplace().push_back({{3}, {}});
  EXPECT_EQ(code(fenced), ErrorCode::kInvalidReplicaAssignment);
}

TEST_F(Operations, AssignedPartitions_StandWhereAsked) {
  auto request = grow("one", 2);
  request.topics[0].assignments.emplace().push_back({{2}, {}});
  auto planned = plan_create_partitions(context(), request);
  ASSERT_TRUE(replay_.apply(planned.records));
  EXPECT_EQ(replay_.image()->find_topic("one")->partitions.at(1).leader, NodeId{2});
}

// --- ElectLeaders

wire::ElectLeadersRequest elect(int8_t type, std::string_view topic, int32_t partition) {
  wire::ElectLeadersRequest request;
  request.election_type = type;
  request.topic_partitions.emplace().push_back({topic, {partition}, {}});
  return request;
}

TEST_F(Operations, PreferredElection_MovesTheLeaderBack) {
  set_leader(2, 2);
  auto planned = plan_elect_leaders(context(), elect(0, "two", 0));
  EXPECT_EQ(planned.response.replica_election_results[0].partition_result[0].error_code, ErrorCode::kNone);
  ASSERT_TRUE(replay_.apply(planned.records));
  const PartitionImage after = replay_.image()->find_topic("two")->partitions[0];
  EXPECT_EQ(after.leader, NodeId{1});
  EXPECT_EQ(after.leader_epoch, LeaderEpoch{2});
}

TEST_F(Operations, ElectionThatCannotBe_IsRefused) {
  const auto code = [&](int8_t type, std::string_view topic, int32_t index) {
    const auto planned = plan_elect_leaders(context(), elect(type, topic, index));
    EXPECT_TRUE(planned.records.empty());
    return planned.response.replica_election_results.at(0).partition_result.at(0).error_code;
  };
  EXPECT_EQ(code(0, "one", 0), ErrorCode::kElectionNotNeeded);
  EXPECT_EQ(code(1, "one", 0), ErrorCode::kElectionNotNeeded);
  EXPECT_EQ(code(0, "one", 7), ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(code(0, "missing", 0), ErrorCode::kUnknownTopicOrPartition);
  add_topic("lost", 5, {3});
  set_leader(5, -1);
  EXPECT_EQ(code(0, "lost", 0), ErrorCode::kPreferredLeaderNotAvailable);
  EXPECT_EQ(code(1, "lost", 0), ErrorCode::kEligibleLeadersNotAvailable);
  set_leader(2, 2, std::vector<int32_t>{2});
  EXPECT_EQ(code(0, "two", 0), ErrorCode::kPreferredLeaderNotAvailable);
  auto unknown = elect(9, "one", 0);
  EXPECT_EQ(code(9, "one", 0), ErrorCode::kInvalidRequest);
  EXPECT_EQ(plan_elect_leaders(context(), unknown).response.error_code, ErrorCode::kInvalidRequest);
}

TEST_F(Operations, UncleanElection_TakesWhoIsThere) {
  add_topic("torn", 6, {3, 2});
  set_leader(6, -1, std::vector<int32_t>{3});
  auto planned = plan_elect_leaders(context(), elect(1, "torn", 0));
  ASSERT_TRUE(replay_.apply(planned.records));
  const PartitionImage after = replay_.image()->find_topic("torn")->partitions[0];
  EXPECT_EQ(after.leader, NodeId{2});
  EXPECT_EQ(after.isr, std::vector<NodeId>{NodeId{2}});
  EXPECT_TRUE(after.recovering);
}

TEST_F(Operations, ElectAll_LeavesOutWhatIsSettled) {
  set_leader(2, 2);
  wire::ElectLeadersRequest request;
  request.topic_partitions = std::nullopt;
  const auto planned = plan_elect_leaders(context(), request);
  ASSERT_EQ(planned.response.replica_election_results.size(), 2u);
  EXPECT_TRUE(planned.response.replica_election_results[0].partition_result.empty());
  EXPECT_EQ(planned.response.replica_election_results[1].partition_result.size(), 1u);
  EXPECT_EQ(planned.records.size(), 1u);
}

TEST_F(Operations, ReturningBroker_LeadsWhatItCan) {
  add_topic("left", 5, {1});
  set_leader(5, -1);
  add_topic("gone", 6, {2});
  set_leader(6, -1);
  ASSERT_TRUE(replay_.apply(leadership_of_returning(*replay_.image(), NodeId{1})));
  const ImagePtr after = replay_.image();
  EXPECT_EQ(after->find_topic("left")->partitions[0].leader, NodeId{1});
  EXPECT_EQ(after->find_topic("one")->partitions[0].leader_epoch, LeaderEpoch{1});
  EXPECT_EQ(after->find_topic("gone")->partitions[0].leader, kNoNode);
}

// --- UpdateFeatures

wire::UpdateFeaturesRequest feature(std::string_view name, int16_t level, int8_t type = 1) {
  wire::UpdateFeaturesRequest request;
  wire::UpdateFeaturesRequest::FeatureUpdateKey update;
  update.feature = name;
  update.max_version_level = level;
  update.upgrade_type = type;
  request.feature_updates.push_back(update);
  return request;
}

class Features : public Operations {
 protected:
  Features() { set_level(27); }
  void set_level(int16_t level) {
    md::FeatureLevelRecord record;
    record.name = "metadata.version";
    record.feature_level = level;
    EXPECT_TRUE(replay_.apply(record));
  }
  std::string fault(const wire::UpdateFeaturesRequest& request, int16_t version = 2) {
    const auto planned = plan_update_features(context(), request, version);
    EXPECT_EQ(planned.response.error_code, ErrorCode::kInvalidUpdateVersion);
    EXPECT_TRUE(planned.records.empty());
    const std::string text(planned.response.error_message.value_or(""));
    return text.substr(text.find(": ") + 2);
  }
};

TEST_F(Features, Upgrade_IsWritten) {
  auto planned = plan_update_features(context(), feature("metadata.version", 30), 2);
  EXPECT_EQ(planned.response.error_code, ErrorCode::kNone);
  EXPECT_TRUE(planned.response.results.empty());
  ASSERT_TRUE(replay_.apply(planned.records));
  EXPECT_EQ(replay_.image()->features().at("metadata.version"), 30);
}

TEST_F(Features, OldVersions_GetAResultPerFeature) {
  EXPECT_EQ(plan_update_features(context(), feature("metadata.version", 28), 1).response.results.size(), 1u);
}

TEST_F(Features, ValidateOnly_WritesNothing) {
  auto request = feature("metadata.version", 30);
  request.validate_only = true;
  EXPECT_TRUE(plan_update_features(context(), request, 2).records.empty());
}

TEST_F(Features, Downgrade_NeedsItsTypeAndLosesNothing) {
  EXPECT_EQ(fault(feature("metadata.version", 26)).substr(0, 69),
            "Invalid update version 26 for feature metadata.version. Can't downgra");
  EXPECT_EQ(plan_update_features(context(), feature("metadata.version", 24, 2), 2).records.size(), 1u);
  EXPECT_EQ(fault(feature("metadata.version", 22, 2)),
            "Unsupported metadata.version downgrade from 27 to 22. Refusing to perform the requested "
            "downgrade because "
            "it might delete metadata information.");
  EXPECT_NE(fault(feature("metadata.version", 22, 3)).find("Unsafe metadata downgrade"), std::string::npos);
  auto old = feature("metadata.version", 26);
  old.feature_updates[0].allow_downgrade = true;
  EXPECT_EQ(plan_update_features(context(), old, 0).records.size(), 1u);
}

TEST_F(Features, BadUpdates_AreRefused) {
  EXPECT_EQ(fault(feature("metadata.version", 31)),
            "Invalid update version 31 for feature metadata.version. Local controller 1 only supports "
            "versions 7-30");
  EXPECT_EQ(fault(feature("group.version", 1)),
            "Invalid update version 1 for feature group.version. Local controller 1 does not support this "
            "feature.");
  EXPECT_EQ(
      fault(feature("metadata.version", -1)),
      "Invalid update version -1 for feature metadata.version. A feature version cannot be less than 0.");
  EXPECT_EQ(fault(feature("metadata.version", 28, 9)),
            "Invalid update version 28 for feature metadata.version. The controller does not support the "
            "given upgrade "
            "type.");
  EXPECT_EQ(fault(feature("metadata.version", 28, 2)),
            "Invalid update version 28 for feature metadata.version. Can't downgrade to a newer version.");
  fault(feature("kraft.version", 0, 2));
}

TEST_F(Features, EligibleLeaders_NeedOneMinInsyncForAllBrokers) {
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kBroker, "1", "min.insync.replicas", "2")));
  auto planned = plan_update_features(context(), feature("eligible.leader.replicas.version", 1), 2);
  EXPECT_EQ(planned.response.error_code, ErrorCode::kNone);
  ASSERT_TRUE(replay_.apply(planned.records));
  const ImagePtr image = replay_.image();
  EXPECT_EQ(*image->find_config(ResourceType::kBroker, ""), (ConfigMap{{"min.insync.replicas", "1"}}));
  EXPECT_EQ(image->find_config(ResourceType::kBroker, "1"), nullptr);
  EXPECT_EQ(image->features().at("eligible.leader.replicas.version"), 1);
  set_level(22);
  EXPECT_EQ(fault(feature("eligible.leader.replicas.version", 1)),
            "Invalid update version 1 for feature eligible.leader.replicas.version. "
            "eligible.leader.replicas.version "
            "could not be set to 1 because it depends on metadata.version level 23");
}

// --- UnregisterBroker

TEST_F(Operations, FencedBroker_CanBeUnregistered) {
  ASSERT_TRUE(replay_.apply(broker_record(7, std::nullopt, true)));
  wire::UnregisterBrokerRequest request;
  request.broker_id = 7;
  const auto planned = plan_unregister_broker(context(), request);
  EXPECT_EQ(planned.response.error_code, ErrorCode::kNone);
  ASSERT_TRUE(replay_.apply(planned.records));
  EXPECT_FALSE(replay_.image()->find_broker(NodeId{7}));
}

}  // namespace
}  // namespace tributary::control
