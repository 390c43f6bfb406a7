#include "tributary/control/persistent_map.h"

#include "tributary/base/random.h"

namespace tributary::control {
namespace {

using Map = PersistentMap<std::string, int>;

std::vector<std::pair<std::string, int>> contents(const Map& map) {
  std::vector<std::pair<std::string, int>> all;
  for (const auto& [key, value] : map) all.emplace_back(key, value);
  return all;
}

std::vector<std::pair<std::string, int>> contents(const std::map<std::string, int>& map) {
  return {map.begin(), map.end()};
}

TEST(PersistentMap, Empty_FindsNothing) {
  const Map map;
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.find("a"), nullptr);
  EXPECT_EQ(map.begin(), map.end());
  EXPECT_EQ(map.lower_bound("a"), map.end());
}

TEST(PersistentMap, SetTwice_ReplacesValue) {
  Map map;
  EXPECT_TRUE(map.set("a", 1));
  EXPECT_FALSE(map.set("a", 2));
  EXPECT_EQ(map.size(), 1u);
  EXPECT_EQ(*map.find("a"), 2);
}

TEST(PersistentMap, EraseMissing_ChangesNothing) {
  Map map;
  map.set("a", 1);
  EXPECT_FALSE(map.erase("b"));
  EXPECT_EQ(map.size(), 1u);
}

TEST(PersistentMap, RisingKeys_StayBalanced) {
  PersistentMap<int, int> map;
  for (int i = 0; i < 4096; ++i) map.set(i, i);
  EXPECT_TRUE(map.well_formed());
  for (int i = 0; i < 4096; i += 2) EXPECT_TRUE(map.erase(i));
  EXPECT_TRUE(map.well_formed());
  EXPECT_EQ(map.size(), 2048u);
  EXPECT_EQ(map.lower_bound(100)->first, 101);
}

TEST(PersistentMap, RandomHistory_MatchesModel) {
  Random random(20260901);
  Map map;
  std::map<std::string, int> model;
  for (int step = 0; step < 20'000; ++step) {
    const std::string key = "k" + std::to_string(random.below(500));
    if (random.below(3) == 0) {
      ASSERT_EQ(map.erase(key), model.erase(key) == 1);
    } else {
      ASSERT_EQ(map.set(key, step), model.insert_or_assign(key, step).second);
    }
    const std::string probe = "k" + std::to_string(random.below(500));
    const auto expected = model.lower_bound(probe);
    const auto found = map.lower_bound(probe);
    ASSERT_EQ(found == map.end(), expected == model.end());
    if (expected != model.end()) ASSERT_EQ(found->first, expected->first);
    if (step % 500 == 0) ASSERT_TRUE(map.well_formed());
  }
  EXPECT_EQ(contents(map), contents(model));
}

TEST(PersistentMap, EarlierCopies_AreUntouchedByChanges) {
  Random random(7);
  Map map;
  std::map<std::string, int> model;
  std::vector<std::pair<Map, std::map<std::string, int>>> history;
  for (int step = 0; step < 2000; ++step) {
    const std::string key = std::to_string(random.below(80));
    if (random.one_in(3)) {
      map.erase(key);
      model.erase(key);
    } else {
      map.set(key, step);
      model[key] = step;
    }
    if (step % 50 == 0) history.emplace_back(map, model);
  }
  for (const auto& [copy, expected] : history) {
    EXPECT_TRUE(copy.well_formed());
    EXPECT_EQ(contents(copy), contents(expected));
  }
}

}  // namespace
}  // namespace tributary::control
