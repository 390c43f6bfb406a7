#include "group_fixture.h"

namespace tributary::group {
namespace {

using Deletion = GroupFixture;

TEST_F(Deletion, Group_GoesWithItsOffsets) {
  const Members members = stable_group("g", 1);
  commit("g", "t", 0, 1, {.member = members.ids[0], .generation = 1});
  EXPECT_EQ(delete_group("g"), ErrorCode::kNonEmptyGroup);
  leave("g", {{members.ids[0], std::nullopt}});
  EXPECT_EQ(delete_group("g"), ErrorCode::kNone);
  EXPECT_FALSE(environment.view.contains("g"));
  EXPECT_EQ(committed("g"), -1);
  EXPECT_EQ(state("g"), "Dead");
  EXPECT_EQ(delete_group("g"), ErrorCode::kGroupIdNotFound);
  EXPECT_EQ(delete_group("none"), ErrorCode::kGroupIdNotFound);
}

TEST_F(Deletion, GroupWithAnOpenTransaction_LosesItToo) {
  environment.view["g"].pending_offsets[ProducerId{7}][{"t", 0}].offset = 2;
  EXPECT_EQ(delete_group("g"), ErrorCode::kNone);
  ASSERT_EQ(environment.log.back().size(), 2U);
  EXPECT_EQ(environment.log.back()[0], offset_tombstone("g", {"t", 0}));
}

TEST_F(Deletion, FailedGroupDeletion_BringsTheGroupBack) {
  commit("g", "t", 0, 1);
  environment.append_results = {ErrorCode::kNotEnoughReplicas};
  EXPECT_EQ(delete_group("g"), ErrorCode::kCoordinatorNotAvailable);
  EXPECT_EQ(committed("g"), 1);
  EXPECT_EQ(state("g"), "Empty");
}

TEST_F(Deletion, GroupDeletedButNotVisibly_IsNotSeenFromTheViewAgain) {
  config.max_cached_offsets = 0;
  commit("g", "t", 0, 1);
  environment.hold_appends = true;
  Answer<wire::DeleteGroupsResponse::DeletableGroupResult> answer;
  coordinator->delete_group("g", answer.reply(2));
  environment.run();
  committed("other");
  EXPECT_EQ(state("g"), "Dead");
  const Fetched waits = fetch("g", {{"t", 0}});
  EXPECT_FALSE(waits.arrived());
  environment.hold_appends = false;
  environment.run();
  EXPECT_EQ(answer->error_code, ErrorCode::kNone);
  EXPECT_EQ(waits->topics[0].partitions[0].committed_offset, -1);
}

TEST_F(Deletion, PendingMemberOfADeletedGroup_IsUnknown) {
  const std::string id = member_id("g");
  EXPECT_EQ(delete_group("g"), ErrorCode::kNone);
  EXPECT_EQ(join("g", {.member = id})->error_code, ErrorCode::kUnknownMemberId);
  EXPECT_EQ(environment.armed_timers(), 0U);
}

TEST_F(Deletion, ManyOffsets_GoInBatchesThatFit) {
  environment.add_topic("big", 20'000);
  for (int32_t i = 0; i < 20'000; ++i) environment.view["g"].offsets[{"big", i}].offset = i;
  EXPECT_EQ(delete_group("g"), ErrorCode::kNone);
  EXPECT_FALSE(environment.view.contains("g"));
  size_t records = 0;
  for (const auto& batch : environment.log) {
    size_t bytes = 0;
    for (const Record& record : batch) bytes += record.key.size() + 32;
    EXPECT_LE(bytes, 256U << 10);
    records += batch.size();
  }
  EXPECT_EQ(records, 20'001U);
  EXPECT_EQ(environment.log.back().back(), group_tombstone("g"));
}

TEST_F(Deletion, OffsetsOfAnEmptyGroup_Go) {
  commit("g", "t", 0, 1);
  commit("g", "u", 0, 2);
  const OffsetsDeleted answer = delete_offsets("g", {{"t", 0}, {"t", 1}, {"none", 0}, {"u", 99}});
  EXPECT_EQ(answer->error_code, ErrorCode::kNone);
  std::vector<ErrorCode> errors;
  for (const auto& topic : answer->topics) errors.push_back(topic.partitions.at(0).error_code);
  EXPECT_EQ(errors, (std::vector{ErrorCode::kNone, ErrorCode::kNone, ErrorCode::kUnknownTopicOrPartition,
                                 ErrorCode::kUnknownTopicOrPartition}));
  EXPECT_EQ(committed("g"), -1);
  EXPECT_EQ(committed("g", "u"), 2);
  EXPECT_EQ(probe.offset_deletions.value(), 1U);
}

TEST_F(Deletion, OffsetsOfSubscribedTopics_Stay) {
  const Members members = stable_group("g", 1, {.protocols = {{"range", subscription({"t"})}}});
  for (const char* topic : {"t", "u"}) commit("g", topic, 0, 1, {.member = members.ids[0], .generation = 1});
  const OffsetsDeleted answer = delete_offsets("g", {{"t", 0}, {"u", 0}});
  EXPECT_EQ(answer->topics[0].partitions[0].error_code, ErrorCode::kGroupSubscribedToTopic);
  EXPECT_EQ(answer->topics[1].partitions[0].error_code, ErrorCode::kNone);
  EXPECT_EQ(committed("g"), 1);
  EXPECT_EQ(committed("g", "u"), -1);
}

TEST_F(Deletion, OffsetsOfConsumersThatCannotBeUnderstood_Stay) {
  const Members members = stable_group("g", 1, {.protocols = {{"range", "x"}}});
  commit("g", "t", 0, 1, {.member = members.ids[0], .generation = 1});
  EXPECT_EQ(delete_offsets("g", {{"t", 0}})->topics[0].partitions[0].error_code,
            ErrorCode::kGroupSubscribedToTopic);
}

TEST_F(Deletion, OffsetsOfGroupsThatCannotLoseThem_AreRefusedAsAWhole) {
  EXPECT_EQ(delete_offsets("", {{"t", 0}})->error_code, ErrorCode::kInvalidGroupId);
  EXPECT_EQ(delete_offsets("none", {{"t", 0}})->error_code, ErrorCode::kGroupIdNotFound);
  const Joined worker = join("connect", {.type = "connect", .version = 3});
  environment.advance(3'000);
  EXPECT_EQ(delete_offsets("connect", {{"t", 0}})->error_code, ErrorCode::kNonEmptyGroup);
}

TEST_F(Deletion, FailedOffsetDeletion_BringsThemBack) {
  commit("g", "t", 0, 1);
  environment.append_results = {ErrorCode::kNotEnoughReplicas};
  EXPECT_EQ(delete_offsets("g", {{"t", 0}})->error_code, ErrorCode::kCoordinatorNotAvailable);
  EXPECT_EQ(committed("g"), 1);
}

TEST_F(Deletion, DeletedTopic_TakesItsOffsetsAlong) {
  commit("g", "t", 0, 1);
  commit("g", "u", 0, 2);
  environment.topics.erase("t");
  coordinator->forget_topics({"t"}, "g");
  environment.run();
  EXPECT_FALSE(environment.view["g"].offsets.contains({"t", 0}));
  EXPECT_EQ(committed("g", "u"), 2);
}

TEST_F(Deletion, TopicMadeAnewMeanwhile_KeepsWhatWasCommittedForIt) {
  commit("g", "t", 0, 1);
  environment.view["g"].offsets[{"t", 2}].offset = 5;  // of before there were topic ids
  restart();
  environment.add_topic("t", 8);
  commit("g", "t", 1, 2);
  coordinator->forget_topics({"t"}, "g");
  environment.run();
  const OffsetMap& offsets = environment.view["g"].offsets;
  EXPECT_EQ(offsets.size(), 1U);
  EXPECT_TRUE(offsets.contains({"t", 1}));
}

TEST_F(Deletion, DeletedTopic_OfAGroupWithMembers) {
  const Members members = stable_group("g", 1, {.protocols = {{"range", subscription({"t"})}}});
  commit("g", "t", 0, 1, {.member = members.ids[0], .generation = 1});
  environment.topics.erase("t");
  coordinator->forget_topics({"t"}, "g");
  environment.run();
  EXPECT_EQ(committed("g"), -1);
  EXPECT_EQ(state("g"), "Stable");
}

}  // namespace
}  // namespace tributary::group
