#include <gtest/gtest.h>

#include "surroundings.h"
#include "tributary/config/resolve.h"

namespace tributary::config {
namespace {

TEST(Yaml, NestedAndDottedNames_MeanTheSame) {
  FakeMachine machine;
  const auto result =
      machine.yaml("log: {segment: {bytes: 64MiB}}\nlog.retention:\n  ms: 7d\nnum.partitions: 3\n");
  EXPECT_EQ(errors_of(result), "");
  EXPECT_EQ(result.values.get_int("log.segment.bytes"), 64 << 20);
  EXPECT_EQ(result.values.get_long("log.retention.ms"), 604'800'000);
  EXPECT_EQ(result.values.origin("num.partitions").where, "t.yaml:4:17");
  EXPECT_EQ(result.values.origin("num.partitions").source, Source::kYaml);
}

TEST(Yaml, EmptyFile_GivesDefaults) {
  FakeMachine machine;
  for (const char* text : {"", "# nothing\n", "---\n"}) {
    const auto result = machine.yaml(text);
    EXPECT_EQ(errors_of(result), "") << text;
    EXPECT_TRUE(result.values.explicit_values().empty());
    EXPECT_EQ(result.values.get_int("num.partitions"), 1);
  }
}

TEST(Yaml, UnknownKey_IsRefusedWithPositionAndSuggestion) {
  FakeMachine machine;
  EXPECT_EQ(errors_of(machine.yaml("num.partitions: 1\nlog:\n  segmnet:\n    bytes: 1\n")),
            "t.yaml:3:3: unknown setting \"log.segmnet.bytes\"; did you mean \"log.segment.bytes\"?\n");
  EXPECT_EQ(errors_of(machine.yaml("frobnicate: 1\n")), "t.yaml:1:1: unknown setting \"frobnicate\"\n");
  EXPECT_EQ(errors_of(machine.yaml("log: {segment: 5}\n")),
            "t.yaml:1:7: log.segment is a group of settings and takes a map\n");
}

TEST(Yaml, DuplicateKeys_AreRefused) {
  FakeMachine machine;
  EXPECT_EQ(errors_of(machine.yaml("num.partitions: 1\nnum.partitions: 2\n")),
            "t.yaml:2:1: duplicate key \"num.partitions\", first at line 1\n");
  EXPECT_EQ(errors_of(machine.yaml("log: {roll: {ms: 1s}}\nlog.roll.ms: 2s\n")),
            "t.yaml:2:1: log.roll.ms is already set at line 1\n");
}

TEST(Yaml, SeveralErrors_AreAllSaid) {
  FakeMachine machine;
  EXPECT_EQ(
      errors_of(machine.yaml("num.partitions: 0\nlog.segment.bytes: 50 gigs\nbogus.key.of.mine: 1\n")),
      "t.yaml:1:17: Invalid value 0 for configuration num.partitions: Value must be at least 1\n"
      "t.yaml:2:20: Invalid value 50 gigs for configuration log.segment.bytes: expected a size like 64MiB\n"
      "t.yaml:3:1: unknown setting \"bogus.key.of.mine\"\n");
}

TEST(Yaml, LooseScalars_AreRefused) {
  FakeMachine machine;
  for (const char* text : {"log.preallocate: yes", "num.partitions: 010", "num.partitions: 0x10",
                           "num.partitions:", "num.partitions: ~", "num.partitions: [1]", "log.dir: {a: b}",
                           "num.partitions: 1.0"})
    EXPECT_EQ(machine.yaml(text).errors.size(), 1u) << text;
}

TEST(Yaml, Cleverness_IsRefused) {
  FakeMachine machine;
  EXPECT_EQ(errors_of(machine.yaml("log: &a {dir: x}\n")), "t.yaml:1:6: anchors are not supported\n");
  EXPECT_NE(errors_of(machine.yaml("log.dir: &a x\nbroker.rack: *a\n"))
                .find("t.yaml:2:14: aliases are not supported"),
            std::string::npos);
  EXPECT_NE(
      errors_of(machine.yaml("<<: {num.partitions: 2}\n")).find("t.yaml:1:1: merge keys are not supported"),
      std::string::npos);
  EXPECT_EQ(errors_of(machine.yaml("num.partitions: !!str 2\n")), "t.yaml:1:17: tags are not supported\n");
  EXPECT_EQ(errors_of(machine.yaml("[a, b]: 1\n")), "t.yaml:1:1: a key must be a plain name\n");
  EXPECT_EQ(errors_of(machine.yaml("a\n")), "t.yaml:1:1: expected settings as \"name: value\"\n");
  EXPECT_EQ(machine.yaml("num.partitions: 1\n---\nnum.partitions: 2\n").errors.size(), 1u);
}

TEST(Yaml, BrokenSyntax_GivesThePosition) {
  FakeMachine machine;
  const auto result = machine.yaml("num.partitions: 1\nlog: {a: [}\n");
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_TRUE(result.errors[0].where.starts_with("t.yaml:2:")) << result.errors[0].where;
}

TEST(Yaml, DeepNesting_IsRefusedNotFatal) {
  FakeMachine machine;
  EXPECT_FALSE(machine.yaml(std::string(100'000, '[')).errors.empty());
  EXPECT_FALSE(machine.yaml(std::string(100'000, '{')).errors.empty());
}

TEST(Yaml, Lists_AreJoined) {
  FakeMachine machine;
  const auto result = machine.yaml("log.dirs: [/a, /b]\nlog.cleanup.policy: compact,delete\n");
  EXPECT_EQ(errors_of(result), "");
  EXPECT_EQ(log_dirs(result.values), (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(result.values.get_list("log.cleanup.policy"), (std::vector<std::string>{"compact", "delete"}));
  EXPECT_EQ(errors_of(machine.yaml("log.dirs: ['/a,/b']\n")),
            "t.yaml:1:12: an element of a list cannot hold a comma\n");
}

TEST(Yaml, Variables_ComeFromTheEnvironment) {
  FakeMachine machine;
  machine.environment = {{"RACK", "eu-1"}, {"EMPTY", ""}, {"TRICK", "${RACK}"}};
  const auto rack = [&](const std::string& text) {
    const auto result = machine.yaml("broker.rack: \"" + text + "\"\n");
    return result.errors.empty() ? result.values.get_string("broker.rack") : errors_of(result);
  };
  EXPECT_EQ(rack("${RACK}"), "eu-1");
  EXPECT_EQ(rack("a-${RACK}-${NONE:-x}-b"), "a-eu-1-x-b");
  EXPECT_EQ(rack("${EMPTY:-x}"), "x");
  EXPECT_EQ(rack("${TRICK}"), "${RACK}");
  EXPECT_EQ(rack("$${RACK} $5"), "${RACK} $5");
  EXPECT_EQ(rack("${NONE}"), "t.yaml:1:14: the environment has no NONE\n");
  EXPECT_EQ(rack("${RACK"), "t.yaml:1:14: \"${\" without \"}\"\n");
  EXPECT_EQ(rack("${a b}"), "t.yaml:1:14: \"a b\" is no variable name\n");
}

TEST(Yaml, VariableInAKey_IsNotReplaced) {
  FakeMachine machine;
  machine.environment = {{"X", "rack"}};
  EXPECT_EQ(machine.yaml("broker.${X}: a\n").errors.size(), 1u);
}

TEST(Yaml, SecretFile_IsReadAndRefusedUntilEnforced) {
  FakeMachine machine;
  machine.files["/secret"] = "s3cret\n";
  const auto result = machine.yaml("ssl.keystore.password_file: /secret\n");
  EXPECT_EQ(result.values.get_string("ssl.keystore.password"), "s3cret");
  EXPECT_EQ(errors_of(result), "t.yaml:1:29: ssl.keystore.password is not enforced yet; refusing to start\n");
  EXPECT_EQ(errors_of(machine.yaml("ssl.keystore.password_file: /none\n")),
            "t.yaml:1:29: cannot open /none\n");
  EXPECT_EQ(machine.yaml("broker.rack_file: /secret\n").errors.size(), 1u);
}

TEST(Yaml, ListenersAsMaps_BecomeKafkasForm) {
  FakeMachine machine;
  const auto result = machine.yaml(
      "listeners:\n"
      "  - {name: internal, host: 0.0.0.0, port: 9192, protocol: PLAINTEXT}\n"
      "  - {name: PLAINTEXT, host: '::1', port: 9092}\n"
      "advertised.listeners: [{name: internal, host: b1, port: 9192}, 'PLAINTEXT://[::1]:9092']\n"
      "inter.broker.listener.name: internal\n");
  ASSERT_EQ(errors_of(result), "");
  EXPECT_EQ(result.values.get_string("listeners"), "internal://0.0.0.0:9192,PLAINTEXT://[::1]:9092");
  const auto listeners = resolve_listeners(result.values);
  ASSERT_TRUE(listeners) << listeners.error().message;
  EXPECT_EQ(listeners->bind[0], (Listener{"INTERNAL", "0.0.0.0", 9192, SecurityProtocol::kPlaintext}));
  EXPECT_EQ(listeners->bind[1], (Listener{"PLAINTEXT", "::1", 9092, SecurityProtocol::kPlaintext}));
  EXPECT_EQ(listeners->advertised[0].host, "b1");
  EXPECT_EQ(listeners->inter_broker, "INTERNAL");
}

TEST(Yaml, ListenerWithoutProtocol_IsPlaintextUnlessItsNameSaysMore) {
  FakeMachine machine;
  EXPECT_EQ(errors_of(machine.yaml("listeners: [{name: A, port: 1}]\n")), "");
  EXPECT_EQ(errors_of(machine.yaml("listeners: [{name: SSL, port: 1}]\n")),
            "t.yaml:1:12: SSL of listener SSL is not enforced yet; refusing to start\n");
  EXPECT_EQ(
      errors_of(machine.yaml("listeners: [{name: A, port: 1}]\nlistener.security.protocol.map: 'A:SSL'\n")),
      "t.yaml:2:33: SSL of listener A is not enforced yet; refusing to start\n");
  EXPECT_EQ(errors_of(machine.yaml("listeners: [{name: A, port: 1, protocol: PLAINTEXT}]\n"
                                   "listener.security.protocol.map: 'A:PLAINTEXT'\n")),
            "t.yaml:1:13: give protocols either here or in listener.security.protocol.map\n");
}

TEST(Yaml, ProtocolGivenOnce_CountsForTheAdvertisedListenerToo) {
  FakeMachine machine;
  const auto result = machine.yaml(
      "advertised.listeners: [{name: a, host: h, port: 1}]\n"
      "listeners: [{name: a, port: 1, protocol: PLAINTEXT}]\n");
  EXPECT_EQ(errors_of(result), "");
  EXPECT_TRUE(result.values.get_string("listener.security.protocol.map").starts_with("A:PLAINTEXT,"));
}

TEST(Yaml, WrongListenerMaps_AreRefused) {
  FakeMachine machine;
  EXPECT_EQ(errors_of(machine.yaml("listeners: [{name: A, prot: 1}]\n")),
            "t.yaml:1:23: unknown key \"prot\" of a listener; known are name, host, port, protocol\n");
  EXPECT_EQ(errors_of(machine.yaml("listeners: [{name: A}]\n")),
            "t.yaml:1:13: a listener needs a name and a port\n");
  EXPECT_EQ(errors_of(machine.yaml("listeners: [{name: A, port: 1, protocol: SSL}]\n")),
            "t.yaml:1:13: SSL of listener A is not enforced yet; refusing to start\n");
}

TEST(Yaml, SeveralFiles_LaterOneWins) {
  FakeMachine machine;
  machine.files = {{"base.yaml", "num.partitions: 3\nbroker.rack: a\n"}, {"eu.yaml", "broker.rack: b\n"}};
  const auto result = load({.yaml_files = {"base.yaml", "eu.yaml"}, .properties_files = {}, .overrides = {}},
                           machine.surroundings());
  EXPECT_EQ(errors_of(result), "");
  EXPECT_EQ(result.values.get_string("broker.rack"), "b");
  EXPECT_EQ(result.values.get_int("num.partitions"), 3);
}

TEST(Yaml, MissingFile_IsAnError) {
  FakeMachine machine;
  const auto result =
      load({.yaml_files = {"none.yaml"}, .properties_files = {}, .overrides = {}}, machine.surroundings());
  EXPECT_EQ(errors_of(result), "none.yaml: cannot open none.yaml\n");
}

}  // namespace
}  // namespace tributary::config
