#include "control/alter_configs.h"

#include "test_cluster.h"

namespace tributary::control {
namespace {

using wire::ErrorCode;
using Incremental = wire::IncrementalAlterConfigsRequest;
constexpr int8_t kSet = 0;
constexpr int8_t kDelete = 1;
constexpr int8_t kAppend = 2;
constexpr int8_t kSubtract = 3;
constexpr int8_t kTopic = 2;
constexpr int8_t kBroker = 4;

class AlterConfigs : public ::testing::Test {
 protected:
  AlterConfigs() {
    EXPECT_TRUE(replay_.apply(broker_record(1)));
    EXPECT_TRUE(replay_.apply(topic_record("t", test_id(1))));
    EXPECT_TRUE(replay_.apply(partition(test_id(1), 0, {1})));
  }

  struct Change {
    std::string_view name;
    int8_t operation = kSet;
    std::optional<std::string_view> value;
  };
  static Incremental request(int8_t type, std::string_view name, std::vector<Change> changes) {
    Incremental request;
    Incremental::AlterConfigsResource resource;
    resource.resource_type = type;
    resource.resource_name = name;
    for (const Change& change : changes)
      resource.configs.push_back({change.name, change.operation, change.value, {}});
    request.resources.push_back(resource);
    return request;
  }

  // The answer's code; what was planned is applied.
  ErrorCode alter(const Incremental& request) {
    image_ = replay_.image();
    const OperationContext context{*image_, values_, NodeId{1}, {}, random_, arena_};
    auto planned = plan_incremental_alter_configs(context, request);
    records_ = planned.records.size();
    message_ = planned.response.responses[0].error_message.value_or("");
    EXPECT_TRUE(replay_.apply(planned.records));
    return planned.response.responses[0].error_code;
  }

  ErrorCode replace(int8_t type, std::string_view name, std::vector<Change> changes) {
    wire::AlterConfigsRequest request;
    wire::AlterConfigsRequest::AlterConfigsResource resource;
    resource.resource_type = type;
    resource.resource_name = name;
    for (const Change& change : changes) resource.configs.push_back({change.name, change.value, {}});
    request.resources.push_back(resource);
    image_ = replay_.image();
    const OperationContext context{*image_, values_, NodeId{1}, {}, random_, arena_};
    auto planned = plan_alter_configs(context, request);
    EXPECT_TRUE(replay_.apply(planned.records));
    return planned.response.responses[0].error_code;
  }

  ConfigMap configs(ResourceType type, std::string_view name) {
    const ImagePtr image = replay_.image();
    const ConfigMap* found = image->find_config(type, name);
    return found ? *found : ConfigMap{};
  }

  Replay replay_;
  config::Values values_;
  Random random_{1};
  wire::Arena arena_;
  ImagePtr image_;
  size_t records_ = 0;
  std::string message_;
};

TEST_F(AlterConfigs, SetAndDelete_ChangeTheTopic) {
  EXPECT_EQ(alter(request(kTopic, "t", {{"retention.ms", kSet, "5"}, {"flush.ms", kSet, "6"}})),
            ErrorCode::kNone);
  EXPECT_EQ(alter(request(kTopic, "t", {{"retention.ms", kDelete, std::nullopt}})), ErrorCode::kNone);
  EXPECT_EQ(configs(ResourceType::kTopic, "t"), (ConfigMap{{"flush.ms", "6"}}));
}

TEST_F(AlterConfigs, NothingNew_WritesNothing) {
  EXPECT_EQ(alter(request(kTopic, "t", {{"retention.ms", kDelete, std::nullopt}})), ErrorCode::kNone);
  EXPECT_EQ(records_, 0u);
  alter(request(kTopic, "t", {{"retention.ms", kSet, "5"}}));
  EXPECT_EQ(alter(request(kTopic, "t", {{"retention.ms", kSet, "5"}})), ErrorCode::kNone);
  EXPECT_EQ(records_, 0u);
}

TEST_F(AlterConfigs, SameBrokerValue_IsWrittenAgain) {
  alter(request(kBroker, "1", {{"message.max.bytes", kSet, "5000"}}));
  EXPECT_EQ(alter(request(kBroker, "1", {{"message.max.bytes", kSet, "5000"}})), ErrorCode::kNone);
  EXPECT_EQ(records_, 1u);
}

TEST_F(AlterConfigs, AppendAndSubtract_WorkOnListsFromTheirDefault) {
  EXPECT_EQ(alter(request(kTopic, "t", {{"cleanup.policy", kAppend, "compact,delete"}})), ErrorCode::kNone);
  EXPECT_EQ(configs(ResourceType::kTopic, "t").at("cleanup.policy"), "delete,compact");
  EXPECT_EQ(alter(request(kTopic, "t", {{"cleanup.policy", kSubtract, "delete"}})), ErrorCode::kNone);
  EXPECT_EQ(configs(ResourceType::kTopic, "t").at("cleanup.policy"), "compact");
}

TEST_F(AlterConfigs, AppendToNumber_IsRefused) {
  EXPECT_EQ(alter(request(kTopic, "t", {{"retention.ms", kAppend, "5"}})), ErrorCode::kInvalidConfig);
  EXPECT_EQ(message_, "Can't APPEND to key retention.ms because its type is not LIST.");
}

TEST_F(AlterConfigs, ValidateOnly_ChangesNothing) {
  auto asked = request(kTopic, "t", {{"retention.ms", kSet, "5"}});
  asked.validate_only = true;
  EXPECT_EQ(alter(asked), ErrorCode::kNone);
  EXPECT_TRUE(configs(ResourceType::kTopic, "t").empty());
}

TEST_F(AlterConfigs, BadRequests_AreRefused) {
  EXPECT_EQ(alter(request(kTopic, "missing", {{"retention.ms", kSet, "5"}})),
            ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(alter(request(kTopic, "", {{"retention.ms", kSet, "5"}})), ErrorCode::kInvalidRequest);
  EXPECT_EQ(alter(request(kTopic, "t", {{"no.such", kSet, "5"}})), ErrorCode::kInvalidConfig);
  EXPECT_EQ(alter(request(kTopic, "t", {{"retention.ms", kSet, "x"}})), ErrorCode::kInvalidConfig);
  EXPECT_EQ(alter(request(kTopic, "t", {{"retention.ms", kSet, std::nullopt}})), ErrorCode::kInvalidRequest);
  EXPECT_EQ(alter(request(kTopic, "t", {{"retention.ms", 9, "5"}})), ErrorCode::kInvalidRequest);
  EXPECT_EQ(alter(request(kTopic, "t", {{"retention.ms", kSet, "5"}, {"retention.ms", kSet, "6"}})),
            ErrorCode::kInvalidRequest);
  EXPECT_EQ(alter(request(kBroker, "2", {{"message.max.bytes", kSet, "5"}})), ErrorCode::kInvalidRequest);
  EXPECT_EQ(alter(request(kBroker, "x", {{"message.max.bytes", kSet, "5"}})), ErrorCode::kInvalidRequest);
  EXPECT_EQ(alter(request(kBroker, "1", {{"node.id", kSet, "5"}})), ErrorCode::kInvalidRequest);
  EXPECT_EQ(alter(request(32, "group", {{"x", kSet, "5"}})), ErrorCode::kInvalidRequest);
  EXPECT_EQ(alter(request(kTopic, "t",
                          {{"leader.replication.throttled.replicas", kSet, std::string(40'000, '*')}})),
            ErrorCode::kInvalidConfig);
  EXPECT_TRUE(configs(ResourceType::kTopic, "t").empty());
}

TEST_F(AlterConfigs, SameResourceTwice_IsRefused) {
  auto asked = request(kTopic, "t", {{"retention.ms", kSet, "5"}});
  asked.resources.push_back(asked.resources[0]);
  EXPECT_EQ(alter(asked), ErrorCode::kInvalidRequest);
  EXPECT_EQ(records_, 0u);
}

TEST_F(AlterConfigs, OneBadKey_KeepsTheWholeResource) {
  EXPECT_EQ(alter(request(kTopic, "t", {{"retention.ms", kSet, "5"}, {"flush.ms", kSet, "x"}})),
            ErrorCode::kInvalidConfig);
  EXPECT_TRUE(configs(ResourceType::kTopic, "t").empty());
}

TEST_F(AlterConfigs, Legacy_ReplacesAll) {
  alter(request(kTopic, "t", {{"retention.ms", kSet, "5"}, {"flush.ms", kSet, "6"}}));
  EXPECT_EQ(replace(kTopic, "t", {{"flush.ms", kSet, "7"}}), ErrorCode::kNone);
  EXPECT_EQ(configs(ResourceType::kTopic, "t"), (ConfigMap{{"flush.ms", "7"}}));
  EXPECT_EQ(replace(kTopic, "t", {}), ErrorCode::kNone);
  EXPECT_TRUE(configs(ResourceType::kTopic, "t").empty());
  EXPECT_EQ(replace(kTopic, "t", {{"flush.ms", kSet, std::nullopt}}), ErrorCode::kInvalidRequest);
}

TEST_F(AlterConfigs, ClusterDefault_TakesClusterWideSettingsOnly) {
  EXPECT_EQ(alter(request(kBroker, "", {{"log.retention.ms", kSet, "5"}})), ErrorCode::kNone);
  EXPECT_EQ(configs(ResourceType::kBroker, ""), (ConfigMap{{"log.retention.ms", "5"}}));
  EXPECT_EQ(alter(request(kBroker, "", {{"tributary.link.x", kSet, "anything"}})), ErrorCode::kNone);
}

TEST_F(AlterConfigs, MinAboveMaxCompactionLag_IsRefused) {
  EXPECT_EQ(alter(request(kTopic, "t",
                          {{"min.compaction.lag.ms", kSet, "10"}, {"max.compaction.lag.ms", kSet, "5"}})),
            ErrorCode::kInvalidConfig);
}

TEST_F(AlterConfigs, EligibleLeaders_FollowMinInsync) {
  md::FeatureLevelRecord level;
  level.name = "eligible.leader.replicas.version";
  level.feature_level = 1;
  ASSERT_TRUE(replay_.apply(level));
  EXPECT_EQ(alter(request(kTopic, "t", {{"min.insync.replicas", kSet, "1"}})), ErrorCode::kNone);
  EXPECT_EQ(records_, 2u);  // the config, and that no eligible leader counts any more
  EXPECT_EQ(alter(request(kBroker, "", {{"min.insync.replicas", kSet, "1"}})), ErrorCode::kNone);
  EXPECT_EQ(records_, 2u);
  EXPECT_EQ(alter(request(kBroker, "", {{"min.insync.replicas", kDelete, std::nullopt}})),
            ErrorCode::kInvalidConfig);
  EXPECT_EQ(message_, "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
  EXPECT_EQ(alter(request(kBroker, "1", {{"min.insync.replicas", kSet, "1"}})), ErrorCode::kInvalidConfig);
  EXPECT_EQ(message_, "Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
}

}  // namespace
}  // namespace tributary::control
