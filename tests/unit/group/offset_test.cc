#include "group_fixture.h"

namespace tributary::group {
namespace {

using Offsets = GroupFixture;

constexpr int64_t kRetentionMs = 7LL * 86'400'000;

const wire::OffsetFetchResponse::OffsetFetchResponsePartitions& only(const Fetched& answer) {
  return answer->topics.at(0).partitions.at(0);
}

TEST_F(Offsets, SimpleConsumer_MakesTheGroupByCommitting) {
  environment.hold_appends = true;
  const Committed committing = commit("g", "t", 1, 42, {.metadata = "note"});
  EXPECT_FALSE(committing.arrived());
  environment.hold_appends = false;
  environment.run();
  EXPECT_EQ(commit_error(committing), ErrorCode::kNone);
  const auto fetched = fetch("g", {{"t", 1}});
  EXPECT_EQ(only(fetched).committed_offset, 42);
  EXPECT_EQ(only(fetched).committed_leader_epoch, -1);
  EXPECT_EQ(only(fetched).metadata, "note");
  EXPECT_EQ(state("g"), "Empty");
  const CommittedOffset& stored = environment.view["g"].offsets.at({"t", 1});
  EXPECT_EQ(stored.commit_timestamp, environment.wall_ms());
  EXPECT_EQ(stored.expire_timestamp, kNoTimestamp);
  EXPECT_EQ(stored.topic_id, environment.topic_id("t"));
  EXPECT_FALSE(environment.view["g"].metadata);
  EXPECT_EQ(probe.offset_commits.value(), 1U);
}

TEST_F(Offsets, EmptyGroupId_IsServed) {
  EXPECT_EQ(commit_error(commit("", "t", 0, 7)), ErrorCode::kNone);
  EXPECT_EQ(committed(""), 7);
}

TEST_F(Offsets, Commit_NeedsAMemberOfTheGeneration) {
  const Members members = stable_group("g", 1);
  const auto error = [&](CommitSpec spec) { return commit_error(commit("g", "t", 0, 1, std::move(spec))); };
  EXPECT_EQ(error({.member = members.ids[0], .generation = 1}), ErrorCode::kNone);
  EXPECT_EQ(error({.member = members.ids[0], .generation = 2}), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(error({.member = "stranger", .generation = 1}), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(error({}), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(error({.member = members.ids[0]}), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(error({.member = members.ids[0], .generation = 1, .instance = "i"}), ErrorCode::kUnknownMemberId);
}

TEST_F(Offsets, CommitToAMissingGroup_ErrorDependsOnTheVersion) {
  EXPECT_EQ(commit_error(commit("g", "t", 0, 1, {.member = "m", .generation = 1, .version = 8})),
            ErrorCode::kIllegalGeneration);
  EXPECT_EQ(commit_error(commit("g", "t", 0, 1, {.member = "m", .generation = 1, .version = 9})),
            ErrorCode::kGroupIdNotFound);
  EXPECT_EQ(state("g"), "Dead");
}

TEST_F(Offsets, CommitDuringARebalance_DependsOnThePhase) {
  const Members members = stable_group("g", 1);
  const Joined other = join("g", {.version = 3});
  EXPECT_EQ(commit_error(commit("g", "t", 0, 1, {.member = members.ids[0], .generation = 1})),
            ErrorCode::kNone);
  const Joined again = join("g", {.member = members.ids[0]});
  EXPECT_EQ(again->generation_id, 2);
  EXPECT_EQ(commit_error(commit("g", "t", 0, 2, {.member = members.ids[0], .generation = 2})),
            ErrorCode::kRebalanceInProgress);
  EXPECT_EQ(commit_error(commit("g", "t", 0, 2, {.member = members.ids[0], .generation = 1})),
            ErrorCode::kIllegalGeneration);
  EXPECT_EQ(committed("g"), 1);
}

TEST_F(Offsets, EmptyGroup_TakesCommitsWithoutGeneration) {
  const Members members = stable_group("g", 1);
  leave("g", {{members.ids[0], std::nullopt}});
  EXPECT_EQ(commit_error(commit("g", "t", 0, 5)), ErrorCode::kNone);
  EXPECT_EQ(commit_error(commit("g", "t", 0, 5, {.member = "m", .generation = 2})),
            ErrorCode::kUnknownMemberId);
}

TEST_F(Offsets, UnknownTopicsAndPartitions_FailAlone) {
  wire::OffsetCommitRequest request;
  request.group_id = "g";
  for (const auto& [name, partition] : {std::pair{"t", 0}, {"t", 8}, {"t", -1}, {"none", 0}}) {
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.partitions.emplace_back().partition_index = partition;
  }
  Committed answer;
  coordinator->offset_commit({.version = 9, .client_id = {}, .client_host = {}}, request, answer.reply(9));
  environment.run();
  std::vector<ErrorCode> errors;
  for (const auto& topic : answer->topics) errors.push_back(topic.partitions.at(0).error_code);
  EXPECT_EQ(errors, (std::vector{ErrorCode::kNone, ErrorCode::kUnknownTopicOrPartition,
                                 ErrorCode::kUnknownTopicOrPartition, ErrorCode::kUnknownTopicOrPartition}));
}

TEST_F(Offsets, OnlyUnknownTopics_MakeNoGroup) {
  EXPECT_EQ(commit_error(commit("g", "none", 0, 1)), ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(state("g"), "Dead");
  EXPECT_TRUE(environment.log.empty());
}

TEST_F(Offsets, UnknownPartition_KeepsItsErrorWhenTheGroupRefuses) {
  wire::OffsetCommitRequest request;
  request.group_id = "g";
  request.generation_id_or_member_epoch = 4;
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  topic.partitions.emplace_back().partition_index = 99;
  topic.partitions.emplace_back().partition_index = 0;
  Committed answer;
  coordinator->offset_commit({.version = 9, .client_id = {}, .client_host = {}}, request, answer.reply(9));
  environment.run();
  EXPECT_EQ(answer->topics[0].partitions[0].error_code, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(answer->topics[0].partitions[1].error_code, ErrorCode::kGroupIdNotFound);
}

TEST_F(Offsets, TopicIds_AreStoredAndHeldAgainst) {
  const Committed answer = commit("g", "t", 0, 1, {.version = 10});
  EXPECT_EQ(commit_error(answer), ErrorCode::kNone);
  EXPECT_EQ(answer->topics[0].topic_id, environment.topic_id("t"));
  EXPECT_EQ(environment.view["g"].offsets.at({"t", 0}).topic_id, environment.topic_id("t"));

  wire::OffsetFetchRequest::OffsetFetchRequestGroup request;
  request.group_id = "g";
  auto& topic = request.topics->emplace_back();
  topic.name = "t";
  topic.topic_id = environment.topic_id("t");
  topic.partition_indexes = {0};
  const auto offset = [&] {
    Fetched fetched;
    coordinator->offset_fetch({.version = 10, .client_id = {}, .client_host = {}}, request, false,
                              fetched.reply(10));
    return only(fetched).committed_offset;
  };
  EXPECT_EQ(offset(), 1);
  environment.add_topic("t", 8);  // made anew
  topic.topic_id = environment.topic_id("t");
  EXPECT_EQ(offset(), -1);
}

TEST_F(Offsets, TopicIdWithoutName_IsUnknown) {
  wire::OffsetCommitRequest request;
  request.group_id = "g";
  auto& topic = request.topics.emplace_back();
  topic.topic_id = Uuid{{9}};
  topic.partitions.emplace_back();
  Committed answer;
  coordinator->offset_commit({.version = 10, .client_id = {}, .client_host = {}}, request, answer.reply(10));
  environment.run();
  EXPECT_EQ(commit_error(answer), ErrorCode::kUnknownTopicId);
  EXPECT_EQ(answer->topics[0].topic_id, topic.topic_id);

  wire::OffsetFetchRequest::OffsetFetchRequestGroup fetch_request;
  fetch_request.group_id = "g";
  auto& asked = fetch_request.topics->emplace_back();
  asked.topic_id = Uuid{{9}};
  asked.partition_indexes = {3};
  Fetched fetched;
  coordinator->offset_fetch({.version = 10, .client_id = {}, .client_host = {}}, fetch_request, false,
                            fetched.reply(10));
  environment.run();
  EXPECT_EQ(only(fetched).error_code, ErrorCode::kUnknownTopicId);
  EXPECT_EQ(only(fetched).committed_offset, -1);
}

TEST_F(Offsets, Metadata_IsLimitedInCharacters) {
  config.offset_metadata_max_bytes = 4;
  EXPECT_EQ(commit_error(commit("g", "t", 0, 1, {.metadata = "1234"})), ErrorCode::kNone);
  EXPECT_EQ(commit_error(commit("g", "t", 0, 2, {.metadata = "12345"})), ErrorCode::kOffsetMetadataTooLarge);
  EXPECT_EQ(commit_error(commit("g", "t", 0, 3, {.metadata = "äöüß"})), ErrorCode::kNone);
  EXPECT_EQ(commit_error(commit("g", "t", 0, 4, {.metadata = "\xf0\x9f\x98\x80\xf0\x9f\x98\x80"})),
            ErrorCode::kNone);
  EXPECT_EQ(commit_error(commit("g", "t", 0, 5, {.metadata = "\xf0\x9f\x98\x80\xf0\x9f\x98\x80x"})),
            ErrorCode::kOffsetMetadataTooLarge);
  EXPECT_EQ(committed("g"), 4);
}

TEST_F(Offsets, NullMetadata_IsEmpty) {
  wire::OffsetCommitRequest request;
  request.group_id = "g";
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  auto& partition = topic.partitions.emplace_back();
  partition.committed_metadata = std::nullopt;
  partition.committed_leader_epoch = 5;
  Committed answer;
  coordinator->offset_commit({.version = 9, .client_id = {}, .client_host = {}}, request, answer.reply(9));
  environment.run();
  EXPECT_EQ(only(fetch("g", {{"t", 0}})).metadata, "");
  EXPECT_EQ(only(fetch("g", {{"t", 0}})).committed_leader_epoch, 5);
}

TEST_F(Offsets, RetentionOfOldClients_IsStored) {
  commit("g", "t", 0, 1, {.retention_ms = 1'000, .version = 2});
  EXPECT_EQ(environment.view["g"].offsets.at({"t", 0}).expire_timestamp, environment.wall_ms() + 1'000);
  commit("g", "t", 1, 1, {.retention_ms = INT64_MAX, .version = 4});
  EXPECT_EQ(environment.view["g"].offsets.at({"t", 1}).expire_timestamp, INT64_MAX);
  environment.advance(999);
  coordinator->expire_offsets("g");
  environment.run();
  EXPECT_EQ(committed("g"), 1);
  environment.advance(1);
  coordinator->expire_offsets("g");
  environment.run();
  EXPECT_EQ(committed("g"), -1);
  EXPECT_EQ(committed("g", "t", 1), 1);
}

TEST_F(Offsets, FailedCommit_IsToldAndLeavesTheOffset) {
  const std::vector<std::pair<ErrorCode, ErrorCode>> mapping{
      {ErrorCode::kNotEnoughReplicas, ErrorCode::kCoordinatorNotAvailable},
      {ErrorCode::kNotLeaderOrFollower, ErrorCode::kNotCoordinator},
      {ErrorCode::kMessageTooLarge, ErrorCode::kUnknownServerError}};
  commit("g", "t", 0, 1);
  for (const auto& [failure, told] : mapping) {
    environment.append_results = {failure};
    EXPECT_EQ(commit_error(commit("g", "t", 0, 2)), told);
    EXPECT_EQ(committed("g"), 1);
  }
}

TEST_F(Offsets, FailedCommitAmongOthers_TakesBackItsOwnOnly) {
  commit("g", "t", 0, 1);
  environment.hold_appends = true;
  const Committed a = commit("g", "t", 0, 2);
  const Committed b = commit("g", "t", 0, 3);
  const Committed c = commit("g", "t", 1, 9);
  environment.append_results = {ErrorCode::kNone, ErrorCode::kMessageTooLarge, ErrorCode::kNone};
  environment.hold_appends = false;
  environment.run();
  EXPECT_EQ(commit_error(a), ErrorCode::kNone);
  EXPECT_EQ(commit_error(b), ErrorCode::kUnknownServerError);
  EXPECT_EQ(commit_error(c), ErrorCode::kNone);
  EXPECT_EQ(committed("g"), 2);
  EXPECT_EQ(committed("g", "t", 1), 9);
}

TEST_F(Offsets, FailedCommitOfAMember_KeepsTheGroupTogether) {
  const Members members = stable_group("g", 2);
  const Joined waits = join("g", {.member = members.ids[0]});
  environment.append_results = {ErrorCode::kMessageTooLarge};
  EXPECT_EQ(commit_error(commit("g", "t", 0, 2, {.member = members.ids[1], .generation = 1})),
            ErrorCode::kUnknownServerError);
  EXPECT_EQ(join("g", {.member = members.ids[1]})->generation_id, 2);
  EXPECT_EQ(waits->generation_id, 2);
}

TEST_F(Offsets, Fetch_WaitsForWhatIsNotVisible) {
  commit("g", "t", 0, 1);
  environment.hold_appends = true;
  commit("g", "t", 0, 2, {.metadata = "two"});
  const Fetched waits = fetch("g", {{"t", 0}});
  const Fetched all = fetch_all("g", true);
  commit("g", "t", 0, 3, {.metadata = "three"});
  EXPECT_FALSE(waits.arrived());
  environment.run_append();
  EXPECT_EQ(only(waits).committed_offset, 2);  // not 3, which may never be
  EXPECT_EQ(only(waits).metadata, "two");
  EXPECT_EQ(only(all).committed_offset, 2);
}

TEST_F(Offsets, FetchBehindAFailedCommit_IsSentToRetry) {
  commit("g", "t", 0, 1);
  for (int16_t version : {1, 9}) {
    environment.hold_appends = true;
    commit("g", "t", 0, 2);
    const Fetched waits = fetch("g", {{"t", 0}}, false, version);
    environment.append_results = {ErrorCode::kMessageTooLarge};
    environment.hold_appends = false;
    environment.run();
    EXPECT_EQ(version == 1 ? only(waits).error_code : waits->error_code,
              ErrorCode::kCoordinatorLoadInProgress);
    EXPECT_EQ(committed("g"), 1);
  }
}

TEST_F(Offsets, FetchBehindAFailedCommitAndOneThatIsNot_IsSentToRetry) {
  commit("g", "t", 0, 1);
  environment.hold_appends = true;
  commit("g", "t", 0, 2);
  commit("g", "t", 1, 3);
  const Fetched waits = fetch("g", {{"t", 0}});
  environment.append_results = {ErrorCode::kMessageTooLarge, ErrorCode::kNone};
  environment.hold_appends = false;
  environment.run();
  EXPECT_EQ(waits->error_code, ErrorCode::kCoordinatorLoadInProgress);
}

TEST_F(Offsets, FetchOfWhatIsNotThere_IsMinusOneWithoutError) {
  const auto missing = fetch("none", {{"t", 0}, {"nowhere", 3}});
  EXPECT_EQ(missing->error_code, ErrorCode::kNone);
  for (const auto& topic : missing->topics) {
    EXPECT_EQ(topic.partitions.at(0).committed_offset, -1);
    EXPECT_EQ(topic.partitions.at(0).error_code, ErrorCode::kNone);
    EXPECT_EQ(topic.partitions.at(0).metadata, "");
  }
  commit("g", "t", 0, 1);
  EXPECT_EQ(committed("g", "t", 1), -1);
  EXPECT_TRUE(fetch_all("none")->topics.empty());
}

TEST_F(Offsets, FetchAll_IsByTopicAndPartition) {
  commit("g", "u", 2, 22);
  commit("g", "t", 1, 11);
  commit("g", "t", 0, 10);
  const auto all = fetch_all("g");
  ASSERT_EQ(all->topics.size(), 2U);
  EXPECT_EQ(all->topics[0].name, "t");
  EXPECT_EQ(all->topics[0].partitions.size(), 2U);
  EXPECT_EQ(all->topics[1].partitions[0].committed_offset, 22);
  environment.topics.erase("u");
  const auto by_id = fetch_all("g", false, 10);
  ASSERT_EQ(by_id->topics.size(), 1U);
  EXPECT_EQ(by_id->topics[0].topic_id, environment.topic_id("t"));
}

TEST_F(Offsets, OpenTransaction_IsUnstableOnlyForThoseWhoAsk) {
  environment.view["g"].offsets[{"t", 0}].offset = 1;
  environment.view["g"].pending_offsets[ProducerId{7}][{"t", 0}].offset = 2;
  environment.view["g"].pending_offsets[ProducerId{7}][{"t", 1}].offset = 3;
  EXPECT_EQ(committed("g"), 1);
  EXPECT_EQ(committed("g", "t", 1), -1);
  for (int32_t partition : {0, 1}) {
    const auto stable = fetch("g", {{"t", partition}}, true);
    EXPECT_EQ(only(stable).error_code, ErrorCode::kUnstableOffsetCommit);
    EXPECT_EQ(only(stable).committed_offset, -1);
  }
  EXPECT_EQ(only(fetch("g", {{"t", 2}}, true)).error_code, ErrorCode::kNone);
  EXPECT_EQ(only(fetch_all("g", true)).error_code, ErrorCode::kUnstableOffsetCommit);
}

TEST_F(Offsets, EmptiedGroup_ExpiresARetentionAfterItsLastMember) {
  const Members members = stable_group("g", 1, {.protocols = {{"range", subscription({"t"})}}});
  commit("g", "t", 0, 1, {.member = members.ids[0], .generation = 1});
  for (int i = 0; i < 3; ++i) {
    environment.set_wall(environment.wall_ms() + kRetentionMs);
    coordinator->expire_offsets("g");
    environment.run();
    EXPECT_EQ(committed("g"), 1);  // subscribed and stable
  }
  leave("g", {{members.ids[0], std::nullopt}});
  environment.set_wall(environment.wall_ms() + kRetentionMs - 1);
  coordinator->expire_offsets("g");
  environment.run();
  EXPECT_EQ(committed("g"), 1);
  environment.set_wall(environment.wall_ms() + 1);
  coordinator->expire_offsets("g");
  environment.run();
  EXPECT_EQ(committed("g"), -1);
  EXPECT_EQ(state("g"), "Dead");
  EXPECT_FALSE(environment.view.contains("g"));
  EXPECT_EQ(probe.offset_expirations.value(), 1U);
}

TEST_F(Offsets, StableGroup_LosesOffsetsOfTopicsItLeft) {
  const Members members = stable_group("g", 1, {.protocols = {{"range", subscription({"t"})}}});
  commit("g", "t", 0, 1, {.member = members.ids[0], .generation = 1});
  commit("g", "u", 0, 2, {.member = members.ids[0], .generation = 1});
  environment.set_wall(environment.wall_ms() + kRetentionMs);
  coordinator->expire_offsets("g");
  environment.run();
  EXPECT_EQ(committed("g"), 1);
  EXPECT_EQ(committed("g", "u"), -1);
  EXPECT_EQ(state("g"), "Stable");
}

TEST_F(Offsets, RebalancingGroup_ExpiresNothing) {
  const Members members = stable_group("g", 2, {.protocols = {{"range", subscription({"t"})}}});
  commit("g", "u", 0, 2, {.member = members.ids[0], .generation = 1});
  join("g", {.member = members.ids[0], .protocols = {{"range", subscription({"t"})}}});
  environment.set_wall(environment.wall_ms() + 10 * kRetentionMs);
  coordinator->expire_offsets("g");
  environment.run();
  EXPECT_EQ(committed("g", "u"), 2);
}

TEST_F(Offsets, MembersOfAnotherKind_KeepTheirOffsets) {
  const Members members = stable_group("g", 1, {.protocols = {{"range", "not a subscription"}}});
  commit("g", "t", 0, 1, {.member = members.ids[0], .generation = 1});
  environment.set_wall(environment.wall_ms() + 10 * kRetentionMs);
  coordinator->expire_offsets("g");
  environment.run();
  EXPECT_EQ(committed("g"), 1);
}

TEST_F(Offsets, SimpleConsumer_ExpiresFromEachCommit) {
  commit("g", "t", 0, 1);
  environment.set_wall(environment.wall_ms() + kRetentionMs / 2);
  commit("g", "t", 1, 2);
  environment.set_wall(environment.wall_ms() + kRetentionMs / 2);
  coordinator->expire_offsets("g");
  environment.run();
  EXPECT_EQ(committed("g"), -1);
  EXPECT_EQ(committed("g", "t", 1), 2);
  environment.set_wall(environment.wall_ms() + kRetentionMs);
  coordinator->expire_offsets("g");
  environment.run();
  EXPECT_EQ(state("g"), "Dead");
}

TEST_F(Offsets, OpenTransaction_KeepsAnExpiredOffsetAndItsGroup) {
  environment.view["g"].offsets[{"t", 0}] = {.offset = 1, .commit_timestamp = 1};
  environment.view["g"].pending_offsets[ProducerId{7}][{"t", 1}].offset = 2;
  environment.view["g"].pending_offsets[ProducerId{8}][{"t", 0}].offset = 3;
  coordinator->expire_offsets("g");
  environment.run();
  EXPECT_EQ(committed("g"), 1);
  EXPECT_TRUE(environment.log.empty());
}

TEST_F(Offsets, GroupWithoutAnything_GoesAtTheNextExpiry) {
  member_id("g");
  coordinator->expire_offsets("g");
  environment.run();
  EXPECT_EQ(state("g"), "Empty");  // somebody is about to join
  environment.advance(10'000);
  coordinator->expire_offsets("g");
  environment.run();
  EXPECT_EQ(state("g"), "Dead");
  EXPECT_FALSE(environment.view.contains("g"));
}

}  // namespace
}  // namespace tributary::group
