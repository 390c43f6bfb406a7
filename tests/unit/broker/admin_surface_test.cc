#include <spdlog/spdlog.h>

#include "running_broker.h"

namespace tributary::broker::test {
namespace {

constexpr int8_t kLogger = 8;

class AdminSurface : public ::testing::Test {
 protected:
  AdminSurface() : client_(broker_.client()), level_(spdlog::get_level()) {}
  void TearDown() override { spdlog::set_level(level_); }

  std::set<std::string> list(std::vector<int8_t> types, int16_t version,
                             ErrorCode expected = ErrorCode::kNone) {
    wire::ListConfigResourcesRequest request;
    request.resource_types = std::move(types);
    auto reply = client_.call<wire::ListConfigResourcesResponse>(request, version);
    EXPECT_TRUE(reply);
    EXPECT_EQ(reply->error_code, expected);
    std::set<std::string> found;
    for (const auto& resource : reply->config_resources) {
      found.insert(std::to_string(resource.resource_type) + ":" + std::string(resource.resource_name));
    }
    return found;
  }

  std::pair<ErrorCode, std::string> set_level(std::string_view logger, std::string_view level,
                                              int8_t operation = 0, std::string_view node = "1",
                                              bool validate_only = false) {
    wire::IncrementalAlterConfigsRequest request;
    request.validate_only = validate_only;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = kLogger;
    resource.resource_name = node;
    resource.configs = {{logger, operation, level, {}}};
    auto reply = client_.call<wire::IncrementalAlterConfigsResponse>(request, 1);
    EXPECT_TRUE(reply);
    const auto& result = reply->responses.at(0);
    return {result.error_code, std::string(result.error_message.value_or(""))};
  }

  std::pair<ErrorCode, std::string> reassign(std::optional<std::vector<int32_t>> replicas,
                                             bool factor_may_change = true) {
    wire::AlterPartitionReassignmentsRequest request;
    request.allow_replication_factor_change = factor_may_change;
    auto& topic = request.topics.emplace_back();
    topic.name = "a";
    auto& partition = topic.partitions.emplace_back();
    partition.partition_index = 0;
    partition.replicas = std::move(replicas);
    auto reply = client_.call<wire::AlterPartitionReassignmentsResponse>(request, 1);
    EXPECT_TRUE(reply);
    const auto& result = reply->responses.at(0).partitions.at(0);
    return {result.error_code, std::string(result.error_message.value_or(""))};
  }

  RunningBroker broker_;
  Client client_;
  spdlog::level::level_enum level_;
};

TEST_F(AdminSurface, ListConfigResources_GivesThoseOfTheTypesAskedFor) {
  create_topic(client_, "a");
  EXPECT_EQ(list({}, 1), (std::set<std::string>{"2:a", "4:1", "8:1"}));
  EXPECT_EQ(list({2, 4}, 1), (std::set<std::string>{"2:a", "4:1"}));
  EXPECT_EQ(list({}, 0), std::set<std::string>{});
  EXPECT_EQ(list({2, 3}, 1, ErrorCode::kUnsupportedVersion), std::set<std::string>{});
}

TEST_F(AdminSurface, LoggerLevel_IsShownAndChanged) {
  EXPECT_EQ(set_level("root", "DEBUG").first, ErrorCode::kNone);
  EXPECT_EQ(spdlog::get_level(), spdlog::level::debug);
  EXPECT_EQ(set_level("root", "ERROR", 0, "1", true).first, ErrorCode::kNone);
  EXPECT_EQ(spdlog::get_level(), spdlog::level::debug);
  wire::DescribeConfigsRequest request;
  request.resources.push_back({kLogger, "1", std::nullopt, {}});
  request.resources.push_back({kLogger, "2", std::nullopt, {}});
  auto reply = client_.call<wire::DescribeConfigsResponse>(request, 4);
  ASSERT_TRUE(reply);
  ASSERT_EQ(reply->results.at(0).configs.size(), 1u);
  EXPECT_EQ(reply->results[0].configs[0].name, "root");
  EXPECT_EQ(reply->results[0].configs[0].value, "DEBUG");
  EXPECT_EQ(reply->results[0].configs[0].config_source, 6);
  EXPECT_EQ(reply->results.at(1).error_code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(reply->results[1].error_message, "Unexpected broker id, expected 1 but received 2");
}

TEST_F(AdminSurface, LoggerLevel_BadChangesGetKafkasErrors) {
  using Fault = std::pair<ErrorCode, std::string>;
  EXPECT_EQ(set_level("kafka", "INFO"), (Fault{ErrorCode::kInvalidConfig, "Logger kafka does not exist!"}));
  EXPECT_EQ(
      set_level("root", "LOUD"),
      (Fault{ErrorCode::kInvalidConfig,
             "Cannot set the log level of root to LOUD as it is not a supported log level. Valid log levels "
             "are DEBUG, ERROR, FATAL, INFO, TRACE, WARN"}));
  EXPECT_EQ(set_level("root", "INFO", 1).first, ErrorCode::kInvalidRequest);
  EXPECT_EQ(set_level("root", "INFO", 2).first, ErrorCode::kInvalidRequest);
  EXPECT_EQ(set_level("root", "INFO", 0, "x"),
            (Fault{ErrorCode::kInvalidRequest, "Node id must be an integer, but it is: x"}));
  EXPECT_EQ(set_level("root", "INFO", 0, "7"),
            (Fault{ErrorCode::kInvalidRequest, "Unexpected node id. Expected 1, but received 7"}));
}

TEST_F(AdminSurface, Reassignment_IsCheckedAsByKafka) {
  using Fault = std::pair<ErrorCode, std::string>;
  EXPECT_EQ(reassign(std::vector<int32_t>{1}).first, ErrorCode::kUnknownTopicOrPartition);
  create_topic(client_, "a");
  EXPECT_EQ(reassign(std::vector<int32_t>{1}), (Fault{ErrorCode::kNone, ""}));
  EXPECT_EQ(reassign(std::nullopt),
            (Fault{ErrorCode::kNoReassignmentInProgress, "No partition reassignment is in progress."}));
  EXPECT_EQ(reassign(std::vector<int32_t>{}),
            (Fault{ErrorCode::kInvalidReplicaAssignment,
                   "The manual partition assignment includes an empty replica list."}));
  EXPECT_EQ(reassign(std::vector<int32_t>{2}).first, ErrorCode::kInvalidReplicaAssignment);
  EXPECT_EQ(reassign(std::vector<int32_t>{1, 1}).first, ErrorCode::kInvalidReplicaAssignment);
  auto listing =
      client_.call<wire::ListPartitionReassignmentsResponse>(wire::ListPartitionReassignmentsRequest{}, 0);
  ASSERT_TRUE(listing);
  EXPECT_EQ(listing->error_code, ErrorCode::kNone);
  EXPECT_TRUE(listing->topics.empty());
}

TEST_F(AdminSurface, UnregisterBroker_TakesNeitherTheUnknownNorTheLiving) {
  wire::UnregisterBrokerRequest request;
  request.broker_id = 9;
  auto reply = client_.call<wire::UnregisterBrokerResponse>(request, 0);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->error_code, ErrorCode::kBrokerIdNotRegistered);
  EXPECT_EQ(reply->error_message, "Broker ID 9 is not currently registered");
  request.broker_id = 1;
  reply = client_.call<wire::UnregisterBrokerResponse>(request, 0);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->error_code, ErrorCode::kInvalidRequest);
}

}  // namespace
}  // namespace tributary::broker::test
