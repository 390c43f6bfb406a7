#include "broker/fetch_session.h"

#include <gmock/gmock.h>

#include <set>

namespace tributary::broker {
namespace {

using testing::ElementsAre;
using wire::ErrorCode;

constexpr size_t kSlots = 64;
constexpr size_t kPartitions = 10;
constexpr int64_t kEvictionMs = 1000;

wire::FetchRequest request_of(std::string_view topic, std::vector<int32_t> partitions) {
  wire::FetchRequest request;
  auto& asked = request.topics.emplace_back();
  asked.topic = topic;
  for (const int32_t partition : partitions) asked.partitions.emplace_back().partition = partition;
  return request;
}

std::vector<int32_t> partitions_of(FetchSession& session) {
  std::vector<int32_t> numbers;
  for (const auto& partition : session.partitions()) numbers.push_back(partition.partition);
  return numbers;
}

class FetchSessionCacheTest : public testing::Test {
 protected:
  int32_t created(int64_t now_ms = 0) {
    const auto session = cache_.create(false, now_ms);
    if (!session) return 0;
    cache_.give_back(*session);
    return session->id();
  }
  FetchSessionCache cache_{kSlots, kPartitions, kEvictionMs, 7};
};

TEST(FetchSession, Update_AddsChangesAndForgets) {
  FetchSession session(1, false, std::make_shared<std::atomic<size_t>>(0));
  session.update(request_of("t", {0, 1, 2}));
  auto changed = request_of("t", {1});
  changed.topics[0].partitions[0].fetch_offset = 77;
  auto& forgotten = changed.forgotten_topics_data.emplace_back();
  forgotten.topic = "t";
  forgotten.partitions = {0, 9};
  session.update(changed);
  EXPECT_THAT(partitions_of(session), ElementsAre(1, 2));
  EXPECT_EQ(session.partitions().front().fetch_offset, 77);
}

TEST(FetchSession, AdvanceEpoch_AfterTheLargest_IsOneAgain) {
  FetchSession session(1, false, std::make_shared<std::atomic<size_t>>(0));
  EXPECT_EQ(session.epoch(), 1);
  session.advance_epoch();
  EXPECT_EQ(session.epoch(), 2);
}

TEST_F(FetchSessionCacheTest, Create_ManySessions_HaveDifferentPositiveIds) {
  std::set<int32_t> ids;
  for (size_t i = 0; i < kSlots; ++i) ids.insert(created());
  EXPECT_EQ(ids.size(), kSlots);
  EXPECT_GT(*ids.begin(), 0);
  EXPECT_EQ(cache_.size(), kSlots);
}

TEST_F(FetchSessionCacheTest, Create_NoSlotFreeAndNoneOldEnough_GivesNone) {
  for (size_t i = 0; i < kSlots; ++i) created(0);
  EXPECT_EQ(cache_.create(false, kEvictionMs - 1), nullptr);
  EXPECT_EQ(cache_.evictions().value(), 0u);
}

TEST_F(FetchSessionCacheTest, Create_NoSlotFree_TheLongestUnusedGoes) {
  std::vector<int32_t> ids;
  for (size_t i = 0; i < kSlots; ++i) ids.push_back(created(static_cast<int64_t>(i)));
  EXPECT_NE(cache_.create(false, kEvictionMs + 100), nullptr);
  EXPECT_EQ(cache_.evictions().value(), 1u);
  EXPECT_EQ(cache_.size(), kSlots);
  EXPECT_EQ(cache_.take(ids.front(), 1, false, 0).error, ErrorCode::kFetchSessionIdNotFound);
}

TEST_F(FetchSessionCacheTest, Create_OnlySessionsInUse_NoneIsEvicted) {
  std::vector<std::shared_ptr<FetchSession>> used;
  for (size_t i = 0; i < kSlots; ++i) used.push_back(cache_.create(false, 0));
  EXPECT_EQ(cache_.create(false, 100 * kEvictionMs), nullptr);
}

TEST_F(FetchSessionCacheTest, HasRoom_MorePartitionsThanAllSessionsMayHold_SaysSoUntilSomeAreGone) {
  const auto first = cache_.create(false, 0);
  first->update(request_of("t", {0, 1, 2, 3, 4, 5}));
  EXPECT_TRUE(cache_.has_room(*first));
  auto second = cache_.create(false, 0);
  second->update(request_of("t", {0, 1, 2, 3, 4}));
  EXPECT_FALSE(cache_.has_room(*second));
  cache_.close(second->id());
  second.reset();
  const auto third = cache_.create(false, 0);
  third->update(request_of("t", {0, 1}));
  EXPECT_TRUE(cache_.has_room(*third));
  EXPECT_TRUE(cache_.has_room(*first)) << "what a session has it keeps";
}

TEST_F(FetchSessionCacheTest, Create_WithoutSlots_GivesNone) {
  FetchSessionCache none(0, kPartitions, kEvictionMs, 7);
  EXPECT_EQ(none.create(false, 0), nullptr);
}

TEST_F(FetchSessionCacheTest, Take_RightEpoch_AdvancesIt) {
  const int32_t id = created();
  for (int32_t epoch = 1; epoch < 4; ++epoch) {
    const auto found = cache_.take(id, epoch, false, 0);
    ASSERT_NE(found.session, nullptr) << epoch;
    cache_.give_back(*found.session);
  }
  EXPECT_EQ(cache_.take(id, 3, false, 0).error, ErrorCode::kInvalidFetchSessionEpoch);
}

TEST_F(FetchSessionCacheTest, Take_InUse_IsRefusedUntilGivenBack) {
  const int32_t id = created();
  const auto held = cache_.take(id, 1, false, 0);
  ASSERT_NE(held.session, nullptr);
  EXPECT_EQ(cache_.take(id, 2, false, 0).error, ErrorCode::kInvalidFetchSessionEpoch);
  cache_.give_back(*held.session);
  EXPECT_NE(cache_.take(id, 2, false, 0).session, nullptr);
}

TEST_F(FetchSessionCacheTest, Take_OtherWayOfNaming_IsATopicIdError) {
  EXPECT_EQ(cache_.take(created(), 1, true, 0).error, ErrorCode::kFetchSessionTopicIdError);
}

TEST_F(FetchSessionCacheTest, Take_UnknownOrNonsensicalIds_AreNotFound) {
  for (const int32_t id : {0, -1, INT32_MIN, INT32_MAX, 12345}) {
    EXPECT_EQ(cache_.take(id, 1, false, 0).error, ErrorCode::kFetchSessionIdNotFound) << id;
    cache_.close(id);
  }
}

TEST_F(FetchSessionCacheTest, Close_WhileInUse_TheHolderMayFinish) {
  const int32_t id = created();
  const auto held = cache_.take(id, 1, false, 0);
  cache_.close(id);
  EXPECT_EQ(cache_.size(), 0u);
  held.session->update(request_of("t", {1}));
  cache_.give_back(*held.session);
  EXPECT_EQ(cache_.take(id, 2, false, 0).error, ErrorCode::kFetchSessionIdNotFound);
}

}  // namespace
}  // namespace tributary::broker
