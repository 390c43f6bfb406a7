#include "group_fixture.h"

namespace tributary::group {
namespace {

using GroupSession = GroupFixture;

TEST_F(GroupSession, Heartbeat_GetsKafkasErrors) {
  EXPECT_EQ(heartbeat("", "m", 1), ErrorCode::kInvalidGroupId);
  EXPECT_EQ(heartbeat("none", "m", 1), ErrorCode::kUnknownMemberId);
  const Members members = stable_group("g", 1);
  EXPECT_EQ(heartbeat("g", members.ids[0], 1), ErrorCode::kNone);
  EXPECT_EQ(heartbeat("g", members.ids[0], 2), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(heartbeat("g", "stranger", 1), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(heartbeat("g", members.ids[0], 1, "i"), ErrorCode::kUnknownMemberId);
  leave("g", {{members.ids[0], std::nullopt}});
  EXPECT_EQ(heartbeat("g", members.ids[0], 1), ErrorCode::kUnknownMemberId);
}

TEST_F(GroupSession, SilentMember_IsDroppedAtItsDeadlineExactly) {
  const Members members = stable_group("g", 1, {.session_ms = 10'000});
  environment.advance(7'000);
  EXPECT_EQ(heartbeat("g", members.ids[0], 1), ErrorCode::kNone);
  environment.advance(9'999);
  EXPECT_EQ(state("g"), "Stable");
  environment.advance(1);
  EXPECT_EQ(state("g"), "Empty");
  EXPECT_EQ(probe.expired_members.value(), 1U);
  EXPECT_EQ(environment.view["g"].metadata->generation, 2);
  EXPECT_TRUE(environment.view["g"].metadata->members.empty());
}

TEST_F(GroupSession, Heartbeats_DoNotArmTimers) {
  const Members members = stable_group("g", 1);
  const size_t armed = environment.armed_timers();
  for (int i = 0; i < 1'000; ++i) heartbeat("g", members.ids[0], 1);
  EXPECT_EQ(environment.armed_timers(), armed);
}

TEST_F(GroupSession, HeartbeatDuringARebalance_KeepsTheMember) {
  const Members members = stable_group("g", 2, {.session_ms = 10'000, .rebalance_ms = 60'000});
  join("g", {.member = members.ids[0], .session_ms = 10'000, .rebalance_ms = 60'000});
  for (int i = 0; i < 11; ++i) {
    environment.advance(5'000);
    EXPECT_EQ(heartbeat("g", members.ids[1], 1), ErrorCode::kRebalanceInProgress);
  }
}

TEST_F(GroupSession, WallClockJump_ExpiresNobody) {
  const Members members = stable_group("g", 1);
  environment.set_wall(environment.wall_ms() + 100 * 86'400'000LL);
  environment.advance(9'000);
  EXPECT_EQ(heartbeat("g", members.ids[0], 1), ErrorCode::kNone);
  environment.set_wall(1);
  environment.advance(9'000);
  EXPECT_EQ(heartbeat("g", members.ids[0], 1), ErrorCode::kNone);
}

TEST_F(GroupSession, ShorterSessionAfterARejoin_Counts) {
  const Members members = stable_group("g", 1, {.session_ms = 100'000});
  const Joined again = join("g", {.member = members.ids[0], .session_ms = 6'000});
  sync("g", members.ids[0], again->generation_id);
  environment.advance(6'000);
  EXPECT_EQ(state("g"), "Empty");
}

TEST_F(GroupSession, ExpiryOfOne_RebalancesTheOthers) {
  const Members members = stable_group("g", 2);
  environment.advance(9'000);
  heartbeat("g", members.ids[0], 1);
  environment.advance(1'000);
  EXPECT_EQ(heartbeat("g", members.ids[0], 1), ErrorCode::kRebalanceInProgress);
  EXPECT_EQ(join("g", {.member = members.ids[0]})->generation_id, 2);
}

TEST_F(GroupSession, Commit_RenewsTheSession) {
  const Members members = stable_group("g", 1);
  for (int i = 0; i < 5; ++i) {
    environment.advance(9'000);
    EXPECT_EQ(commit_error(commit("g", "t", 0, i, {.member = members.ids[0], .generation = 1})),
              ErrorCode::kNone);
  }
  EXPECT_EQ(state("g"), "Stable");
}

}  // namespace
}  // namespace tributary::group
