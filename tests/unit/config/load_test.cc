#include "tributary/config/load.h"

#include <gtest/gtest.h>

#include "surroundings.h"
#include "tributary/config/reload.h"

namespace tributary::config {
namespace {

TEST(Properties, JavasSyntax_IsRead) {
  FakeMachine machine;
  const auto result = machine.properties(
      "# comment\n"
      "! another\n"
      "num.partitions=3\n"
      "  broker.rack : a\\u00e4\\:b\\\\c\\\n"
      "     d\r\n"
      "log.dirs /a,\\\n"
      "  /b\n"
      "cluster.id =x=y\n"
      "log.retention\\.ms=5\n");
  EXPECT_EQ(errors_of(result), "");
  EXPECT_TRUE(result.warnings.empty());
  EXPECT_EQ(result.values.get_int("num.partitions"), 3);
  EXPECT_EQ(result.values.get_string("broker.rack"), "a\xc3\xa4:b\\cd");
  EXPECT_EQ(result.values.get_list("log.dirs"), (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(result.values.get_string("cluster.id"), "x=y");
  EXPECT_EQ(result.values.get_long("log.retention.ms"), 5);
  EXPECT_EQ(result.values.origin("log.dirs").where, "t.properties:6");
}

TEST(Properties, UnknownKey_IsWarnedOf) {
  FakeMachine machine;
  const auto result = machine.properties("zookeeper.connect=localhost\nlog.segment.byte=5\n");
  EXPECT_EQ(errors_of(result), "");
  EXPECT_EQ(result.warnings,
            (std::vector<std::string>{"t.properties:1: unknown setting \"zookeeper.connect\" (ignored)",
                                      "t.properties:2: unknown setting \"log.segment.byte\"; did you mean "
                                      "\"log.segment.bytes\"? (ignored)"}));
}

TEST(Properties, BadValue_IsAnErrorWithItsLine) {
  FakeMachine machine;
  EXPECT_EQ(
      errors_of(machine.properties("\nlog.segment.bytes=64MiB\n")),
      "t.properties:2: Invalid value 64MiB for configuration log.segment.bytes: Not a number of type INT\n");
}

TEST(Properties, OddEnds_AreNoProblem) {
  FakeMachine machine;
  for (const char* text : {"a\\", "\\", "=", ":", " ", "broker.rack=\\u12", "broker.rack=\\",
                           "broker.rack\\\n", "#\\\nbroker.rack=x"})
    EXPECT_EQ(errors_of(machine.properties(text)), "") << text;
}

TEST(Load, Sources_WinInOrder) {
  FakeMachine machine;
  machine.files = {{"a.yaml", "num.partitions: 2\nbroker.rack: yaml\nlog.dir: /yaml\n"},
                   {"b.properties", "broker.rack=properties\nlog.dir=/p\n"}};
  const auto result = load({.yaml_files = {"a.yaml"},
                            .properties_files = {"b.properties"},
                            .overrides = {"log.dir=/set", "log.segment.bytes=2MiB"}},
                           machine.surroundings());
  EXPECT_EQ(errors_of(result), "");
  EXPECT_EQ(result.values.get_int("num.partitions"), 2);
  EXPECT_EQ(result.values.get_string("broker.rack"), "properties");
  EXPECT_EQ(result.values.get_string("log.dir"), "/set");
  EXPECT_EQ(result.values.get_int("log.segment.bytes"), 2 << 20);
  EXPECT_EQ(result.values.origin("log.dir").source, Source::kCommandLine);
}

TEST(Load, WrongOverrides_AreErrors) {
  const auto result = load({.yaml_files = {},
                            .properties_files = {},
                            .overrides = {"num.partitions", "num.partition=1", "num.partitions=x"}},
                           FakeMachine().surroundings());
  EXPECT_EQ(errors_of(result),
            "--set: expected name=value, got \"num.partitions\"\n"
            "--set: unknown setting \"num.partition\"; did you mean \"num.partitions\"?\n"
            "--set: Invalid value x for configuration num.partitions: Not a number of type INT\n");
}

TEST(Load, EndlessMistakes_AreCutShort) {
  FakeMachine machine;
  std::string yaml, properties;
  for (int i = 0; i < 1000; ++i) {
    yaml += "key" + std::to_string(i) + ": 1\n";
    properties += "key" + std::to_string(i) + "=1\n";
  }
  const auto errors = machine.yaml(yaml).errors;
  ASSERT_EQ(errors.size(), 101u);
  EXPECT_EQ(errors.back().text, "there are more errors; the rest is not shown");
  EXPECT_EQ(machine.properties(properties).warnings.size(), 101u);
}

TEST(Load, IgnoredSetting_IsWarnedOfOnce) {
  const auto result =
      load({.yaml_files = {}, .properties_files = {}, .overrides = {"num.io.threads=4", "num.io.threads=5"}},
           FakeMachine().surroundings());
  EXPECT_EQ(errors_of(result), "");
  EXPECT_EQ(result.warnings,
            (std::vector<std::string>{"--set: num.io.threads has no meaning in this broker and is ignored"}));
}

class Security : public testing::TestWithParam<const char*> {};

TEST_P(Security, AskedFor_EndsTheStart) {
  FakeMachine machine;
  EXPECT_NE(errors_of(machine.properties(GetParam())).find("not enforced yet; refusing to start"),
            std::string::npos)
      << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
    Load, Security,
    testing::Values("authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                    "super.users=User:admin", "sasl.enabled.mechanisms=PLAIN", "ssl.keystore.location=/k",
                    "ssl.client.auth=required", "listener.name.a.ssl.keystore.location=/k",
                    "listener.name.a.plain.sasl.jaas.config=x required;",
                    "listener.name.a.scram-sha-512.sasl.server.callback.handler.class=x",
                    "delegation.token.secret.key=k", "security.inter.broker.protocol=SSL",
                    "listeners=SSL://:9093", "listeners=SASL_PLAINTEXT://:9093",
                    "listeners=A://:9092\nlistener.security.protocol.map=A:SASL_SSL",
                    "principal.builder.class=x", "ssl.some.new.thing=1", "sasl.some.new.thing=1",
                    "listener.name.a.ssl.some.new.thing=1", "listener.name.a.oauthbearer.sasl.new.thing=1",
                    "connections.max.reauth.ms=1000", "create.topic.policy.class.name=x",
                    "allow.everyone.if.no.acl.found=true"));

TEST(Load, SecurityAtItsDefault_IsFine) {
  FakeMachine machine;
  EXPECT_EQ(errors_of(machine.properties(
                "authorizer.class.name=\nsuper.users=\nssl.client.auth=none\n"
                "ssl.endpoint.identification.algorithm=\nsasl.enabled.mechanisms=GSSAPI\n"
                "security.inter.broker.protocol=PLAINTEXT\n"
                "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL\n")),
            "");
}

TEST(Load, CrossChecks_NameTheSettingsPlace) {
  FakeMachine machine;
  EXPECT_EQ(errors_of(machine.yaml("log.retention.minutes: 0\n")),
            "t.yaml:1:24: the retention time must be -1 (no limit) or at least 1 ms\n");
  EXPECT_EQ(errors_of(machine.yaml("queued.max.request.bytes: 1MiB\n")),
            "t.yaml:1:27: queued.max.request.bytes must be at least socket.request.max.bytes\n");
  EXPECT_EQ(errors_of(machine.yaml("node.id: 1\nbroker.id: 2\n")),
            "t.yaml:1:10: node.id and broker.id must be the same number\n");
  EXPECT_EQ(errors_of(machine.yaml("log.dirs: /a\ncordoned.log.dirs: /b\n")),
            "t.yaml:2:20: /b of cordoned.log.dirs is no log directory\n");
  EXPECT_EQ(errors_of(machine.yaml("admin.listen: nowhere\n")),
            "t.yaml:1:15: admin.listen: expected host:port, got \"nowhere\"\n");
}

TEST(Reload, Differences_AreSortedByWhatTheyNeed) {
  FakeMachine machine;
  const auto before =
      machine.yaml("num.partitions: 1\nlogging.level: info\nbroker.rack: a\nlog.segment.bytes: 2MiB\n");
  const auto after =
      machine.yaml("logging.level: debug\nbroker.rack: b\nlistener.name.x.max.connections: 5\n");
  const Changes changes = changes_between(before.values, after.values);
  EXPECT_EQ(changes.reloadable, (std::vector<std::string>{"listener.name.x.max.connections",
                                                          "log.segment.bytes", "logging.level"}));
  EXPECT_EQ(changes.need_restart, (std::vector<std::string>{"broker.rack"}));
}

TEST(Reload, TakeOver_ChangesWhatMayChangeAndKeepsTheRest) {
  FakeMachine machine;
  const auto before = machine.yaml("num.partitions: 1\nbroker.rack: a\nlog.segment.bytes: 2MiB\n");
  const auto after = machine.yaml("logging.level: debug\nbroker.rack: b\nmessage.max.bytes: 1000\n");
  const Values merged = take_over(before.values, after.values);
  EXPECT_EQ(merged.get_string("broker.rack"), "a");
  EXPECT_EQ(merged.get_int("num.partitions"), 1);
  EXPECT_EQ(merged.get_int("message.max.bytes"), 1000);
  EXPECT_EQ(merged.get_string("logging.level"), "debug");
  EXPECT_EQ(merged.get_int("log.segment.bytes"), 1 << 30);
}

TEST(Load, NodeId_GoesByItsOlderNameToo) {
  FakeMachine machine;
  EXPECT_EQ(machine.yaml("node.id: 4").values.get_int("broker.id"), 4);
  EXPECT_EQ(machine.yaml("broker.id: 5").values.get_int("node.id"), 5);
  EXPECT_FALSE(machine.yaml("broker.id: -1").values.is_set("node.id"));
}

}  // namespace
}  // namespace tributary::config
