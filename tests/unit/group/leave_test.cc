#include "group_fixture.h"

namespace tributary::group {
namespace {

using LeaveGroup = GroupFixture;

TEST_F(LeaveGroup, OneOfTwo_RebalancesTheOther) {
  const Members members = stable_group("g", 2);
  const Left left = leave("g", {{members.ids[0], std::nullopt}});
  EXPECT_EQ(left->error_code, ErrorCode::kNone);
  EXPECT_EQ(left->members.at(0).error_code, ErrorCode::kNone);
  EXPECT_EQ(left->members.at(0).member_id, members.ids[0]);
  EXPECT_EQ(heartbeat("g", members.ids[1], 1), ErrorCode::kRebalanceInProgress);
  EXPECT_EQ(join("g", {.member = members.ids[1]})->generation_id, 2);
}

TEST_F(LeaveGroup, Last_EmptiesTheGroupAndIsAnsweredWhenThatIsVisible) {
  const Members members = stable_group("g", 1);
  environment.hold_appends = true;
  const Left left = leave("g", {{members.ids[0], std::nullopt}});
  EXPECT_FALSE(left.arrived());
  environment.hold_appends = false;
  environment.run();
  EXPECT_EQ(left->members.at(0).error_code, ErrorCode::kNone);
  EXPECT_EQ(state("g"), "Empty");
  const StoredMetadata& stored = *environment.view["g"].metadata;
  EXPECT_EQ(stored.generation, 2);
  EXPECT_EQ(stored.protocol_type, "consumer");
  EXPECT_EQ(stored.protocol, std::nullopt);
  EXPECT_EQ(stored.leader, std::nullopt);
}

TEST_F(LeaveGroup, FailedWrite_IsTold) {
  const Members members = stable_group("g", 1);
  environment.append_results = {ErrorCode::kNotLeaderOrFollower};
  EXPECT_EQ(leave("g", {{members.ids[0], std::nullopt}})->error_code, ErrorCode::kNotCoordinator);
}

TEST_F(LeaveGroup, Batch_AnswersEach) {
  const Members members = stable_group("g", 2);
  const Joined joined = join("g", {.instance = "i", .version = 9});
  const std::string pending = member_id("g");
  const Left left = leave("g", {{members.ids[0], std::nullopt},
                                {"stranger", std::nullopt},
                                {pending, std::nullopt},
                                {"", "i"},
                                {"", "nobody"},
                                {"", std::nullopt},
                                {members.ids[1], "nobody"}});
  std::vector<ErrorCode> errors;
  for (const auto& member : left->members) errors.push_back(member.error_code);
  EXPECT_EQ(errors, (std::vector{ErrorCode::kNone, ErrorCode::kUnknownMemberId, ErrorCode::kNone,
                                 ErrorCode::kNone, ErrorCode::kUnknownMemberId, ErrorCode::kUnknownMemberId,
                                 ErrorCode::kUnknownMemberId}));
  EXPECT_EQ(left->members[3].group_instance_id, "i");
  EXPECT_EQ(joined->error_code, ErrorCode::kUnknownMemberId);
  EXPECT_EQ(join("g", {.member = members.ids[1]})->generation_id, 2);
}

TEST_F(LeaveGroup, BeforeVersion3_TheErrorIsTheAnswers) {
  const Members members = stable_group("g", 1);
  for (int16_t version = 0; version <= 2; ++version) {
    EXPECT_EQ(leave("g", {{"stranger", std::nullopt}}, version)->error_code, ErrorCode::kUnknownMemberId);
    EXPECT_EQ(leave("none", {{"stranger", std::nullopt}}, version)->error_code, ErrorCode::kUnknownMemberId);
  }
  EXPECT_EQ(leave("g", {{members.ids[0], std::nullopt}}, 2)->error_code, ErrorCode::kNone);
}

TEST_F(LeaveGroup, UnknownGroup_IsUnknownForEachMember) {
  const Left left = leave("none", {{"m", std::nullopt}});
  EXPECT_EQ(left->error_code, ErrorCode::kNone);
  EXPECT_EQ(left->members.at(0).error_code, ErrorCode::kUnknownMemberId);
  EXPECT_EQ(leave("", {{"m", std::nullopt}})->error_code, ErrorCode::kInvalidGroupId);
}

TEST_F(LeaveGroup, WhileTheOthersWait_CompletesTheirRebalance) {
  const Members members = stable_group("g", 3);
  const Joined a = join("g", {.member = members.ids[0]});
  const Joined b = join("g", {.member = members.ids[1]});
  leave("g", {{members.ids[2], std::nullopt}});
  EXPECT_EQ(a->generation_id, 2);
  EXPECT_EQ(b->generation_id, 2);
}

TEST_F(LeaveGroup, WhileParkedInSync_IsAnswered) {
  const Joined a = join("g", {.version = 3});
  const Joined b = join("g", {.version = 3});
  environment.advance(6'000);
  const std::string other(a->leader == a->member_id ? b->member_id : a->member_id);
  const Synced waits = sync("g", other, 1);
  leave("g", {{other, std::nullopt}});
  EXPECT_EQ(waits->error_code, ErrorCode::kUnknownMemberId);
}

TEST_F(LeaveGroup, DuringTheInitialDelay_LeavesTheTimerInCharge) {
  const std::string a = member_id("g");
  const std::string b = member_id("g");
  const Joined first = join("g", {.member = a});
  const Joined second = join("g", {.member = b});
  leave("g", {{b, std::nullopt}});
  EXPECT_EQ(second->error_code, ErrorCode::kUnknownMemberId);
  EXPECT_FALSE(first.arrived());
  environment.advance(6'000);
  EXPECT_EQ(first->members.size(), 1U);
}

TEST_F(LeaveGroup, EverybodyDuringTheInitialDelay_EmptiesTheGroup) {
  const std::string id = member_id("g");
  join("g", {.member = id});
  leave("g", {{id, std::nullopt}});
  environment.advance(60'000);
  EXPECT_EQ(state("g"), "Empty");
  EXPECT_EQ(environment.armed_timers(), 0U);
}

}  // namespace
}  // namespace tributary::group
