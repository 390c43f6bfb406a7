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

// What the walk over shared structure must find, by looking at everything.
std::map<std::string, std::pair<int, int>> differences(const std::map<std::string, int>& before,
                                                       const std::map<std::string, int>& after) {
  std::map<std::string, std::pair<int, int>> all;
  for (const auto& [key, value] : before) all[key] = {value, -1};
  for (const auto& [key, value] : after) all.try_emplace(key, -1, -1).first->second.second = value;
  std::erase_if(all, [](const auto& one) { return one.second.first == one.second.second; });
  return all;
}

TEST(PersistentMap, ForEachDifference_OfAnyTwoVersions_FindsAllOfThemInOrder) {
  Random random(7);
  std::vector<std::pair<Map, std::map<std::string, int>>> versions(1);
  for (int step = 0; step < 400; ++step) {
    auto [map, model] = versions.back();
    for (uint64_t i = random.below(6); i > 0; --i) {
      const std::string key = "k" + std::to_string(random.below(300));
      if (random.below(3) == 0) {
        map.erase(key);
        model.erase(key);
      } else {
        const auto value = static_cast<int>(random.below(4));
        map.set(key, value);
        model[key] = value;
      }
    }
    versions.emplace_back(std::move(map), std::move(model));
  }
  for (int round = 0; round < 2000; ++round) {
    const auto& [old_map, old_model] = versions[random.below(versions.size())];
    const auto& [new_map, new_model] = versions[random.below(versions.size())];
    std::map<std::string, std::pair<int, int>> found;
    Map::for_each_difference(old_map, new_map, [&](const Map::Entry* before, const Map::Entry* after) {
      const std::string& key = before != nullptr ? before->first : after->first;
      ASSERT_TRUE(found.empty() || found.rbegin()->first < key);
      found[key] = {before != nullptr ? before->second : -1, after != nullptr ? after->second : -1};
    });
    ASSERT_EQ(found, differences(old_model, new_model)) << round;
  }
}

TEST(PersistentMap, ForEachDifference_LooksOnlyAtWhatIsNotShared) {
  struct Counted {
    int value;
    static int& compared() {
      static int count = 0;
      return count;
    }
    bool operator==(const Counted& other) const {
      ++compared();
      return value == other.value;
    }
  };
  PersistentMap<int, Counted> before;
  for (int i = 0; i < 100'000; ++i) before.set(i, {i});
  auto after = before;
  after.set(70'000, {-1});
  after.erase(3);
  Counted::compared() = 0;
  int found = 0;
  PersistentMap<int, Counted>::for_each_difference(before, after, [&](const auto*, const auto*) { ++found; });
  EXPECT_EQ(found, 2);
  EXPECT_LT(Counted::compared(), 200);
}

}  // namespace
}  // namespace tributary::control
