#include "control/placement.h"

#include <set>

namespace tributary::control {
namespace {

std::vector<PlacementBroker> brokers_in(const std::vector<std::string>& racks) {
  std::vector<PlacementBroker> brokers;
  for (size_t i = 0; i < racks.size(); ++i) {
    brokers.push_back({NodeId{static_cast<int32_t>(i + 1)},
                       racks[i].empty() ? std::nullopt : std::optional(racks[i]),
                       false,
                       {}});
  }
  return brokers;
}

const std::optional<std::string>& rack_of(std::span<const PlacementBroker> brokers, NodeId id) {
  return brokers[static_cast<size_t>(raw(id)) - 1].rack;
}

TEST(Placement, NoRacks_SpreadsLeadersAndReplicasEvenly) {
  auto brokers = brokers_in({"", "", "", ""});
  Random random(1);
  const auto placed = place_replicas(brokers, 40, 2, random);
  ASSERT_TRUE(placed);
  for (const auto& broker : brokers) {
    EXPECT_EQ(broker.load.leaders, 10) << raw(broker.id);
    EXPECT_NEAR(static_cast<double>(broker.load.replicas), 20, 1) << raw(broker.id);
  }
  for (const auto& replicas : *placed) EXPECT_NE(replicas[0], replicas[1]);
}

TEST(Placement, EnoughRacks_OneReplicaEach) {
  Random random(2);
  for (uint64_t seed = 0; seed < 50; ++seed) {
    auto brokers = brokers_in({"a", "a", "a", "b", "b", "c"});
    const auto placed = place_replicas(brokers, 20, 3, random);
    ASSERT_TRUE(placed);
    for (const auto& replicas : *placed) {
      std::set<std::optional<std::string>> racks;
      for (const NodeId replica : replicas) racks.insert(rack_of(brokers, replica));
      ASSERT_EQ(racks.size(), 3u);
    }
  }
}

TEST(Placement, FewerRacksThanReplicas_SpreadsOverAllOfThem) {
  auto brokers = brokers_in({"a", "a", "b", "b"});
  Random random(3);
  const auto placed = place_replicas(brokers, 12, 4, random);
  ASSERT_TRUE(placed);
  auto three = brokers_in({"a", "a", "a", "b"});
  const auto tight = place_replicas(three, 12, 2, random);
  ASSERT_TRUE(tight);
  for (const auto& replicas : *tight) EXPECT_NE(rack_of(three, replicas[0]), rack_of(three, replicas[1]));
}

TEST(Placement, PresentLoad_IsEvenedOut) {
  auto brokers = brokers_in({"", "", ""});
  brokers[0].load = {10, 10};
  Random random(4);
  ASSERT_TRUE(place_replicas(brokers, 10, 1, random));
  EXPECT_EQ(brokers[0].load.leaders, 10);
}

TEST(Placement, FencedBroker_NeverLeads) {
  auto brokers = brokers_in({"a", "b", "c"});
  brokers[1].fenced = true;
  Random random(5);
  const auto placed = place_replicas(brokers, 30, 3, random);
  ASSERT_TRUE(placed);
  for (const auto& replicas : *placed) {
    EXPECT_NE(replicas[0], NodeId{2});
    EXPECT_EQ(replicas.size(), 3u);
  }
}

TEST(Placement, ImpossibleFactor_IsRefusedWithKafkasWords) {
  auto brokers = brokers_in({"", ""});
  Random random(6);
  const auto message = [&](int16_t factor) {
    const auto placed = place_replicas(brokers, 1, factor, random);
    return placed ? std::string() : placed.error().message;
  };
  EXPECT_EQ(message(0), "Invalid replication factor 0: the replication factor must be positive.");
  EXPECT_EQ(
      message(3),
      "The target replication factor of 3 cannot be reached because only 2 broker(s) are registered or some "
      "brokers have all their log directories cordoned.");
  for (auto& broker : brokers) broker.fenced = true;
  EXPECT_EQ(message(1), "All brokers are currently fenced, or have all their log directories cordoned.");
}

TEST(Placement, SameSeed_SamePlaces) {
  const auto run = [] {
    auto brokers = brokers_in({"a", "b", "", "a"});
    Random random(7);
    return *place_replicas(brokers, 25, 2, random);
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace tributary::control
