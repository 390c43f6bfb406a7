#include "tributary/config/validate.h"

#include <gtest/gtest.h>

namespace tributary::config {
namespace {

std::string plain(std::string_view name, std::string_view value) {
  const auto normal = normalize(*find_setting(name), value, Syntax::kUnits);
  return normal ? *normal : "! " + normal.error().message;
}

TEST(Normalize, Sizes_BecomeBytes) {
  EXPECT_EQ(plain("log.segment.bytes", "64MiB"), "67108864");
  EXPECT_EQ(plain("log.segment.bytes", "64 MB"), "64000000");
  EXPECT_EQ(plain("log.retention.bytes", "2TiB"), "2199023255552");
  EXPECT_EQ(plain("log.retention.bytes", "-1"), "-1");
  EXPECT_EQ(plain("message.max.bytes", "512B"), "512");
}

TEST(Normalize, Durations_BecomeTheRowsUnit) {
  EXPECT_EQ(plain("log.retention.ms", "7d"), "604800000");
  EXPECT_EQ(plain("log.retention.ms", "250ms"), "250");
  EXPECT_EQ(plain("log.retention.hours", "7d"), "168");
  EXPECT_EQ(plain("log.retention.minutes", "2h"), "120");
  EXPECT_EQ(plain("leader.imbalance.check.interval.seconds", "5m"), "300");
}

TEST(Normalize, PartOfAnHour_IsRefused) {
  EXPECT_EQ(plain("log.retention.hours", "90m"),
            "! Invalid value 90m for configuration log.retention.hours: expected a duration in whole hours "
            "like 12h");
}

TEST(Normalize, WrongUnit_IsRefusedWithAnExample) {
  EXPECT_EQ(plain("log.segment.bytes", "50 gigs"),
            "! Invalid value 50 gigs for configuration log.segment.bytes: expected a size like 64MiB");
  EXPECT_EQ(plain("log.segment.bytes", "5h"),
            "! Invalid value 5h for configuration log.segment.bytes: expected a size like 64MiB");
  EXPECT_EQ(plain("num.partitions", "3KiB"),
            "! Invalid value 3KiB for configuration num.partitions: Not a number of type INT");
}

TEST(Normalize, NumbersThatAreNone_AreRefused) {
  for (const char* text : {"010", "0x10", "1e3", "", "-", "+", "1.5", "--1", "+-1", "9223372036854775808",
                           "9223372036854775807KiB"})
    EXPECT_TRUE(plain("log.retention.bytes", text).starts_with("! ")) << text;
}

TEST(Normalize, NumberTooLargeForItsType_IsRefused) {
  EXPECT_EQ(plain("num.partitions", "2147483647"), "2147483647");
  EXPECT_TRUE(plain("num.partitions", "2147483648").starts_with("! "));
  EXPECT_EQ(plain("offsets.topic.replication.factor", "32767"), "32767");
  EXPECT_TRUE(plain("offsets.topic.replication.factor", "32768").starts_with("! "));
}

TEST(Normalize, OutOfRange_SaysTheBound) {
  EXPECT_EQ(plain("num.partitions", "0"),
            "! Invalid value 0 for configuration num.partitions: Value must be at least 1");
  EXPECT_EQ(plain("compression.lz4.level", "18"),
            "! Invalid value 18 for configuration compression.lz4.level: Value must be no more than 17");
  EXPECT_EQ(
      plain("log.cleaner.min.cleanable.ratio", "1.5"),
      "! Invalid value 1.5 for configuration log.cleaner.min.cleanable.ratio: Value must be no more than 1");
}

TEST(Normalize, Booleans_AreTrueAndFalseOnly) {
  EXPECT_EQ(plain("log.preallocate", "true"), "true");
  for (const char* text : {"yes", "on", "1", "True", ""})
    EXPECT_TRUE(plain("log.preallocate", text).starts_with("! ")) << text;
}

TEST(Normalize, BooleanInKafkasSyntax_TakesAnyCase) {
  EXPECT_EQ(*normalize(*find_setting("log.preallocate"), " TRUE ", Syntax::kPlain), "true");
}

TEST(Normalize, UnitInKafkasSyntax_IsRefused) {
  const auto normal = normalize(*find_setting("log.segment.bytes"), "64MiB", Syntax::kPlain);
  ASSERT_FALSE(normal);
  EXPECT_EQ(normal.error().message,
            "Invalid value 64MiB for configuration log.segment.bytes: Not a number of type INT");
}

TEST(Normalize, Lists_AreTrimmedAndChecked) {
  EXPECT_EQ(plain("log.cleanup.policy", " compact , delete "), "compact,delete");
  EXPECT_EQ(plain("log.cleanup.policy", ""), "");
  EXPECT_TRUE(plain("log.cleanup.policy", "compact,compact").starts_with("! "));
  EXPECT_TRUE(plain("log.cleanup.policy", "compact,,delete").starts_with("! "));
  EXPECT_TRUE(plain("log.cleanup.policy", "shrink").starts_with("! "));
  EXPECT_TRUE(plain("listeners", "").starts_with("! "));
}

TEST(Normalize, Choices_MindTheirCaseUnlessTheRowSaysOtherwise) {
  EXPECT_EQ(plain("compression.type", "zstd"), "zstd");
  EXPECT_EQ(plain("compression.type", "ZSTD"),
            "! Invalid value ZSTD for configuration compression.type: String must be one of: uncompressed, "
            "zstd, lz4, snappy, gzip, producer");
  EXPECT_EQ(plain("group.consumer.migration.policy", "Upgrade"), "Upgrade");
}

TEST(Normalize, Rates_TakeSizes) {
  EXPECT_EQ(plain("log.cleaner.io.max.bytes.per.second", "10MiB/s"), "10485760");
  EXPECT_EQ(plain("log.cleaner.io.max.bytes.per.second", "1.5e6"), "1.5e6");
}

TEST(ValidateTopicConfig, GoodValues_PassAndBadOnesAreNamed) {
  EXPECT_EQ(validate_topic_config("retention.ms", "-1"), std::nullopt);
  EXPECT_EQ(validate_topic_config("retention.ms", "-2"),
            "Invalid value -2 for configuration retention.ms: Value must be at least -1");
  EXPECT_EQ(validate_topic_config("retention.ms", "7d"),
            "Invalid value 7d for configuration retention.ms: Not a number of type LONG");
  EXPECT_EQ(validate_topic_config("retention.mss", "1"), "Unknown topic config name: retention.mss");
  EXPECT_EQ(validate_topic_config("segment.bytes", "1048575"),
            "Invalid value 1048575 for configuration segment.bytes: Value must be at least 1048576");
  EXPECT_NE(validate_topic_config("compression.gzip.level", "0"), std::nullopt);
}

TEST(ValidateTopicConfig, ThrottledReplicas_ArePairsOrAStar) {
  constexpr std::string_view kName = "leader.replication.throttled.replicas";
  for (const char* good : {"", "*", "0:1", "0:1, 1:2", "0:1,"})
    EXPECT_EQ(validate_topic_config(kName, good), std::nullopt) << good;
  for (const char* bad : {"0", "a:1", "0:1:2", "*,*", "0:", "*,0:1"})
    EXPECT_NE(validate_topic_config(kName, bad), std::nullopt) << bad;
}

TEST(ValidateBrokerConfig, UnknownName_IsTaken) {
  EXPECT_EQ(validate_broker_config("my.plugin.setting", "x"), std::nullopt);
  EXPECT_NE(validate_broker_config("num.partitions", "x"), std::nullopt);
}

TEST(ValidateBrokerConfig, Security_IsRefused) {
  EXPECT_EQ(validate_broker_config("listener.name.a.ssl.keystore.location", "/k"),
            "listener.name.a.ssl.keystore.location is not enforced yet; refusing to start");
  EXPECT_EQ(validate_broker_config("ssl.client.auth", "none"), std::nullopt);
  EXPECT_NE(validate_broker_config("listener.security.protocol.map", "A:SSL"), std::nullopt);
}

TEST(CheckDynamicUpdate, ReadOnlySetting_IsRefused) {
  EXPECT_EQ(check_dynamic_update("node.id", false), "Cannot update these configs dynamically: [node.id]");
  EXPECT_EQ(check_dynamic_update("listeners", false), "Cannot update these configs dynamically: [listeners]");
  EXPECT_EQ(check_dynamic_update("log.segment.bytes", true), std::nullopt);
  EXPECT_EQ(check_dynamic_update("log.segment.bytes", false), std::nullopt);
  EXPECT_EQ(check_dynamic_update("unknown.thing", true), std::nullopt);
}

TEST(CheckDynamicUpdate, PerBrokerSetting_NeedsABroker) {
  EXPECT_EQ(check_dynamic_update("cordoned.log.dirs", true),
            "Cannot update these configs at default cluster level, broker id must be specified: "
            "[cordoned.log.dirs]");
  EXPECT_EQ(check_dynamic_update("cordoned.log.dirs", false), std::nullopt);
}

TEST(CheckDynamicUpdate, KeystoreWithoutListener_IsRefused) {
  EXPECT_NE(check_dynamic_update("ssl.keystore.location", false), std::nullopt);
  EXPECT_EQ(check_dynamic_update("listener.name.a.ssl.keystore.location", false), std::nullopt);
}

}  // namespace
}  // namespace tributary::config
