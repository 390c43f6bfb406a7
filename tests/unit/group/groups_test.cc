// Loading, forgetting, restarting, unloading, describing.
#include "group_fixture.h"

namespace tributary::group {
namespace {

using GroupsInMemory = GroupFixture;

TEST_F(GroupsInMemory, RequestsWhileLoading_AreServedInOrderAfterIt) {
  environment.hold_loads = true;
  const Committed first = commit("g", "t", 0, 1);
  const Committed second = commit("g", "t", 0, 2);
  const Fetched fetched = fetch("g", {{"t", 0}});
  EXPECT_FALSE(first.arrived());
  EXPECT_EQ(environment.loads.size(), 1U);
  environment.hold_loads = false;
  environment.run();
  EXPECT_EQ(commit_error(first), ErrorCode::kNone);
  EXPECT_EQ(commit_error(second), ErrorCode::kNone);
  EXPECT_EQ(fetched->topics[0].partitions[0].committed_offset, 2);
}

TEST_F(GroupsInMemory, TooManyRequestsWhileLoading_AreSentAway) {
  config.max_requests_per_loading_group = 2;
  environment.hold_loads = true;
  commit("g", "t", 0, 1);
  commit("g", "t", 0, 2);
  EXPECT_EQ(commit_error(commit("g", "t", 0, 3)), ErrorCode::kCoordinatorLoadInProgress);
  EXPECT_EQ(fetch("g", {{"t", 0}})->error_code, ErrorCode::kCoordinatorLoadInProgress);
  EXPECT_EQ(join("g")->error_code, ErrorCode::kCoordinatorLoadInProgress);
  EXPECT_EQ(heartbeat("g", "m", 1), ErrorCode::kNone);  // its session begins anew anyway
  environment.hold_loads = false;
  environment.run();
  EXPECT_EQ(committed("g"), 2);
}

TEST_F(GroupsInMemory, FailedLoad_IsToldAndTriedAgain) {
  environment.view["g"].offsets[{"t", 0}].offset = 4;
  environment.failing_loads = 1;
  EXPECT_EQ(fetch("g", {{"t", 0}})->error_code, ErrorCode::kCoordinatorNotAvailable);
  EXPECT_EQ(committed("g"), 4);
}

TEST_F(GroupsInMemory, FailedReloadOfAGroupWithMembers_KeepsThem) {
  const Members members = stable_group("g", 1);
  commit("g", "t", 0, 1, {.member = members.ids[0], .generation = 1});
  environment.append_results = {ErrorCode::kMessageTooLarge};
  commit("g", "t", 0, 2, {.member = members.ids[0], .generation = 1});
  environment.failing_loads = 1;
  EXPECT_EQ(heartbeat("g", members.ids[0], 1), ErrorCode::kCoordinatorNotAvailable);
  EXPECT_EQ(heartbeat("g", members.ids[0], 1), ErrorCode::kNone);
  EXPECT_EQ(committed("g"), 1);
}

TEST_F(GroupsInMemory, ReloadDuringARebalance_GoesOnWithIt) {
  const Members members = stable_group("g", 2);
  const Joined a = join("g", {.member = members.ids[0]});
  environment.append_results = {ErrorCode::kMessageTooLarge};
  commit("g", "t", 0, 2, {.member = members.ids[1], .generation = 1});
  environment.hold_loads = true;
  const Joined b = join("g", {.member = members.ids[1]});
  environment.advance(60'000);
  environment.hold_loads = false;
  environment.run();
  // The rebalance ended without the one whose request waited for the load.
  EXPECT_EQ(a->generation_id, 2);
  EXPECT_EQ(b->error_code, ErrorCode::kUnknownMemberId);
}

TEST_F(GroupsInMemory, ReloadOfAGroupThatBegins_GoesOnWithIt) {
  const Members members = stable_group("g", 1);
  commit("g", "t", 0, 1, {.member = members.ids[0], .generation = 1});
  leave("g", {{members.ids[0], std::nullopt}});
  const std::string id = member_id("g");
  join("g", {.member = id});
  leave("g", {{id, std::nullopt}});
  environment.append_results = {ErrorCode::kNotEnoughReplicas};
  environment.topics.erase("t");
  coordinator->forget_topics({"t"}, "g");
  environment.run();
  EXPECT_EQ(state("g"), "PreparingRebalance");  // loads the offsets again
  environment.advance(3'000);
  EXPECT_EQ(state("g"), "Empty");
  EXPECT_EQ(environment.view["g"].metadata->generation, 3);
}

TEST_F(GroupsInMemory, IdleGroups_AreForgottenFromTheLeastRecentlyUsed) {
  config.max_cached_offsets = 6;  // an offset and its group count two
  for (const char* id : {"a", "b", "c"}) commit(id, "t", 0, 1);
  committed("a");
  commit("d", "t", 0, 1);
  EXPECT_EQ(coordinator->loaded_groups(), 3U);
  EXPECT_EQ(coordinator->state_of("b"), "");
  EXPECT_EQ(coordinator->state_of("a"), "Empty");
  EXPECT_EQ(probe.evicted_groups.value(), 1U);
  EXPECT_EQ(probe.cached_groups.value(), 3);
  EXPECT_EQ(probe.cached_offsets.value(), 3);
  EXPECT_EQ(committed("b"), 1);
  EXPECT_EQ(coordinator->state_of("c"), "");
}

TEST_F(GroupsInMemory, ManyUnknownGroups_DoNotStay) {
  config.max_cached_offsets = 100;
  for (int i = 0; i < 10'000; ++i) committed("nothing-" + std::to_string(i));
  EXPECT_LE(coordinator->loaded_groups(), 100U);
}

TEST_F(GroupsInMemory, GroupsWithMembersOrWorkUnderWay_Stay) {
  config.max_cached_offsets = 0;
  const Members members = stable_group("g", 1);
  environment.hold_appends = true;
  const Committed writing = commit("h", "t", 0, 1);
  committed("x");
  committed("y");
  EXPECT_EQ(coordinator->state_of("g"), "Stable");
  EXPECT_EQ(coordinator->state_of("h"), "Empty");
  EXPECT_EQ(coordinator->loaded_groups(), 3U);  // and the one used last
  environment.hold_appends = false;
  environment.run();
  EXPECT_EQ(commit_error(writing), ErrorCode::kNone);
  leave("g", {{members.ids[0], std::nullopt}});
  EXPECT_EQ(coordinator->loaded_groups(), 1U);
  EXPECT_EQ(committed("h"), 1);
}

TEST_F(GroupsInMemory, GroupLargerThanTheCache_IsNotLoadedForEachRequest) {
  config.max_cached_offsets = 2;
  for (int32_t partition = 0; partition < 8; ++partition) commit("g", "t", partition, 1);
  const size_t loads = environment.loads_done;
  for (int i = 0; i < 100; ++i) commit("g", "t", 0, i);
  EXPECT_EQ(environment.loads_done, loads);
  committed("h");
  EXPECT_EQ(coordinator->state_of("g"), "");
}

TEST_F(GroupsInMemory, Reload_WaitsForWhatIsUnderWay) {
  environment.hold_appends = true;
  const Committed fails = commit("g", "t", 0, 1);
  const Committed follows = commit("g", "t", 1, 2);
  environment.append_results = {ErrorCode::kMessageTooLarge};
  environment.run_append();
  const Fetched waits = fetch("g", {{"t", 1}});
  EXPECT_TRUE(environment.loads.empty());
  environment.hold_appends = false;
  environment.run();
  EXPECT_EQ(commit_error(follows), ErrorCode::kNone);
  EXPECT_EQ(waits->topics[0].partitions[0].committed_offset, 2);
}

TEST_F(GroupsInMemory, IdleGroupThatIsLoadedAgain_IsNotForgottenMeanwhile) {
  config.max_cached_offsets = 2;
  commit("g", "t", 0, 1);
  environment.append_results = {ErrorCode::kMessageTooLarge};
  commit("g", "t", 0, 2);
  environment.hold_loads = true;
  const Fetched waits = fetch("g", {{"t", 0}});
  commit("h", "t", 0, 1);
  environment.run_load();
  commit("i", "t", 0, 1);
  environment.hold_loads = false;
  environment.run();
  EXPECT_EQ(waits->topics[0].partitions[0].committed_offset, 1);
}

TEST_F(GroupsInMemory, ForgottenGroup_ComesBackWithItsGeneration) {
  config.max_cached_offsets = 0;
  const Members members = stable_group("g", 1);
  leave("g", {{members.ids[0], std::nullopt}});
  committed("other");
  EXPECT_EQ(coordinator->state_of("g"), "");
  EXPECT_EQ(stable_group("g", 1).generation, 3);
}

TEST_F(GroupsInMemory, Restart_KeepsMembersAndGeneration) {
  const Members members = stable_group("g", 3);
  commit("g", "t", 0, 1, {.member = members.ids[0], .generation = 1});
  restart();
  EXPECT_EQ(coordinator->state_of("g"), "Stable");
  EXPECT_EQ(coordinator->protocol_type_of("g"), "consumer");
  for (const std::string& id : members.ids) {
    EXPECT_EQ(heartbeat("g", id, 1), ErrorCode::kNone);
    EXPECT_EQ(as_text(sync("g", id, 1)->assignment), id);
  }
  EXPECT_EQ(committed("g"), 1);
  EXPECT_EQ(commit_error(commit("g", "t", 0, 2, {.member = members.ids[1], .generation = 1})),
            ErrorCode::kNone);
  EXPECT_EQ(join("g", {.member = members.ids[1]})->generation_id, 1);
}

TEST_F(GroupsInMemory, Restart_BeginsSessionsAnew) {
  const Members members = stable_group("g", 1, {.session_ms = 10'000});
  environment.advance(9'000);
  restart();
  environment.advance(9'999);
  EXPECT_EQ(state("g"), "Stable");
  environment.advance(1);
  EXPECT_EQ(state("g"), "Empty");
}

TEST_F(GroupsInMemory, RestartInTheMiddleOfARebalance_GoesBackToTheLastGeneration) {
  const Members members = stable_group("g", 2);
  const Joined waits = join("g", {.member = members.ids[0]});
  restart();
  EXPECT_EQ(waits->error_code, ErrorCode::kNotCoordinator);
  EXPECT_EQ(heartbeat("g", members.ids[1], 1), ErrorCode::kNone);
  const Joined a = join("g", {.member = members.ids[0]});
  const Joined b = join("g", {.member = members.ids[1]});
  EXPECT_EQ(a->error_code, ErrorCode::kNone);
}

TEST_F(GroupsInMemory, Unload_AnswersAllThatIsParked) {
  const Joined joining = join("joining", {.version = 3});
  const Joined a = join("g", {.version = 3});
  const Joined b = join("g", {.version = 3});
  environment.advance(3'000);
  environment.advance(3'000);
  const Joined also = join("joining", {.version = 3});
  const std::string leader(a->leader);
  const std::string other(a->leader == a->member_id ? b->member_id : a->member_id);
  const Synced syncing = sync("g", other, 1);
  environment.hold_appends = true;
  environment.hold_loads = true;
  const Synced leads = sync("g", leader, 1, {{leader, "L"}});
  const Committed committing = commit("joining", "t", 0, 1, {.member = "x", .generation = 9});
  const Committed loading = commit("loading", "t", 0, 1);
  environment.hold_loads = false;
  environment.run();
  const Fetched fetching = fetch("loading", {{"t", 0}});
  environment.hold_loads = true;
  const Fetched parked = fetch("other", {{"t", 0}});
  const size_t written = environment.pending.size();
  coordinator.reset();
  EXPECT_EQ(also->error_code, ErrorCode::kNotCoordinator);
  EXPECT_EQ(syncing->error_code, ErrorCode::kNotCoordinator);
  EXPECT_EQ(leads->error_code, ErrorCode::kNotCoordinator);
  EXPECT_EQ(commit_error(loading), ErrorCode::kNotCoordinator);
  EXPECT_EQ(fetching->error_code, ErrorCode::kNotCoordinator);
  EXPECT_EQ(parked->error_code, ErrorCode::kNotCoordinator);
  EXPECT_EQ(environment.pending.size(), written);
  EXPECT_EQ(environment.armed_timers(), 0U);
  environment.hold_appends = environment.hold_loads = false;
  environment.run();  // what comes back finds nobody
  for (const Gauge* gauge : {&probe.cached_groups, &probe.cached_offsets, &probe.empty, &probe.stable,
                             &probe.preparing_rebalance, &probe.completing_rebalance}) {
    EXPECT_EQ(gauge->value(), 0);
  }
}

TEST_F(GroupsInMemory, States_AreCounted) {
  stable_group("s", 1);
  commit("e", "t", 0, 1);
  join("p", {.version = 3});
  committed("nothing");
  EXPECT_EQ(probe.stable.value(), 1);
  EXPECT_EQ(probe.empty.value(), 1);
  EXPECT_EQ(probe.preparing_rebalance.value(), 1);
  environment.advance(3'000);
  EXPECT_EQ(probe.preparing_rebalance.value(), 0);
  EXPECT_EQ(probe.completing_rebalance.value(), 1);
  std::vector<std::string> loaded;
  coordinator->for_each_loaded([&](std::string_view id) { loaded.emplace_back(id); });
  EXPECT_THAT(loaded, testing::UnorderedElementsAre("s", "e", "p"));
  EXPECT_EQ(coordinator->state_of("p"), "CompletingRebalance");
  EXPECT_EQ(coordinator->state_of("nothing"), "Dead");
  EXPECT_EQ(coordinator->state_of("unheard"), "");
}

TEST_F(GroupsInMemory, Describe_TellsMembersOfAStableGroup) {
  const Members members = stable_group("g", 2);
  const Described described = describe("g");
  EXPECT_EQ(described->error_code, ErrorCode::kNone);
  EXPECT_EQ(described->group_state, "Stable");
  EXPECT_EQ(described->protocol_type, "consumer");
  EXPECT_EQ(described->protocol_data, "range");
  ASSERT_EQ(described->members.size(), 2U);
  for (const auto& member : described->members) {
    EXPECT_EQ(member.client_id, "c");
    EXPECT_EQ(member.client_host, "/h");
    EXPECT_EQ(as_text(member.member_metadata), "meta");
    EXPECT_EQ(as_text(member.member_assignment), member.member_id);
  }
}

TEST_F(GroupsInMemory, DescribeOfARebalancingGroup_LeavesProtocolAndMetadataOut) {
  const Members members = stable_group("g", 2);
  join("g", {.member = members.ids[0]});
  const Described described = describe("g");
  EXPECT_EQ(described->group_state, "PreparingRebalance");
  EXPECT_EQ(described->protocol_data, "");
  EXPECT_EQ(described->members.size(), 2U);
  EXPECT_TRUE(described->members[0].member_metadata.empty());
}

TEST_F(GroupsInMemory, DescribeOfAMissingGroup_DependsOnTheVersion) {
  for (int16_t version = 0; version <= 6; ++version) {
    const Described described = describe("none", version);
    EXPECT_EQ(described->group_state, "Dead");
    EXPECT_EQ(described->group_id, "none");
    EXPECT_EQ(described->error_code, version < 6 ? ErrorCode::kNone : ErrorCode::kGroupIdNotFound);
    if (version == 6) EXPECT_EQ(described->error_message, "Group none not found.");
  }
}

TEST_F(GroupsInMemory, LostCreation_LosesNothing) {
  environment.append_results = {ErrorCode::kNotEnoughReplicas};
  const std::string id = member_id("g");
  const Joined joined = join("g", {.member = id});
  environment.advance(3'000);
  EXPECT_EQ(joined->generation_id, 1);
  sync("g", id, 1, {{id, "x"}});
  EXPECT_EQ(environment.view["g"].metadata->members.size(), 1U);
}

TEST_F(GroupsInMemory, StoredGroupThatNoCoordinatorWrites_IsTakenAsFarAsItGoes) {
  StoredMetadata odd{.protocol_type = "consumer", .generation = 4, .leader = "gone"};
  odd.members.push_back({.id = "a", .instance_id = "i", .session_timeout_ms = -5});
  odd.members.push_back({.id = "a", .session_timeout_ms = 10'000});
  odd.members.push_back({.id = "b", .instance_id = "i", .session_timeout_ms = 10'000});
  environment.view["g"].metadata = odd;
  restart();
  const Described described = describe("g");
  EXPECT_EQ(described->members.size(), 1U);
  environment.advance(0);
  EXPECT_EQ(state("g"), "Empty");
  EXPECT_EQ(heartbeat("g", "a", 4), ErrorCode::kUnknownMemberId);
}

}  // namespace
}  // namespace tributary::group
