#include "tributary/config/resolve.h"

#include <gtest/gtest.h>

namespace tributary::config {
namespace {

Values of(std::initializer_list<std::pair<const char*, const char*>> settings) {
  Values values;
  for (const auto& [name, value] : settings) values.set(name, value, {Source::kYaml, "t"});
  return values;
}

std::string error_of(const Values& values) {
  const auto listeners = resolve_listeners(values);
  return listeners ? "" : listeners.error().message;
}

TEST(Listeners, Default_IsEveryInterface) {
  const auto listeners = resolve_listeners(Values());
  ASSERT_TRUE(listeners);
  EXPECT_EQ(listeners->bind, (std::vector<Listener>{{"PLAINTEXT", "", 9092, SecurityProtocol::kPlaintext}}));
  EXPECT_EQ(listeners->advertised, listeners->bind);
  EXPECT_EQ(listeners->inter_broker, "PLAINTEXT");
  EXPECT_TRUE(listeners->controller.empty());
}

TEST(Listeners, ControllersListener_IsNotAdvertisedToClients) {
  const auto listeners = resolve_listeners(of({{"listeners", "PLAINTEXT://:9092,controller://127.0.0.1:9093"},
                                               {"controller.listener.names", "CONTROLLER"}}));
  ASSERT_TRUE(listeners) << listeners.error().message;
  EXPECT_EQ(listeners->bind.size(), 2u);
  ASSERT_EQ(listeners->advertised.size(), 1u);
  EXPECT_EQ(listeners->advertised[0].name, "PLAINTEXT");
  EXPECT_EQ(listeners->controller, (std::vector<std::string>{"CONTROLLER"}));
  EXPECT_EQ(listeners->controller_advertised,
            (std::vector<Listener>{{"CONTROLLER", "127.0.0.1", 9093, SecurityProtocol::kPlaintext}}));
}

TEST(Listeners, Ipv6AndPortZero_AreRead) {
  const auto listeners = resolve_listeners(of({{"listeners", "PLAINTEXT://[::1]:0"}}));
  ASSERT_TRUE(listeners);
  EXPECT_EQ(listeners->bind[0].host, "::1");
  EXPECT_EQ(listeners->bind[0].port, 0);
}

TEST(Listeners, MalformedText_IsRefused) {
  for (const char* text :
       {"PLAINTEXT", "PLAINTEXT://", "PLAINTEXT://a", "://a:1", "PLAINTEXT://a:65536", "PLAINTEXT://a:-1",
        "PLAINTEXT://a:x", "PLAINTEXT://a b:1", "PLAINTEXT://a/b:1", "a:9092"})
    EXPECT_FALSE(resolve_listeners(of({{"listeners", text}}))) << text;
}

TEST(Listeners, SamePort_IsRefusedButForBothFamilies) {
  const char* map = "A:PLAINTEXT,PLAINTEXT:PLAINTEXT";
  EXPECT_EQ(error_of(of({{"listeners", "PLAINTEXT://a:1,A://b:1"}, {"listener.security.protocol.map", map}})),
            "listeners PLAINTEXT and A have the same port 1");
  EXPECT_EQ(error_of(of({{"listeners", "PLAINTEXT://127.0.0.1:1,A://[::1]:1"},
                         {"listener.security.protocol.map", map}})),
            "");
  EXPECT_EQ(error_of(of({{"listeners", "PLAINTEXT://a:0,A://b:0"}, {"listener.security.protocol.map", map}})),
            "");
}

TEST(Listeners, Mistakes_AreSaid) {
  EXPECT_EQ(error_of(of({{"listeners", "A://:1"}})),
            "listener A has no security protocol in listener.security.protocol.map");
  EXPECT_EQ(error_of(of({{"listeners", "PLAINTEXT://:1,plaintext://:2"}})),
            "listener PLAINTEXT is twice in listeners");
  EXPECT_EQ(error_of(of({{"listeners", "SSL://:1"}})),
            "SSL of listener SSL is not enforced yet; refusing to start");
  EXPECT_EQ(error_of(of({{"listeners", "PLAINTEXT://0.0.0.0:1"}})),
            "PLAINTEXT cannot be advertised: clients cannot connect to 0.0.0.0; set advertised.listeners");
  EXPECT_EQ(error_of(of({{"listener.security.protocol.map", "A:B"}})),
            "\"B\" is no security protocol; known are PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL");
  EXPECT_EQ(error_of(of({{"listener.security.protocol.map", "A"}})),
            "expected NAME:PROTOCOL in listener.security.protocol.map, got \"A\"");
  EXPECT_EQ(error_of(of({{"controller.listener.names", "PLAINTEXT"}})),
            "there is no listener for clients: every one is in controller.listener.names");
}

TEST(Listeners, AdvertisedName_MustBeBound) {
  const char* map = "A:PLAINTEXT,PLAINTEXT:PLAINTEXT";
  EXPECT_EQ(error_of(of({{"advertised.listeners", "A://a:1"}, {"listener.security.protocol.map", map}})),
            "advertised listener A is not among listeners");
}

TEST(Listeners, InterBrokerListener_MustBeOneOfTheAdvertised) {
  const char* map = "A:PLAINTEXT,B:PLAINTEXT";
  EXPECT_EQ(error_of(of({{"listeners", "A://:1,B://:2"}, {"listener.security.protocol.map", map}})),
            "several listeners: set inter.broker.listener.name");
  EXPECT_EQ(error_of(of({{"inter.broker.listener.name", "A"}})),
            "inter.broker.listener.name A is not among the advertised listeners");
  EXPECT_EQ(error_of(of({{"inter.broker.listener.name", "PLAINTEXT"},
                         {"security.inter.broker.protocol", "PLAINTEXT"}})),
            "set only one of inter.broker.listener.name and security.inter.broker.protocol");
  EXPECT_EQ(
      resolve_listeners(of({{"listeners", "A://:1"}, {"listener.security.protocol.map", map}}))->inter_broker,
      "A");
}

TEST(TopicDefault, MostPreciseSynonym_Wins) {
  const TopicSetting& retention = *find_topic_setting("retention.ms");
  EXPECT_EQ(topic_default(Values(), retention), "604800000");
  EXPECT_EQ(topic_default(of({{"log.retention.hours", "2"}}), retention), "7200000");
  EXPECT_EQ(topic_default(of({{"log.retention.hours", "2"}, {"log.retention.minutes", "3"}}), retention),
            "180000");
  EXPECT_EQ(topic_default(of({{"log.retention.ms", "5"}, {"log.retention.minutes", "3"}}), retention), "5");
  EXPECT_EQ(topic_default(of({{"log.retention.hours", "-1"}}), retention), "-1");
  EXPECT_EQ(deciding_synonym(of({{"log.retention.hours", "2"}}), retention)->broker_name,
            "log.retention.hours");
}

TEST(Resolve, DirectoriesAndIds_FollowKafkasPrecedence) {
  EXPECT_EQ(log_dirs(of({{"log.dir", "/a"}})), (std::vector<std::string>{"/a"}));
  EXPECT_EQ(log_dirs(of({{"log.dir", "/a"}, {"log.dirs", "/b, /c"}})),
            (std::vector<std::string>{"/b", "/c"}));
  EXPECT_EQ(cordoned_log_dirs(of({{"log.dirs", "/b"}, {"cordoned.log.dirs", "*"}})),
            (std::vector<std::string>{"/b"}));
  EXPECT_EQ(node_id(Values()), -1);
  EXPECT_EQ(node_id(of({{"broker.id", "3"}})), 3);
  EXPECT_EQ(node_id(of({{"node.id", "4"}, {"broker.id", "4"}})), 4);
}

TEST(Values, ListenersOwnValue_FallsBackToTheSetting) {
  EXPECT_EQ(of({{"num.network.threads", "5"}}).get_int("listener.name.a.num.network.threads"), 5);
  EXPECT_EQ(of({{"listener.name.a.num.network.threads", "7"}}).get_int("listener.name.a.num.network.threads"),
            7);
}

TEST(ValuesDeathTest, UnknownName_IsADefect) {
  EXPECT_DEATH(static_cast<void>(Values().find("no.such.thing")), "no.such.thing");
}

}  // namespace
}  // namespace tributary::config
