// Input nobody sends in good faith, and more of it than anybody expects.
#include "group_fixture.h"

namespace tributary::group {
namespace {

using HostileGroups = GroupFixture;

TEST_F(HostileGroups, LongestNames_AreServed) {
  const std::string longest(INT16_MAX, 'x');
  EXPECT_EQ(commit_error(commit(longest, "t", 0, 1)), ErrorCode::kNone);
  EXPECT_EQ(committed(longest), 1);
  EXPECT_EQ(describe(longest)->group_state, "Empty");
  EXPECT_EQ(delete_group(longest), ErrorCode::kNone);
  EXPECT_EQ(describe(longest)->error_code, ErrorCode::kGroupIdNotFound);
  EXPECT_EQ(heartbeat(longest, longest, 1, longest), ErrorCode::kUnknownMemberId);
}

TEST_F(HostileGroups, NamesTooLongForAMemberId_AreRefused) {
  const std::string longest(INT16_MAX, 'x');
  EXPECT_EQ(join("g", {.instance = longest})->error_code, ErrorCode::kInvalidRequest);
  wire::JoinGroupRequest request;
  request.group_id = "g";
  request.session_timeout_ms = 10'000;
  request.protocol_type = "consumer";
  request.protocols.emplace_back().name = "range";
  Joined answer;
  coordinator->join_group({.version = 4, .client_id = longest, .client_host = {}}, request, answer.reply(4));
  environment.run();
  EXPECT_EQ(answer->error_code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(state("g"), "Dead");
}

TEST_F(HostileGroups, TenThousandProtocols_AreNotQuadratic) {
  std::vector<std::pair<std::string, std::string>> protocols;
  for (int i = 0; i < 10'000; ++i) protocols.emplace_back("p" + std::to_string(i), "");
  std::vector<Joined> joins;
  for (int i = 0; i < 20; ++i) joins.push_back(join("g", {.protocols = protocols, .version = 3}));
  environment.advance(60'000);
  for (const Joined& joined : joins) EXPECT_EQ(joined->protocol_name, "p0");
}

TEST_F(HostileGroups, PendingMembers_AreBounded) {
  for (int i = 0; i < 10'000; ++i) member_id("g");
  EXPECT_EQ(join("g")->error_code, ErrorCode::kCoordinatorNotAvailable);
  EXPECT_EQ(environment.armed_timers(), 10'000U);
  environment.advance(10'000);
  EXPECT_EQ(environment.armed_timers(), 0U);
  member_id("g");
}

TEST_F(HostileGroups, GroupsWithMembers_AreBounded) {
  config.max_active_groups = 10;
  for (int i = 0; i < 10; ++i) member_id("g" + std::to_string(i));
  EXPECT_EQ(join("more")->error_code, ErrorCode::kCoordinatorNotAvailable);
  EXPECT_EQ(join("g0")->error_code, ErrorCode::kMemberIdRequired);
  EXPECT_EQ(commit_error(commit("simple", "t", 0, 1)), ErrorCode::kNone);
  environment.advance(10'000);
  EXPECT_EQ(join("more")->error_code, ErrorCode::kMemberIdRequired);
}

TEST_F(HostileGroups, ThousandGroupsRebalancing_DoNotDisturbEachOther) {
  std::vector<Joined> joins;
  for (int i = 0; i < 1'000; ++i) {
    joins.push_back(join("g" + std::to_string(i), {.version = 3}));
    joins.push_back(join("g" + std::to_string(i), {.version = 3}));
  }
  const Members quiet = stable_group("quiet", 1);
  environment.advance(3'000);
  for (const Joined& joined : joins) EXPECT_EQ(joined->generation_id, 1);
  EXPECT_EQ(heartbeat("quiet", quiet.ids[0], 1), ErrorCode::kNone);
  EXPECT_EQ(probe.completing_rebalance.value(), 1'000);
  // None of them syncs; each is emptied, and none is left behind.
  environment.advance(10 * 60'000);
  EXPECT_EQ(probe.completing_rebalance.value(), 0);
  EXPECT_EQ(probe.empty.value(), 1'001);
  EXPECT_EQ(environment.armed_timers(), 0U);
}

TEST_F(HostileGroups, CommitStorm_AnswersEveryRequestInOrder) {
  environment.hold_appends = true;
  std::vector<Committed> commits;
  for (int i = 0; i < 5'000; ++i) commits.push_back(commit("g", "t", 0, i));
  environment.hold_appends = false;
  environment.run();
  for (const Committed& answer : commits) EXPECT_EQ(commit_error(answer), ErrorCode::kNone);
  EXPECT_EQ(committed("g"), 4'999);
  EXPECT_EQ(environment.log.size(), 5'000U);
}

TEST_F(HostileGroups, OneCommitOfManyPartitions_IsOneBatch) {
  environment.add_topic("big", 100'000);
  wire::OffsetCommitRequest request;
  request.group_id = "g";
  auto& topic = request.topics.emplace_back();
  topic.name = "big";
  for (int32_t i = 0; i < 100'000; ++i) topic.partitions.emplace_back().partition_index = i;
  Committed answer;
  coordinator->offset_commit({.version = 9, .client_id = {}, .client_host = {}}, request, answer.reply(9));
  environment.run();
  EXPECT_EQ(answer->topics[0].partitions.size(), 100'000U);
  EXPECT_EQ(environment.log.size(), 1U);
  EXPECT_EQ(fetch_all("g")->topics[0].partitions.size(), 100'000U);
}

TEST_F(HostileGroups, ThousandMembers_RebalanceTogether) {
  const Members members = stable_group("g", 1'000);
  std::vector<Joined> joins;
  for (const std::string& id : members.ids) joins.push_back(join("g", {.member = id}));
  for (const Joined& joined : joins) EXPECT_EQ(joined->generation_id, 2);
}

TEST_F(HostileGroups, NegativeTimeouts_DoNoHarm) {
  const Joined joined = join("g", {.rebalance_ms = INT32_MIN, .version = 3});
  environment.advance(3'000);
  EXPECT_EQ(joined->error_code, ErrorCode::kNone);
  environment.advance(1);
  EXPECT_EQ(state("g"), "Empty");  // no time to sync in
}

TEST_F(HostileGroups, GenerationAtItsEnd_BeginsAgain) {
  StoredMetadata metadata{.protocol_type = "consumer", .generation = INT32_MAX};
  environment.view["g"].metadata = metadata;
  EXPECT_EQ(stable_group("g", 1).generation, 1);
}

}  // namespace
}  // namespace tributary::group
