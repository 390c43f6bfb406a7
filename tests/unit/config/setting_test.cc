#include "tributary/config/setting.h"

#include <gtest/gtest.h>

#include <set>

#include "tributary/config/resolve.h"
#include "tributary/config/validate.h"

namespace tributary::config {
namespace {

TEST(Settings, BrokerTable_HasNoNameTwice) {
  std::set<std::string_view> names;
  for (const Setting& setting : broker_settings())
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
  EXPECT_GT(names.size(), 360u);
}

TEST(Settings, BrokerDefaults_AreValidAndNormal) {
  for (const Setting& setting : broker_settings()) {
    if (!setting.default_value) continue;
    if (setting.default_value->empty() && setting.allowed.starts_with('+')) continue;
    const auto normal = normalize(setting, *setting.default_value, Syntax::kPlain);
    ASSERT_TRUE(normal) << normal.error().message;
    EXPECT_EQ(*normal, *setting.default_value) << setting.name;
  }
}

TEST(Settings, BrokerRows_AreDocumented) {
  for (const Setting& setting : broker_settings()) {
    EXPECT_TRUE(setting.doc.ends_with('.')) << setting.name;
    EXPECT_EQ(setting.doc.find('|'), std::string_view::npos) << setting.name;
  }
}

TEST(Settings, Reloadable_HasAnEffect) {
  for (const Setting& setting : broker_settings())
    if (setting.reloadable) EXPECT_EQ(setting.standing, Standing::kActive) << setting.name;
}

TEST(Settings, FindSetting_GivesTheRowOrNothing) {
  ASSERT_NE(find_setting("log.segment.bytes"), nullptr);
  EXPECT_EQ(find_setting("log.segment.bytes")->default_value, "1073741824");
  EXPECT_EQ(find_setting("log.segment.byte"), nullptr);
  EXPECT_EQ(find_setting(""), nullptr);
}

TEST(Settings, TopicTable_IsKafkas) {
  EXPECT_EQ(topic_settings().size(), 34u);
  for (const TopicSetting& setting : topic_settings()) {
    EXPECT_EQ(find_topic_setting(setting.name), &setting);
    EXPECT_TRUE(setting.doc.ends_with('.')) << setting.name;
  }
}

TEST(Settings, TopicDefaults_AreValid) {
  for (const TopicSetting& setting : topic_settings())
    if (setting.default_value)
      EXPECT_EQ(validate_topic_config(setting.name, *setting.default_value), std::nullopt) << setting.name;
}

TEST(Settings, TopicSynonyms_ExistWithTheSameDefault) {
  for (const TopicSetting& setting : topic_settings()) {
    Values values;
    for (const Synonym& synonym : setting.synonyms) {
      const Setting* broker = find_setting(synonym.broker_name);
      ASSERT_NE(broker, nullptr) << synonym.broker_name;
      if (!broker->default_value) continue;
      values.set(synonym.broker_name, std::string(*broker->default_value), {});
      EXPECT_EQ(topic_default(values, setting), setting.default_value) << setting.name;
    }
  }
}

TEST(Settings, BrokerSynonyms_StandInOrderOfPrecedence) {
  using Names = std::vector<std::string_view>;
  EXPECT_EQ(broker_synonyms("log.retention.hours"),
            (Names{"log.retention.ms", "log.retention.minutes", "log.retention.hours"}));
  EXPECT_EQ(broker_synonyms("log.flush.interval.ms"),
            (Names{"log.flush.interval.ms", "log.flush.scheduler.interval.ms"}));
  EXPECT_EQ(broker_synonyms("log.flush.scheduler.interval.ms"), (Names{"log.flush.scheduler.interval.ms"}));
  EXPECT_EQ(broker_synonyms("num.partitions"), (Names{"num.partitions"}));
  EXPECT_EQ(broker_synonyms("listener.name.a.ssl.keystore.type"),
            (Names{"listener.name.a.ssl.keystore.type", "ssl.keystore.type"}));
}

TEST(Settings, ListenerOverrideBase_SkipsListenerAndMechanism) {
  EXPECT_EQ(listener_override_base("listener.name.a.ssl.keystore.type"), "ssl.keystore.type");
  EXPECT_EQ(listener_override_base("listener.name.a.scram-sha-256.sasl.jaas.config"), "sasl.jaas.config");
  EXPECT_EQ(listener_override_base("listener.name.a"), "");
  EXPECT_EQ(listener_override_base("listener.name..b"), "");
  EXPECT_EQ(listener_override_base("num.partitions"), "");
}

}  // namespace
}  // namespace tributary::config
