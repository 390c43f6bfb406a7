#include "group_fixture.h"

namespace tributary::group {
namespace {

using JoinGroup = GroupFixture;

TEST_F(JoinGroup, FirstMember_BecomesLeaderAfterTheInitialDelay) {
  const std::string id = member_id("g");
  const Joined joined = join("g", {.member = id});
  environment.advance(2'999);
  EXPECT_FALSE(joined.arrived());
  environment.advance(1);
  EXPECT_EQ(joined->error_code, ErrorCode::kNone);
  EXPECT_EQ(joined->generation_id, 1);
  EXPECT_EQ(joined->leader, id);
  EXPECT_EQ(joined->protocol_name, "range");
  EXPECT_EQ(joined->protocol_type, "consumer");
  EXPECT_FALSE(joined->skip_assignment);
  ASSERT_EQ(joined->members.size(), 1U);
  EXPECT_EQ(as_text(joined->members[0].metadata), "meta");
}

TEST_F(JoinGroup, EmptyGroupId_IsRefused) {
  EXPECT_EQ(join("", {.member = "m"})->error_code, ErrorCode::kInvalidGroupId);
  EXPECT_EQ(join("", {.member = "m"})->member_id, "m");
}

TEST_F(JoinGroup, SessionTimeoutOutsideTheLimits_IsRefused) {
  EXPECT_EQ(join("g", {.session_ms = 5'999})->error_code, ErrorCode::kInvalidSessionTimeout);
  EXPECT_EQ(join("g", {.session_ms = 1'800'001})->error_code, ErrorCode::kInvalidSessionTimeout);
  EXPECT_EQ(join("g", {.session_ms = 6'000})->error_code, ErrorCode::kMemberIdRequired);
  EXPECT_EQ(join("g", {.session_ms = 1'800'000})->error_code, ErrorCode::kMemberIdRequired);
}

TEST_F(JoinGroup, WithoutMemberId_IsGivenOneSinceVersion4) {
  for (int16_t version = 4; version <= 9; ++version) {
    const Joined joined = join("g", {.version = version});
    EXPECT_EQ(joined->error_code, ErrorCode::kMemberIdRequired);
    EXPECT_TRUE(joined->member_id.starts_with("c-"));
    EXPECT_EQ(joined->generation_id, -1);
    EXPECT_EQ(joined->protocol_name, version >= 7 ? std::nullopt : std::optional<std::string_view>(""));
  }
  for (int16_t version = 0; version <= 3; ++version) {
    EXPECT_FALSE(join("old", {.version = version}).arrived());
  }
}

TEST_F(JoinGroup, NewGroup_IsWrittenEmpty) {
  member_id("g");
  ASSERT_TRUE(environment.view.contains("g"));
  const StoredMetadata& stored = *environment.view["g"].metadata;
  EXPECT_EQ(stored.generation, 0);
  EXPECT_EQ(stored.protocol_type, "");
  EXPECT_EQ(stored.protocol, std::nullopt);
  EXPECT_EQ(stored.state_timestamp, environment.wall_ms());
  EXPECT_EQ(state("g"), "Empty");
}

TEST_F(JoinGroup, RefusedJoin_MakesNoGroup) {
  EXPECT_EQ(join("g", {.protocols = {}})->error_code, ErrorCode::kInconsistentGroupProtocol);
  EXPECT_EQ(join("g", {.type = ""})->error_code, ErrorCode::kInconsistentGroupProtocol);
  EXPECT_TRUE(environment.log.empty());
  EXPECT_EQ(state("g"), "Dead");
}

TEST_F(JoinGroup, MemberIdNobodyGaveOut_IsUnknown) {
  EXPECT_EQ(join("g", {.member = "x"})->error_code, ErrorCode::kUnknownMemberId);
  EXPECT_EQ(join("g", {.member = "x"})->member_id, "x");
  member_id("g");
  EXPECT_EQ(join("g", {.member = "x"})->error_code, ErrorCode::kUnknownMemberId);
}

TEST_F(JoinGroup, PendingMember_ExpiresWithItsSession) {
  const std::string id = member_id("g", {.session_ms = 10'000});
  environment.advance(9'999);
  EXPECT_EQ(probe.expired_members.value(), 0U);
  environment.advance(1);
  EXPECT_EQ(probe.expired_members.value(), 1U);
  EXPECT_EQ(join("g", {.member = id})->error_code, ErrorCode::kUnknownMemberId);
}

TEST_F(JoinGroup, PendingMember_HoldsUpARebalanceUntilItExpires) {
  const Members members = stable_group("g", 1);
  member_id("g", {.session_ms = 8'000});
  const Joined leader = join("g", {.member = members.ids[0]});
  environment.advance(7'999);
  EXPECT_FALSE(leader.arrived());
  environment.advance(1);
  EXPECT_EQ(leader->generation_id, 2);
}

TEST_F(JoinGroup, PendingMemberWithInstanceId_IsUnknown) {
  const std::string id = member_id("g");
  EXPECT_EQ(join("g", {.member = id, .instance = "i"})->error_code, ErrorCode::kUnknownMemberId);
}

TEST_F(JoinGroup, NewMembers_ExtendTheInitialDelayUpToTheRebalanceTimeout) {
  const JoinSpec spec{.rebalance_ms = 8'000, .version = 3};
  std::vector<Joined> joins{join("g", spec)};
  for (int i = 0; i < 2; ++i) {
    environment.advance(2'000);  // 2 s, 4 s: both in time for another 3 s
    joins.push_back(join("g", spec));
  }
  environment.advance(3'999);  // 3 + 3 + 2 = 8 s after the first
  for (const Joined& joined : joins) EXPECT_FALSE(joined.arrived());
  environment.advance(1);
  for (const Joined& joined : joins) EXPECT_EQ(joined->generation_id, 1);
}

TEST_F(JoinGroup, NobodyNew_TheInitialDelayIsNotExtended) {
  const Joined joined = join("g", {.version = 3});
  environment.advance(3'000);
  EXPECT_EQ(joined->generation_id, 1);
}

TEST_F(JoinGroup, NoInitialDelay_CompletesAtOnce) {
  config.initial_rebalance_delay_ms = 0;
  const Joined joined = join("g", {.version = 3});
  environment.advance(0);
  EXPECT_EQ(joined->generation_id, 1);
}

TEST_F(JoinGroup, OnlyTheLeader_SeesTheMembers) {
  const Joined a = join("g", {.version = 3});
  const Joined b = join("g", {.version = 3});
  environment.advance(10'000);
  const Joined& leader = a->leader == a->member_id ? a : b;
  const Joined& other = a->leader == a->member_id ? b : a;
  EXPECT_EQ(leader->members.size(), 2U);
  EXPECT_TRUE(other->members.empty());
  EXPECT_EQ(other->leader, leader->member_id);
}

TEST_F(JoinGroup, Protocol_IsTheOneMostPrefer) {
  const Joined a = join("g", {.protocols = {{"x", ""}, {"y", ""}}, .version = 3});
  const Joined b = join("g", {.protocols = {{"y", ""}, {"x", ""}}, .version = 3});
  const Joined c = join("g", {.protocols = {{"z", ""}, {"y", ""}, {"x", ""}}, .version = 3});
  environment.advance(10'000);
  EXPECT_EQ(a->protocol_name, "y");
}

TEST_F(JoinGroup, NoCommonProtocol_IsInconsistent) {
  const Joined a = join("g", {.protocols = {{"x", ""}, {"y", ""}}, .version = 3});
  EXPECT_EQ(join("g", {.protocols = {{"z", ""}}})->error_code, ErrorCode::kInconsistentGroupProtocol);
  EXPECT_EQ(join("g", {.type = "connect"})->error_code, ErrorCode::kInconsistentGroupProtocol);
  const Joined b = join("g", {.protocols = {{"y", ""}}, .version = 3});
  EXPECT_EQ(join("g", {.protocols = {{"x", ""}}})->error_code, ErrorCode::kInconsistentGroupProtocol);
  environment.advance(10'000);
  EXPECT_EQ(a->protocol_name, "y");
  EXPECT_EQ(b->protocol_name, "y");
}

TEST_F(JoinGroup, MemberThatDropsTheCommonProtocol_IsInconsistent) {
  const Joined a = join("g", {.protocols = {{"x", ""}, {"y", ""}}, .version = 3});
  const Joined b = join("g", {.protocols = {{"y", ""}}, .version = 3});
  environment.advance(10'000);
  const std::string id(a->member_id);
  EXPECT_EQ(join("g", {.member = id, .protocols = {{"x", ""}}})->error_code,
            ErrorCode::kInconsistentGroupProtocol);
}

TEST_F(JoinGroup, ProtocolNamedTwice_CountsOnce) {
  const Joined a = join("g", {.protocols = {{"x", "1"}, {"x", "2"}}, .version = 3});
  EXPECT_EQ(join("g", {.protocols = {{"y", ""}}})->error_code, ErrorCode::kInconsistentGroupProtocol);
  const Joined b = join("g", {.protocols = {{"x", "3"}}, .version = 3});
  environment.advance(10'000);
  EXPECT_EQ(a->protocol_name, "x");
  const Joined& leader = a->members.empty() ? b : a;
  for (const auto& member : leader->members) {
    EXPECT_EQ(as_text(member.metadata), member.member_id == a->member_id ? "1" : "3");
  }
}

TEST_F(JoinGroup, FollowerOfAStableGroupUnchanged_GetsTheGenerationWithoutARebalance) {
  const Members members = stable_group("g", 2);
  const Joined joined = join("g", {.member = members.ids[1]});
  EXPECT_EQ(joined->generation_id, 1);
  EXPECT_TRUE(joined->members.empty());
  EXPECT_EQ(state("g"), "Stable");
}

TEST_F(JoinGroup, FollowerOfAStableGroupChanged_Rebalances) {
  const Members members = stable_group("g", 2);
  const Joined joined = join("g", {.member = members.ids[1], .protocols = {{"range", "other"}}});
  EXPECT_FALSE(joined.arrived());
  EXPECT_EQ(state("g"), "PreparingRebalance");
  EXPECT_EQ(heartbeat("g", members.ids[0], 1), ErrorCode::kRebalanceInProgress);
  const Joined leader = join("g", {.member = members.ids[0]});
  EXPECT_EQ(joined->generation_id, 2);
  EXPECT_EQ(leader->members.size(), 2U);
}

TEST_F(JoinGroup, LeaderOfAStableGroup_Rebalances) {
  const Members members = stable_group("g", 2);
  const Joined leader = join("g", {.member = members.ids[0]});
  EXPECT_FALSE(leader.arrived());
  const Joined other = join("g", {.member = members.ids[1]});
  EXPECT_EQ(leader->generation_id, 2);
  EXPECT_EQ(other->generation_id, 2);
}

TEST_F(JoinGroup, RepeatedWhileCompleting_GetsTheSameAnswer) {
  const std::string id = member_id("g");
  const Joined first = join("g", {.member = id});
  environment.advance(3'000);
  const Joined again = join("g", {.member = id});
  EXPECT_EQ(again->generation_id, 1);
  EXPECT_EQ(again->members.size(), 1U);
  const Joined changed = join("g", {.member = id, .protocols = {{"range", "other"}}});
  EXPECT_EQ(changed->generation_id, 2);
}

TEST_F(JoinGroup, RepeatedWhileParked_AnswersTheEarlierOne) {
  const std::string id = member_id("g");
  const Joined first = join("g", {.member = id});
  const Joined again = join("g", {.member = id});
  EXPECT_EQ(first->error_code, ErrorCode::kRebalanceInProgress);
  environment.advance(3'000);
  EXPECT_EQ(again->generation_id, 1);
}

TEST_F(JoinGroup, AbsentDynamicMembers_AreDroppedAtTheRebalanceTimeout) {
  const Members members = stable_group("g", 3, {.session_ms = 100'000, .rebalance_ms = 20'000});
  const Joined joined = join("g", {.member = members.ids[0], .session_ms = 100'000, .rebalance_ms = 20'000});
  environment.advance(19'999);
  EXPECT_FALSE(joined.arrived());
  environment.advance(1);
  EXPECT_EQ(joined->generation_id, 2);
  EXPECT_EQ(joined->members.size(), 1U);
  EXPECT_EQ(heartbeat("g", members.ids[1], 1), ErrorCode::kUnknownMemberId);
}

TEST_F(JoinGroup, AbsentLeader_AnotherIsElected) {
  const Members members = stable_group("g", 2, {.session_ms = 100'000, .rebalance_ms = 20'000});
  const Joined joined =
      join("g", {.member = members.ids[1], .protocols = {{"range", "new"}}, .session_ms = 100'000});
  environment.advance(60'000);
  EXPECT_EQ(joined->leader, members.ids[1]);
}

TEST_F(JoinGroup, RebalanceTimeout_IsTheLargestOfTheMembers) {
  const Joined a = join("g", {.session_ms = 100'000, .rebalance_ms = 10'000, .version = 3});
  const Joined b = join("g", {.session_ms = 100'000, .rebalance_ms = 30'000, .version = 3});
  environment.advance(10'000);
  const std::string id(a->member_id);
  const Joined again =
      join("g", {.member = id, .protocols = {{"range", "x"}}, .session_ms = 100'000, .rebalance_ms = 10'000});
  environment.advance(29'999);
  EXPECT_FALSE(again.arrived());
  environment.advance(1);
  EXPECT_TRUE(again.arrived());
}

TEST_F(JoinGroup, Version0_TakesTheSessionTimeoutForBoth) {
  const Joined a = join("g", {.session_ms = 12'000, .version = 0});
  environment.advance(3'000);
  sync("g", std::string(a->member_id), 1, {}, 0);
  EXPECT_EQ(environment.view["g"].metadata->members.at(0).rebalance_timeout_ms, 12'000);
}

TEST_F(JoinGroup, FullGroup_RefusesNewMembersAndKeepsItsOwn) {
  config.max_group_size = 2;
  const Members members = stable_group("g", 2);
  const Joined third = join("g", {.version = 3});
  EXPECT_EQ(third->error_code, ErrorCode::kGroupMaxSizeReached);
  EXPECT_EQ(third->member_id, "");
  EXPECT_EQ(heartbeat("g", members.ids[0], 1), ErrorCode::kNone);
  const Joined back = join("g", {.member = members.ids[1]});
  EXPECT_EQ(back->error_code, ErrorCode::kNone);
}

TEST_F(JoinGroup, PendingMemberOfAFullGroup_IsTurnedAwayAndHoldsNobodyUp) {
  config.max_group_size = 1;
  const Members members = stable_group("g", 1);
  const Joined pending = join("g");  // nothing but an id is given out: Kafka checks again on the second join
  ASSERT_EQ(pending->error_code, ErrorCode::kGroupMaxSizeReached);
  config.max_group_size = 2;
  const std::string id = member_id("g");
  config.max_group_size = 1;
  const Joined leader = join("g", {.member = members.ids[0]});
  EXPECT_FALSE(leader.arrived());
  EXPECT_EQ(join("g", {.member = id})->error_code, ErrorCode::kGroupMaxSizeReached);
  EXPECT_EQ(leader->generation_id, 2);
}

TEST_F(JoinGroup, GroupLargerThanTheLimitAfterARestart_LosesTheLastToCome) {
  const Members members = stable_group("g", 3);
  config.max_group_size = 2;
  restart();
  EXPECT_EQ(state("g"), "PreparingRebalance");
  const Joined a = join("g", {.member = members.ids[0]});
  const Joined b = join("g", {.member = members.ids[1]});
  EXPECT_EQ(join("g", {.member = members.ids[2]})->error_code, ErrorCode::kGroupMaxSizeReached);
  environment.advance(60'000);
  EXPECT_EQ(a->generation_id, 2);
  EXPECT_EQ(b->generation_id, 2);
}

TEST_F(JoinGroup, NewMemberThatGoesSilent_IsDroppedAfterFiveMinutes) {
  const Members members = stable_group("g", 1, {.session_ms = 600'000, .rebalance_ms = 900'000});
  const Joined fresh = join("g", {.session_ms = 10'000, .rebalance_ms = 900'000, .version = 3});
  environment.advance(299'999);
  EXPECT_FALSE(fresh.arrived());
  environment.advance(1);
  EXPECT_EQ(fresh->error_code, ErrorCode::kUnknownMemberId);
  EXPECT_EQ(fresh->member_id, "");
}

TEST_F(JoinGroup, KnownMemberThatWaits_DoesNotExpire) {
  const Members members = stable_group("g", 2, {.session_ms = 30'000, .rebalance_ms = 60'000});
  const Joined waits = join("g", {.member = members.ids[0], .session_ms = 10'000, .rebalance_ms = 60'000});
  for (int i = 0; i < 5; ++i) {
    environment.advance(10'000);
    heartbeat("g", members.ids[1], 1);
  }
  EXPECT_FALSE(waits.arrived());
  const Joined other = join("g", {.member = members.ids[1]});
  EXPECT_EQ(waits->error_code, ErrorCode::kNone);
  EXPECT_EQ(waits->members.size(), 2U);
}

TEST_F(JoinGroup, GroupOfANewerProtocol_IsRefused) {
  environment.view["g"].foreign = true;
  EXPECT_EQ(join("g")->error_code, ErrorCode::kInconsistentGroupProtocol);
  EXPECT_EQ(sync("g", "m", 1)->error_code, ErrorCode::kUnknownMemberId);
  EXPECT_EQ(heartbeat("g", "m", 1), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(commit_error(commit("g", "t", 0, 1)), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(delete_group("g"), ErrorCode::kNonEmptyGroup);
  EXPECT_EQ(describe("g")->error_code, ErrorCode::kGroupIdNotFound);
}

}  // namespace
}  // namespace tributary::group
