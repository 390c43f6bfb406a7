#include "group_fixture.h"

namespace tributary::group {
namespace {

class SyncGroup : public GroupFixture {
 protected:
  // Two members that have been told of generation 1, the leader first.
  void SetUp() override {
    const Joined a = join("g", {.version = 3});
    const Joined b = join("g", {.version = 3});
    environment.advance(6'000);
    leader = std::string(a->leader);
    other = std::string(a->leader == a->member_id ? b->member_id : a->member_id);
  }

  std::string leader;
  std::string other;
};

TEST_F(SyncGroup, Assignments_ReachEveryMemberWhenTheRecordIsVisible) {
  const Synced waits = sync("g", other, 1);
  EXPECT_FALSE(waits.arrived());
  environment.hold_appends = true;
  const Synced leads = sync("g", leader, 1, {{leader, "L"}, {other, "O"}});
  EXPECT_FALSE(leads.arrived());
  EXPECT_EQ(state("g"), "CompletingRebalance");
  EXPECT_EQ(heartbeat("g", other, 1), ErrorCode::kNone);
  environment.hold_appends = false;
  environment.run();
  EXPECT_EQ(as_text(leads->assignment), "L");
  EXPECT_EQ(as_text(waits->assignment), "O");
  EXPECT_EQ(waits->protocol_name, "range");
  EXPECT_EQ(waits->protocol_type, "consumer");
  EXPECT_EQ(state("g"), "Stable");
  EXPECT_EQ(probe.completed_rebalances.value(), 1U);
  const StoredMetadata& stored = *environment.view["g"].metadata;
  EXPECT_EQ(stored.generation, 1);
  EXPECT_EQ(stored.protocol, "range");
  EXPECT_EQ(stored.leader, leader);
  EXPECT_EQ(stored.members.size(), 2U);
}

TEST_F(SyncGroup, MemberTheLeaderForgot_GetsAnEmptyAssignment) {
  sync("g", leader, 1, {{leader, "L"}, {"stranger", "S"}});
  const Synced synced = sync("g", other, 1);
  EXPECT_EQ(synced->error_code, ErrorCode::kNone);
  EXPECT_TRUE(synced->assignment.empty());
}

TEST_F(SyncGroup, WrongRequests_GetTheirErrors) {
  EXPECT_EQ(sync("", leader, 1)->error_code, ErrorCode::kInvalidGroupId);
  EXPECT_EQ(sync("none", leader, 1)->error_code, ErrorCode::kUnknownMemberId);
  EXPECT_EQ(sync("g", "stranger", 1)->error_code, ErrorCode::kUnknownMemberId);
  EXPECT_EQ(sync("g", leader, 2)->error_code, ErrorCode::kIllegalGeneration);
  EXPECT_EQ(sync("g", leader, 1, {}, 5, "i")->error_code, ErrorCode::kUnknownMemberId);
  commit("simple", "t", 0, 1);
  EXPECT_EQ(sync("simple", leader, 0)->error_code, ErrorCode::kUnknownMemberId);
}

TEST_F(SyncGroup, OtherProtocolThanTheGroups_IsInconsistent) {
  wire::SyncGroupRequest request;
  request.group_id = "g";
  request.member_id = leader;
  request.generation_id = 1;
  const auto error = [&](std::optional<std::string_view> type, std::optional<std::string_view> name) {
    request.protocol_type = type;
    request.protocol_name = name;
    Synced answer;
    coordinator->sync_group({.version = 5, .client_id = {}, .client_host = {}}, request, answer.reply(5));
    return answer->error_code;
  };
  EXPECT_EQ(error("consumer", "roundrobin"), ErrorCode::kInconsistentGroupProtocol);
  EXPECT_EQ(error("connect", "range"), ErrorCode::kInconsistentGroupProtocol);
  EXPECT_EQ(error(std::nullopt, "range"), ErrorCode::kInconsistentGroupProtocol);
  EXPECT_EQ(error("consumer", std::nullopt), ErrorCode::kInconsistentGroupProtocol);
}

TEST_F(SyncGroup, RebalanceBeforeTheAssignment_SendsParkedMembersBack) {
  const Synced waits = sync("g", other, 1);
  const Joined third = join("g", {.version = 3});
  EXPECT_EQ(waits->error_code, ErrorCode::kRebalanceInProgress);
  EXPECT_EQ(sync("g", leader, 1)->error_code, ErrorCode::kRebalanceInProgress);
}

TEST_F(SyncGroup, RebalanceWhileTheAssignmentIsWritten_DropsIt) {
  environment.hold_appends = true;
  const Synced leads = sync("g", leader, 1, {{leader, "L"}});
  const Joined third = join("g", {.version = 3});
  EXPECT_EQ(leads->error_code, ErrorCode::kRebalanceInProgress);
  environment.hold_appends = false;
  environment.run();
  EXPECT_EQ(state("g"), "PreparingRebalance");
  EXPECT_EQ(probe.completed_rebalances.value(), 0U);
}

TEST_F(SyncGroup, FailedWrite_IsToldAndRebalances) {
  const std::vector<std::pair<ErrorCode, ErrorCode>> mapping{
      {ErrorCode::kNotEnoughReplicas, ErrorCode::kCoordinatorNotAvailable},
      {ErrorCode::kRequestTimedOut, ErrorCode::kCoordinatorNotAvailable},
      {ErrorCode::kNotLeaderOrFollower, ErrorCode::kNotCoordinator},
      {ErrorCode::kKafkaStorageError, ErrorCode::kNotCoordinator},
      {ErrorCode::kMessageTooLarge, ErrorCode::kUnknownServerError},
      {ErrorCode::kRecordListTooLarge, ErrorCode::kUnknownServerError}};
  int32_t generation = 1;
  for (const auto& [failure, told] : mapping) {
    const Synced waits = sync("g", other, generation);
    environment.append_results = {failure};
    const Synced leads = sync("g", leader, generation, {{leader, "L"}});
    EXPECT_EQ(leads->error_code, told);
    EXPECT_EQ(waits->error_code, told);
    EXPECT_EQ(state("g"), "PreparingRebalance");
    const Joined a = join("g", {.member = leader});
    const Joined b = join("g", {.member = other});
    generation = a->generation_id;
  }
  sync("g", leader, generation, {{leader, "L"}});
  EXPECT_EQ(as_text(sync("g", leader, generation)->assignment), "L");
}

TEST_F(SyncGroup, RepeatedWhileParked_AnswersTheEarlierOne) {
  const Synced first = sync("g", other, 1);
  const Synced again = sync("g", other, 1);
  EXPECT_EQ(first->error_code, ErrorCode::kRebalanceInProgress);
  sync("g", leader, 1, {{other, "O"}});
  EXPECT_EQ(as_text(again->assignment), "O");
}

TEST_F(SyncGroup, LeaderRepeatsItselfWhileItsRecordIsWritten_TheFirstAssignmentCounts) {
  environment.hold_appends = true;
  const Synced first = sync("g", leader, 1, {{leader, "1"}});
  const Synced again = sync("g", leader, 1, {{leader, "2"}});
  EXPECT_EQ(first->error_code, ErrorCode::kRebalanceInProgress);
  environment.run_append();
  EXPECT_EQ(as_text(again->assignment), "1");
  environment.hold_appends = false;
  restart();
  EXPECT_EQ(as_text(sync("g", leader, 1)->assignment), "1");
}

TEST_F(SyncGroup, MembersThatNeverSync_AreDroppedAtTheRebalanceTimeout) {
  const Synced leads = sync("g", leader, 1, {{leader, "L"}});
  EXPECT_EQ(state("g"), "Stable");
  for (int i = 0; i < 12; ++i) {
    environment.advance(5'000);
    heartbeat("g", leader, 1);
    heartbeat("g", other, 1);  // alive, but does not sync
  }
  EXPECT_EQ(state("g"), "PreparingRebalance");
  EXPECT_EQ(heartbeat("g", other, 1), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(join("g", {.member = leader})->generation_id, 2);
}

TEST_F(SyncGroup, LeaderThatNeverSyncs_IsDroppedAndTheOthersRejoin) {
  const Synced waits = sync("g", other, 1);
  for (int i = 0; i < 12; ++i) {
    environment.advance(5'000);
    heartbeat("g", leader, 1);
  }
  EXPECT_EQ(waits->error_code, ErrorCode::kRebalanceInProgress);
  const Joined joined = join("g", {.member = other});
  EXPECT_EQ(joined->generation_id, 2);
  EXPECT_EQ(joined->leader, other);
}

TEST_F(SyncGroup, AllSynced_NobodyIsDropped) {
  sync("g", other, 1);
  sync("g", leader, 1, {{leader, "L"}});
  for (int i = 0; i < 30; ++i) {
    environment.advance(5'000);
    EXPECT_EQ(heartbeat("g", leader, 1), ErrorCode::kNone);
    EXPECT_EQ(heartbeat("g", other, 1), ErrorCode::kNone);
  }
}

TEST_F(SyncGroup, ParkedMember_DoesNotExpire) {
  const Synced waits = sync("g", other, 1);
  for (int i = 0; i < 8; ++i) {
    environment.advance(5'000);
    heartbeat("g", leader, 1);
  }
  EXPECT_FALSE(waits.arrived());
  sync("g", leader, 1, {{other, "O"}});
  EXPECT_EQ(as_text(waits->assignment), "O");
  environment.advance(9'999);
  EXPECT_EQ(heartbeat("g", other, 1), ErrorCode::kNone);
}

TEST_F(SyncGroup, OldVersions_AreAnsweredToo) {
  for (int16_t version = 0; version <= 4; ++version) {
    const Synced synced = sync("g", leader, 1, {{leader, "L"}}, version);
    EXPECT_EQ(as_text(synced->assignment), "L");
  }
}

}  // namespace
}  // namespace tributary::group
