#include "group_fixture.h"

namespace tributary::group {
namespace {

class StaticMember : public GroupFixture {
 protected:
  // Two static members in a stable group of generation 1; the leader first.
  void SetUp() override {
    const Joined a = join("g", spec("a"));
    const Joined b = join("g", spec("b"));
    environment.advance(6'000);
    leads_a = a->leader == a->member_id;
    leader_instance = leads_a ? "a" : "b";
    other_instance = leads_a ? "b" : "a";
    leader = std::string(leads_a ? a->member_id : b->member_id);
    other = std::string(leads_a ? b->member_id : a->member_id);
    sync("g", leader, 1, {{leader, "L"}, {other, "O"}});
    sync("g", other, 1);
  }

  static JoinSpec spec(const std::string& instance) {
    return {.instance = instance, .session_ms = 30'000, .rebalance_ms = 60'000};
  }

  bool leads_a = false;
  std::string leader_instance;
  std::string other_instance;
  std::string leader;
  std::string other;
};

TEST_F(StaticMember, IdBeginsWithTheInstance) { EXPECT_TRUE(leader.starts_with(leader_instance + "-")); }

TEST_F(StaticMember, BackUnchanged_KeepsItsAssignmentWithoutARebalance) {
  const Joined back = join("g", spec(other_instance));
  EXPECT_EQ(back->error_code, ErrorCode::kNone);
  EXPECT_EQ(back->generation_id, 1);
  EXPECT_NE(back->member_id, other);
  EXPECT_TRUE(back->members.empty());
  EXPECT_FALSE(back->skip_assignment);
  EXPECT_EQ(state("g"), "Stable");
  const std::string id(back->member_id);
  EXPECT_EQ(as_text(sync("g", id, 1)->assignment), "O");
  EXPECT_EQ(heartbeat("g", id, 1, other_instance), ErrorCode::kNone);
}

TEST_F(StaticMember, Replacement_IsWrittenBeforeItIsAnswered) {
  environment.hold_appends = true;
  const Joined back = join("g", spec(other_instance));
  EXPECT_FALSE(back.arrived());
  environment.hold_appends = false;
  environment.run();
  const auto& members = environment.view["g"].metadata->members;
  const auto stored = std::ranges::find(members, other_instance, &StoredMember::instance_id);
  ASSERT_NE(stored, members.end());
  EXPECT_EQ(stored->id, back->member_id);
  EXPECT_EQ(as_text(stored->assignment), "O");
}

TEST_F(StaticMember, DisplacedProcess_IsFenced) {
  join("g", spec(other_instance));
  EXPECT_EQ(heartbeat("g", other, 1, other_instance), ErrorCode::kFencedInstanceId);
  EXPECT_EQ(sync("g", other, 1, {}, 5, other_instance)->error_code, ErrorCode::kFencedInstanceId);
  EXPECT_EQ(join("g", {.member = other, .instance = other_instance})->error_code,
            ErrorCode::kFencedInstanceId);
  EXPECT_EQ(
      commit_error(commit("g", "t", 0, 1, {.member = other, .generation = 1, .instance = other_instance})),
      ErrorCode::kFencedInstanceId);
  EXPECT_EQ(leave("g", {{other, other_instance}})->members[0].error_code, ErrorCode::kFencedInstanceId);
  EXPECT_EQ(heartbeat("g", other, 1), ErrorCode::kUnknownMemberId);
}

TEST_F(StaticMember, ParkedRequestsOfTheDisplaced_AreFenced) {
  JoinSpec changed = spec(other_instance);
  changed.member = other;
  changed.protocols = {{"range", "new"}};
  const Joined parked = join("g", changed);
  EXPECT_FALSE(parked.arrived());
  const Joined back = join("g", spec(other_instance));
  EXPECT_EQ(parked->error_code, ErrorCode::kFencedInstanceId);
  EXPECT_FALSE(back.arrived());  // the rebalance goes on
  JoinSpec leads = spec(leader_instance);
  leads.member = leader;
  EXPECT_EQ(join("g", leads)->generation_id, 2);
  EXPECT_EQ(back->generation_id, 2);

  const std::string id(back->member_id);
  const Synced waits = sync("g", id, 2);
  const Joined again = join("g", spec(other_instance));
  EXPECT_EQ(waits->error_code, ErrorCode::kFencedInstanceId);
  EXPECT_EQ(state("g"), "PreparingRebalance");  // the leader may be assigning to the old id
}

TEST_F(StaticMember, LeaderBack_SkipsTheAssignmentSinceVersion9) {
  const Joined back = join("g", spec(leader_instance));
  EXPECT_TRUE(back->skip_assignment);
  EXPECT_EQ(back->leader, back->member_id);
  EXPECT_EQ(back->members.size(), 2U);
  EXPECT_EQ(state("g"), "Stable");
}

TEST_F(StaticMember, LeaderBackBeforeVersion9_IsToldOfTheOldLeader) {
  JoinSpec old = spec(leader_instance);
  old.version = 8;
  const Joined back = join("g", old);
  EXPECT_EQ(back->leader, leader);
  EXPECT_NE(back->member_id, leader);
  EXPECT_TRUE(back->members.empty());
}

TEST_F(StaticMember, BackWithOtherProtocolsAndTheSameChoice_DoesNotRebalance) {
  JoinSpec more = spec(other_instance);
  more.protocols = {{"range", "new"}, {"sticky", "s"}};
  EXPECT_EQ(join("g", more)->generation_id, 1);
  EXPECT_EQ(state("g"), "Stable");
}

TEST_F(StaticMember, BackWithAnotherChoice_Rebalances) {
  JoinSpec both = spec("i");
  both.protocols = {{"range", ""}, {"sticky", ""}};
  const Joined first = join("h", both);
  environment.advance(3'000);
  const std::string id(first->member_id);
  sync("h", id, 1, {{id, "I"}});
  both.protocols = {{"sticky", ""}, {"range", ""}};
  const Joined back = join("h", both);
  EXPECT_EQ(back->generation_id, 2);
  EXPECT_EQ(back->protocol_name, "sticky");
  EXPECT_EQ(state("h"), "CompletingRebalance");
}

TEST_F(StaticMember, KnownFollowerUnchanged_DoesNotRebalance) {
  JoinSpec again = spec(other_instance);
  again.member = other;
  EXPECT_EQ(join("g", again)->generation_id, 1);
  EXPECT_EQ(state("g"), "Stable");
}

TEST_F(StaticMember, FailedReplacement_LeavesTheOldProcessInPlace) {
  environment.append_results = {ErrorCode::kNotEnoughReplicas};
  const Joined back = join("g", spec(other_instance));
  EXPECT_EQ(back->error_code, ErrorCode::kCoordinatorNotAvailable);
  EXPECT_EQ(back->member_id, "");
  EXPECT_EQ(heartbeat("g", other, 1, other_instance), ErrorCode::kNone);
  EXPECT_EQ(as_text(sync("g", other, 1)->assignment), "O");
}

TEST_F(StaticMember, RebalanceDuringTheReplacement_AnswersItThen) {
  environment.hold_appends = true;
  const Joined back = join("g", spec(other_instance));
  JoinSpec leads = spec(leader_instance);
  leads.member = leader;
  const Joined leader_joined = join("g", leads);
  EXPECT_EQ(back->generation_id, 2);
  EXPECT_EQ(leader_joined->generation_id, 2);
  environment.append_results = {ErrorCode::kNotEnoughReplicas};
  environment.hold_appends = false;
  environment.run();
  EXPECT_EQ(heartbeat("g", std::string(back->member_id), 2, other_instance), ErrorCode::kNone);
}

TEST_F(StaticMember, Absent_KeepsItsPlaceUntilItsSessionEnds) {
  const Joined third = join("g", spec("c"));
  JoinSpec leads = spec(leader_instance);
  leads.member = leader;
  const Joined leader_joined = join("g", leads);
  for (int i = 0; i < 12; ++i) {
    environment.advance(5'000);
    heartbeat("g", other, 1, other_instance);
  }
  EXPECT_EQ(leader_joined->generation_id, 2);  // at the rebalance timeout
  EXPECT_EQ(leader_joined->members.size(), 3U);
}

TEST_F(StaticMember, OnlyAbsentStaticMembers_TheRebalanceWaits) {
  JoinSpec changed = spec(other_instance);
  changed.member = other;
  changed.protocols = {{"range", "new"}};
  const Joined joined = join("g", changed);
  leave("g", {{other, std::nullopt}});
  EXPECT_EQ(joined->error_code, ErrorCode::kUnknownMemberId);
  for (int i = 0; i < 20; ++i) {
    environment.advance(5'000);
    EXPECT_EQ(heartbeat("g", leader, 1, leader_instance), ErrorCode::kRebalanceInProgress);
  }
  JoinSpec leads = spec(leader_instance);
  leads.member = leader;
  EXPECT_EQ(join("g", leads)->generation_id, 2);
}

TEST_F(StaticMember, Restart_KeepsInstanceAndAssignment) {
  restart();
  EXPECT_EQ(heartbeat("g", other, 1, other_instance), ErrorCode::kNone);
  EXPECT_EQ(join("g", spec(other_instance))->generation_id, 1);
  EXPECT_EQ(heartbeat("g", other, 1, other_instance), ErrorCode::kFencedInstanceId);
}

}  // namespace
}  // namespace tributary::group
