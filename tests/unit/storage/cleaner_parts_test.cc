// The cleaner's small parts: hash, map, groups.
#include <gmock/gmock.h>

#include "storage/cleaner_groups.h"
#include "storage/cleaner_map.h"
#include "tributary/storage/memory_file_system.h"

namespace tributary::storage {
namespace {

// The vectors of SipHash's authors: key 00 01 .. 0f, input 00 01 .. of that length.
TEST(KeyHashTest, Hash_AuthorsVectors_Match) {
  const HashSecret secret{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  std::vector<uint8_t> input;
  EXPECT_EQ(hash_key(input, secret), (KeyHash{0xe6a825ba047f81a3, 0x930255c71472f66d}));
  input = {0};
  EXPECT_EQ(hash_key(input, secret), (KeyHash{0x44af996bd8c187da, 0x45fc229b11597634}));
  for (uint8_t i = 1; i < 15; ++i) input.push_back(i);
  EXPECT_EQ(hash_key(input, secret), (KeyHash{0x11a8b03399e99354, 0xd9c3cf970fec087e}));
}

TEST(KeyHashTest, Hash_OtherSecretOrKey_IsAnother) {
  const auto key = as_bytes("user-1");
  EXPECT_NE(hash_key(key, {1, 2}), hash_key(key, {1, 3}));
  EXPECT_NE(hash_key(key, {1, 2}), hash_key(as_bytes("user-2"), {1, 2}));
}

TEST(OffsetMapTest, Put_KeyAgain_LastOffsetCounts) {
  auto map = OffsetMap::make(1 << 20, 0.9, 100, {1, 2});
  ASSERT_TRUE(map);
  EXPECT_EQ(map->get(map->prepare(as_bytes("a"))), -1);
  EXPECT_TRUE(map->put(map->prepare(as_bytes("a")), 0));
  EXPECT_EQ(map->get(map->prepare(as_bytes("a"))), 0);
  EXPECT_TRUE(map->put(map->prepare(as_bytes("a")), 9));
  EXPECT_TRUE(map->put(map->prepare(as_bytes("")), 4));
  EXPECT_EQ(map->get(map->prepare(as_bytes("a"))), 9);
  EXPECT_EQ(map->get(map->prepare(as_bytes(""))), 4);
  EXPECT_EQ(map->size(), 2u);
}

TEST(OffsetMapTest, Put_Full_TakesOnlyKnownKeys) {
  auto map = OffsetMap::make(24 * 100, 0.9, 1'000'000, {1, 2});
  ASSERT_TRUE(map);
  for (int i = 0; i < 90; ++i) ASSERT_TRUE(map->put(map->prepare(as_bytes(std::to_string(i))), i));
  EXPECT_FALSE(map->put(map->prepare(as_bytes("one more")), 90));
  EXPECT_EQ(map->get(map->prepare(as_bytes("one more"))), -1);
  EXPECT_TRUE(map->put(map->prepare(as_bytes("17")), 91));
  for (int i = 0; i < 90; ++i)
    EXPECT_EQ(map->get(map->prepare(as_bytes(std::to_string(i)))), i == 17 ? 91 : i);
  EXPECT_DOUBLE_EQ(map->utilization(), 0.9);
}

TEST(OffsetMapTest, Make_LoadFactorOne_SearchesStillEnd) {
  auto map = OffsetMap::make(24 * 10, 1.0, 1'000'000, {1, 2});
  ASSERT_TRUE(map);
  int taken = 0;
  while (map->put(map->prepare(as_bytes(std::to_string(taken))), taken)) ++taken;
  EXPECT_EQ(taken, 9);
  EXPECT_EQ(map->get(map->prepare(as_bytes("absent"))), -1);
}

TEST(OffsetMapTest, Make_NoRoomForAKey_IsRefused) {
  EXPECT_EQ(OffsetMap::make(24, 0.9, 10, {1, 2}).error().code, Errc::kTooLarge);
  EXPECT_EQ(OffsetMap::make(0, 0.9, 10, {1, 2}).error().code, Errc::kTooLarge);
}

class GroupsTest : public ::testing::Test {
 protected:
  GroupedSegment segment(Offset base, Offset end, uint64_t size, uint64_t index = 8) {
    auto made = std::make_shared<Segment>(fs_, directory_, base);
    made->size = size;
    return {std::move(made), 0, end, index, index};
  }
  static std::vector<size_t> sizes(const std::vector<SegmentGroup>& groups) {
    std::vector<size_t> all;
    for (const SegmentGroup& group : groups) all.push_back(group.size());
    return all;
  }

 private:
  MemoryFileSystem fs_;
  std::shared_ptr<const std::string> directory_ = std::make_shared<const std::string>("/d");
};

using ::testing::ElementsAre;

TEST_F(GroupsTest, Group_BySize_SegmentIsFilled) {
  const auto groups = group_segments({segment(0, 10, 40), segment(10, 20, 60), segment(20, 30, 1),
                                      segment(30, 40, 200), segment(40, 50, 99)},
                                     {100, 1000});
  EXPECT_THAT(sizes(groups), ElementsAre(2, 1, 1, 1));
}

TEST_F(GroupsTest, Group_ByIndexSize_Ends) {
  EXPECT_THAT(sizes(group_segments({segment(0, 10, 1, 60), segment(10, 20, 1, 60)}, {100, 100})),
              ElementsAre(1, 1));
}

TEST_F(GroupsTest, Group_OffsetsOver31Bits_Ends) {
  const Offset most = INT32_MAX;
  EXPECT_THAT(sizes(group_segments({segment(0, 10, 1), segment(10, most + 1, 1)}, {100, 100})),
              ElementsAre(2));
  EXPECT_THAT(sizes(group_segments({segment(0, 10, 1), segment(10, most + 2, 1)}, {100, 100})),
              ElementsAre(1, 1));
}

TEST_F(GroupsTest, Group_ManySegments_OpenFilesAreBounded) {
  std::vector<GroupedSegment> many;
  for (Offset i = 0; i < 10; ++i) many.push_back(segment(i, i + 1, 1));
  EXPECT_THAT(sizes(group_segments(many, {1000, 1000, 4})), ElementsAre(4, 4, 2));
}

}  // namespace
}  // namespace tributary::storage
