#include "test_cluster.h"
#include "tributary/config/setting.h"
#include "tributary/wire/compression.h"

namespace tributary::control {
namespace {

using wire::ErrorCode;
using Response = wire::DescribeConfigsResponse;

class DescribeConfigs : public ::testing::Test {
 protected:
  DescribeConfigs() {
    EXPECT_TRUE(replay_.apply(broker_record(1)));
    EXPECT_TRUE(replay_.apply(topic_record("t", test_id(1))));
    EXPECT_TRUE(replay_.apply(partition(test_id(1), 0, {1})));
  }

  Response::DescribeConfigsResult describe(int8_t type, std::string_view name,
                                           std::optional<std::vector<std::string_view>> keys = std::nullopt) {
    wire::DescribeConfigsRequest request;
    request.include_synonyms = true;
    request.include_documentation = true;
    wire::DescribeConfigsRequest::DescribeConfigsResource resource;
    resource.resource_type = type;
    resource.resource_name = name;
    resource.configuration_keys = std::move(keys);
    request.resources.push_back(resource);
    image_ = replay_.image();
    return describe_configs(*image_, values_, NodeId{1}, request, 4, arena_).results.at(0);
  }

  Response::DescribeConfigsResourceResult row(int8_t type, std::string_view resource, std::string_view name) {
    const auto result = describe(type, resource, std::vector<std::string_view>{name});
    EXPECT_EQ(result.configs.size(), 1u) << name;
    return result.configs.empty() ? Response::DescribeConfigsResourceResult{} : result.configs[0];
  }

  Replay replay_;
  config::Values values_;
  wire::Arena arena_;
  ImagePtr image_;
};

TEST_F(DescribeConfigs, Topic_ListsEverySettingWithTypeAndDoc) {
  const auto result = describe(2, "t");
  EXPECT_EQ(result.error_code, ErrorCode::kNone);
  EXPECT_EQ(result.configs.size(), config::topic_settings().size() - 1);  // internal.segment.bytes
  for (const auto& config : result.configs) {
    EXPECT_GT(config.config_type, 0) << config.name;
    EXPECT_FALSE(config.documentation.value_or("").empty()) << config.name;
    EXPECT_EQ(config.config_source, 5) << config.name;
  }
}

TEST_F(DescribeConfigs, TopicValue_ComesFirstAmongItsSynonyms) {
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kTopic, "t", "max.message.bytes", "1")));
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kBroker, "1", "message.max.bytes", "2")));
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kBroker, "", "message.max.bytes", "3")));
  values_.set("message.max.bytes", "4", {});
  const auto config = row(2, "t", "max.message.bytes");
  EXPECT_EQ(config.value, "1");
  EXPECT_EQ(config.config_source, 1);
  std::string synonyms;
  for (const auto& s : config.synonyms) {
    synonyms += std::string(s.name) + "=" + std::string(s.value.value_or("null")) + ":" +
                std::to_string(s.source) + " ";
  }
  EXPECT_EQ(synonyms,
            "max.message.bytes=1:1 message.max.bytes=2:2 message.max.bytes=3:3 message.max.bytes=4:4 "
            "message.max.bytes=1048588:5 ");
}

// As Kafka answers: log.retention.ms has no default of its own, so there is nothing to list.
TEST_F(DescribeConfigs, RetentionByHours_HasNoSynonyms) {
  const auto config = row(2, "t", "retention.ms");
  EXPECT_EQ(config.value, "604800000");
  EXPECT_EQ(config.config_source, 5);
  EXPECT_TRUE(config.synonyms.empty());
}

TEST_F(DescribeConfigs, Broker_TellsReadOnlyAndDynamic) {
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kBroker, "1", "message.max.bytes", "2")));
  const auto dynamic = row(4, "1", "message.max.bytes");
  EXPECT_EQ(dynamic.value, "2");
  EXPECT_EQ(dynamic.config_source, 2);
  EXPECT_FALSE(dynamic.read_only);
  EXPECT_TRUE(row(4, "1", "node.id").read_only);
}

TEST_F(DescribeConfigs, Secret_IsNotTold) {
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kBroker, "1", "some.plugin.key", "secret")));
  const auto config = row(4, "1", "some.plugin.key");
  EXPECT_TRUE(config.is_sensitive);
  EXPECT_EQ(config.value, std::nullopt);
  for (const auto& synonym : config.synonyms) EXPECT_EQ(synonym.value, std::nullopt);
}

TEST_F(DescribeConfigs, ClusterDefault_IsNotHiddenByTheBrokersOwnValue) {
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kBroker, "1", "message.max.bytes", "2")));
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kBroker, "", "message.max.bytes", "3")));
  EXPECT_EQ(row(4, "", "message.max.bytes").value, "3");
  EXPECT_EQ(row(4, "1", "message.max.bytes").value, "2");
}

TEST_F(DescribeConfigs, ClusterDefault_ListsWhatIsSetThere) {
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kBroker, "", "log.retention.ms", "5")));
  const auto result = describe(4, "");
  ASSERT_EQ(result.configs.size(), 1u);
  EXPECT_EQ(result.configs[0].name, "log.retention.ms");
  EXPECT_EQ(result.configs[0].config_source, 3);
}

TEST_F(DescribeConfigs, BadResources_AreRefused) {
  EXPECT_EQ(describe(2, "missing").error_code, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(describe(2, "..").error_code, ErrorCode::kInvalidTopicException);
  EXPECT_EQ(describe(4, "2").error_code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(describe(4, "x").error_code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(describe(77, "x").error_code, ErrorCode::kInvalidRequest);
}

TEST_F(DescribeConfigs, LogConfig_EveryCodecCompressesAtItsDefaultLevel) {
  for (const char* type : {"uncompressed", "gzip", "snappy", "lz4", "zstd"}) {
    ASSERT_TRUE(replay_.apply(config_record(ResourceType::kTopic, "t", "compression.type", type)));
    const auto config = resolve_log_config(*replay_.image(), values_, NodeId{1}, "t");
    ASSERT_TRUE(config.codec) << type;
    std::vector<uint8_t> out;
    EXPECT_TRUE(wire::compress(*config.codec, as_bytes("abc"), out, config.compression_level)) << type;
  }
}

TEST_F(DescribeConfigs, LogConfig_FollowsTheLevels) {
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kTopic, "t", "cleanup.policy", "compact, delete")));
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kTopic, "t", "compression.type", "zstd")));
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kTopic, "t", "segment.bytes", "nonsense")));
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kBroker, "", "message.max.bytes", "3")));
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kBroker, "1", "message.max.bytes", "2")));
  values_.set("log.retention.hours", "1", {});
  const auto config = resolve_log_config(*replay_.image(), values_, NodeId{1}, "t");
  EXPECT_TRUE(config.compact_policy);
  EXPECT_TRUE(config.delete_policy);
  EXPECT_EQ(config.codec, wire::Codec::kZstd);
  EXPECT_EQ(config.compression_level, 3);
  EXPECT_EQ(config.max_message_bytes, 2);
  EXPECT_EQ(config.retention_ms, 3'600'000);
  EXPECT_EQ(config.segment_bytes, 1 << 30);
}

TEST_F(DescribeConfigs, LogConfig_CompactionSettings_HaveTheirTopicsAndBrokersNames) {
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kTopic, "t", "min.cleanable.dirty.ratio", "0.25")));
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kTopic, "t", "max.compaction.lag.ms", "70")));
  ASSERT_TRUE(
      replay_.apply(config_record(ResourceType::kBroker, "", "log.cleaner.delete.retention.ms", "60")));
  values_.set("log.cleaner.min.compaction.lag.ms", "50", {});
  const auto config = resolve_log_config(*replay_.image(), values_, NodeId{1}, "t");
  EXPECT_DOUBLE_EQ(config.min_cleanable_dirty_ratio, 0.25);
  EXPECT_EQ(config.max_compaction_lag_ms, 70);
  EXPECT_EQ(config.delete_retention_ms, 60);
  EXPECT_EQ(config.min_compaction_lag_ms, 50);
}

TEST_F(DescribeConfigs, CleanerConfig_FollowsTheLevels) {
  const auto before = resolve_cleaner_config(*replay_.image(), values_, NodeId{1});
  EXPECT_EQ(before.threads, 1);
  EXPECT_EQ(before.dedupe_buffer_bytes, 128 << 20);
  EXPECT_EQ(before.io_bytes_per_second, 1.7976931348623157E308);
  ASSERT_TRUE(replay_.apply(config_record(ResourceType::kBroker, "", "log.cleaner.threads", "2")));
  ASSERT_TRUE(replay_.apply(
      config_record(ResourceType::kBroker, "1", "log.cleaner.io.max.bytes.per.second", "1.5E6")));
  values_.set("log.cleaner.backoff.ms", "7", {});
  const auto after = resolve_cleaner_config(*replay_.image(), values_, NodeId{1});
  EXPECT_EQ(after.threads, 2);
  EXPECT_EQ(after.io_bytes_per_second, 1.5e6);
  EXPECT_EQ(after.backoff_ms, 7);
}

}  // namespace
}  // namespace tributary::control
