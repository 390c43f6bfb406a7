#include "tributary/group/view.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tributary/wire/record_batch.h"
#include "tributary/wire/writer.h"

namespace tributary::group {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Uuid kTopic{{1, 2, 3}};
constexpr ProducerId kProducer{77};

CommittedOffset commit_of(Offset offset, TimestampMs at = 1'000) {
  return {.offset = offset, .leader_epoch = LeaderEpoch{4}, .metadata = "m", .commit_timestamp = at};
}

StoredMetadata metadata_of(std::vector<std::string> members) {
  StoredMetadata metadata{.protocol_type = "consumer", .generation = 3, .protocol = "range"};
  for (std::string& id : members)
    metadata.members.push_back({.id = std::move(id), .client_id = "c", .rebalance_timeout_ms = 5});
  return metadata;
}

Record foreign_record(int16_t type, std::string_view group, bool deletion = false) {
  wire::Writer key;
  key.write_int16(type);
  key.write_string(group, false);
  Record record{std::move(key.buffer()), std::vector<uint8_t>{0, 0, 1}};
  if (deletion) record.value.reset();
  return record;
}

class ViewTest : public testing::Test {
 protected:
  ViewTest() { open(); }
  void TearDown() override {
    view_.reset();
    std::filesystem::remove_all(root_);
  }

  void open(View::Options options = {.write_buffer_bytes = 1 << 20, .block_cache_bytes = 1 << 20}) {
    view_.reset();
    auto opened = View::open(directory(), options);
    ASSERT_TRUE(opened) << opened.error().message;
    view_ = std::move(*opened);
  }
  std::string directory() const { return (root_ / "groups").string(); }

  static LogRecord logged(Offset offset, const Record& record, ProducerId transaction = kNoProducer) {
    return {offset, record.key, record.value, transaction};
  }
  // One batch a record, as most are.
  void apply(int32_t partition, const Record& record, ProducerId transaction = kNoProducer) {
    auto changes = view_->begin(partition);
    ASSERT_TRUE(changes->add(logged(next_, record, transaction)));
    finish(*changes);
  }
  void mark(int32_t partition, bool commit, ProducerId producer = kProducer) {
    auto changes = view_->begin(partition);
    ASSERT_TRUE(changes->add(LogMarker{producer, commit}));
    finish(*changes);
  }
  void finish(View::Changes& changes) {
    ASSERT_TRUE(view_->apply(changes, {next_++, LeaderEpoch{4}, kTopic}));
  }
  void commit(std::string_view group, const TopicPartition& of, Offset offset,
              ProducerId transaction = kNoProducer) {
    apply(0, offset_commit_record(group, of, commit_of(offset)), transaction);
  }
  StoredGroup load(std::string_view group, int32_t partition = 0) {
    auto loaded = view_->load(partition, group);
    EXPECT_TRUE(loaded) << loaded.error().message;
    return loaded ? std::move(*loaded) : StoredGroup{};
  }
  Offset offset_of(std::string_view group, const TopicPartition& of) {
    const auto offsets = load(group).offsets;
    const auto found = offsets.find(of);
    return found == offsets.end() ? -1 : found->second.offset;
  }
  std::vector<std::string> groups(int32_t partition = 0, std::optional<std::string> after = std::nullopt,
                                  size_t limit = SIZE_MAX) {
    std::vector<std::string> ids;
    EXPECT_TRUE(view_->for_each_group(partition, after, [&](const GroupSummary& group) {
      ids.push_back(group.id);
      return ids.size() < limit;
    }));
    return ids;
  }

  const std::filesystem::path root_ =
      std::filesystem::temp_directory_path() / ("view_test_" + std::to_string(::getpid()));
  std::unique_ptr<View> view_;
  Offset next_ = 100;
};

// ---- what is kept

TEST_F(ViewTest, NewDatabase_HasNoPositionAndNoReason) {
  EXPECT_EQ(view_->position(0), std::nullopt);
  EXPECT_EQ(view_->reset_reason(), "");
  EXPECT_FALSE(load("g").exists());
}

TEST_F(ViewTest, AppliedRecords_LoadAsTheGroupTheyDescribe) {
  apply(0, group_metadata_record("g", metadata_of({"m1", "m2"})));
  commit("g", {"t", 0}, 5);
  commit("g", {"t", 1}, 6);
  commit("g", {"t", 0}, 7);
  StoredGroup expected;
  expected.metadata = metadata_of({"m1", "m2"});
  expected.offsets = {{{"t", 0}, commit_of(7)}, {{"t", 1}, commit_of(6)}};
  EXPECT_EQ(load("g"), expected);
  EXPECT_EQ(view_->position(0), (ViewPosition{103, LeaderEpoch{4}, kTopic}));
}

TEST_F(ViewTest, Tombstones_RemoveWhatTheyName) {
  apply(0, group_metadata_record("g", metadata_of({})));
  commit("g", {"t", 0}, 5);
  commit("g", {"t", 1}, 6);
  apply(0, offset_tombstone("g", {"t", 0}));
  EXPECT_EQ(load("g").offsets.size(), 1u);
  apply(0, offset_tombstone("g", {"t", 1}));
  apply(0, group_tombstone("g"));
  EXPECT_FALSE(load("g").exists());
  EXPECT_THAT(groups(), ElementsAre());
}

TEST_F(ViewTest, HostileNames_StayApart) {
  using namespace std::string_literals;
  const std::vector<std::string> names = {""s, "\0"s, "\0\0"s, "a"s, "a\0"s, "a\0b"s, "a\x01"s, "a\xff"s};
  for (size_t i = 0; i < names.size(); ++i) commit(names[i], {names[i], 3}, static_cast<Offset>(i));
  EXPECT_EQ(groups(), names);
  for (size_t i = 0; i < names.size(); ++i) EXPECT_EQ(offset_of(names[i], {names[i], 3}), Offset(i));
  std::vector<std::string> paged = groups(0, std::nullopt, 1);
  while (true) {
    const auto next = groups(0, paged.back(), 1);
    if (next.empty()) break;
    paged.push_back(next.front());
  }
  EXPECT_EQ(paged, names);
}

TEST_F(ViewTest, Partitions_AreApartAndDroppedAlone) {
  apply(0, offset_commit_record("g", {"t", 0}, commit_of(1)));
  apply(1, offset_commit_record("g", {"t", 0}, commit_of(2)));
  apply(2, offset_commit_record("g", {"t", 0}, commit_of(3)));
  ASSERT_TRUE(view_->drop(1));
  EXPECT_EQ(view_->position(1), std::nullopt);
  EXPECT_FALSE(load("g", 1).exists());
  EXPECT_EQ(load("g", 0).offsets.size(), 1u);
  EXPECT_EQ(load("g", 2).offsets.size(), 1u);
}

TEST_F(ViewTest, CorruptRecord_IsRefusedAndTheRestApplied) {
  auto changes = view_->begin(0);
  Record cut = offset_commit_record("g", {"t", 0}, commit_of(1));
  cut.value->resize(5);
  const auto refused = changes->add(logged(100, cut));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kCorruption);
  ASSERT_TRUE(changes->add(logged(101, offset_commit_record("g", {"t", 1}, commit_of(2)))));
  finish(*changes);
  EXPECT_EQ(load("g").offsets.size(), 1u);
}

TEST_F(ViewTest, ForeignTypes_TakeTheGroupsIdUntilTheyAreDeleted) {
  apply(0, foreign_record(3, "modern"));
  apply(0, foreign_record(5, "modern"));
  apply(0, foreign_record(99, "whatever"));
  EXPECT_TRUE(load("modern").foreign);
  EXPECT_FALSE(load("whatever").exists());
  EXPECT_THAT(groups(), ElementsAre("modern"));
  apply(0, foreign_record(3, "modern", true));
  EXPECT_TRUE(load("modern").foreign);
  apply(0, foreign_record(5, "modern", true));
  EXPECT_FALSE(load("modern").exists());
}

// ---- transactions

TEST_F(ViewTest, TransactionalCommit_HoldsWhenItsMarkerCommits) {
  commit("g", {"t", 0}, 5);
  commit("g", {"t", 0}, 6, kProducer);
  commit("h", {"t", 0}, 7, kProducer);
  commit("g", {"t", 0}, 8, ProducerId{78});
  EXPECT_EQ(offset_of("g", {"t", 0}), 5);
  EXPECT_EQ(load("g").pending_offsets.size(), 2u);
  EXPECT_EQ(load("g").pending_offsets[kProducer], (OffsetMap{{{"t", 0}, commit_of(6)}}));
  EXPECT_TRUE(load("h").exists());
  mark(0, true);
  EXPECT_EQ(offset_of("g", {"t", 0}), 6);
  EXPECT_EQ(offset_of("h", {"t", 0}), 7);
  EXPECT_EQ(load("g").pending_offsets.size(), 1u);
  EXPECT_TRUE(load("h").pending_offsets.empty());
}

TEST_F(ViewTest, TransactionalCommit_IsDroppedWhenItsMarkerAborts) {
  commit("g", {"t", 0}, 6, kProducer);
  mark(0, false);
  EXPECT_FALSE(load("g").exists());
}

TEST_F(ViewTest, LaterPlainCommit_OutlivesTheMarker) {
  commit("g", {"t", 0}, 6, kProducer);
  commit("g", {"t", 0}, 9);
  mark(0, true);
  EXPECT_EQ(offset_of("g", {"t", 0}), 9);
}

TEST_F(ViewTest, Deletion_TakesPendingOffsetsOfThatPartitionAlong) {
  commit("g", {"t", 0}, 5, kProducer);
  commit("g", {"t", 0}, 6, ProducerId{78});
  commit("g", {"t", 1}, 7, kProducer);
  apply(0, offset_tombstone("g", {"t", 0}));
  mark(0, true);
  mark(0, true, ProducerId{78});
  EXPECT_EQ(load("g").offsets, (OffsetMap{{{"t", 1}, commit_of(7)}}));
}

TEST_F(ViewTest, MarkerInTheSameChanges_SeesWhatCameBeforeIt) {
  auto changes = view_->begin(0);
  const Record record = offset_commit_record("g", {"t", 0}, commit_of(6));
  ASSERT_TRUE(changes->add(logged(100, record, kProducer)));
  ASSERT_TRUE(changes->add(LogMarker{kProducer, true}));
  finish(*changes);
  EXPECT_EQ(load("g").offsets, (OffsetMap{{{"t", 0}, commit_of(6)}}));
  EXPECT_TRUE(load("g").pending_offsets.empty());
}

TEST_F(ViewTest, OpenTransaction_SurvivesReopening) {
  commit("g", {"t", 0}, 6, kProducer);
  ASSERT_TRUE(view_->flush());
  open();
  mark(0, true);
  EXPECT_EQ(offset_of("g", {"t", 0}), 6);
}

// ---- listing

TEST_F(ViewTest, HundredThousandOffsets_ArePagedInOrder) {
  auto changes = view_->begin(7);
  for (int32_t i = 0; i < 100'000; ++i) {
    const Record record =
        offset_commit_record(fmt::format("group-{:05}", i / 10), {"t", i % 10}, commit_of(i));
    ASSERT_TRUE(changes->add(logged(i, record)));
    if (i % 5'000 == 4'999) {
      ASSERT_TRUE(view_->apply(*changes, {i, LeaderEpoch{4}, kTopic}));
      if (view_->unflushed_bytes() >= 1 << 20) ASSERT_TRUE(view_->flush());
      changes = view_->begin(7);
    }
  }
  size_t seen = 0;
  std::optional<std::string> after;
  while (true) {
    const auto page = groups(7, after, 999);
    if (page.empty()) break;
    for (const std::string& id : page) ASSERT_EQ(id, fmt::format("group-{:05}", seen++));
    after = page.back();
  }
  EXPECT_EQ(seen, 10'000u);
  EXPECT_EQ(load("group-09999", 7).offsets.size(), 10u);
  EXPECT_GT(view_->disk_bytes(), 0u);
}

TEST_F(ViewTest, Summary_TellsTypeMembersAndForeign) {
  apply(0, group_metadata_record("a", metadata_of({"m"})));
  apply(0, group_metadata_record("b", metadata_of({})));
  commit("c", {"t", 0}, 1);
  apply(0, foreign_record(3, "d"));
  std::vector<std::string> seen;
  ASSERT_TRUE(view_->for_each_group(0, std::nullopt, [&](const GroupSummary& group) {
    seen.push_back(
        fmt::format("{} '{}' {} {}", group.id, group.protocol_type, group.has_members, group.foreign));
    return true;
  }));
  EXPECT_THAT(seen, ElementsAre("a 'consumer' true false", "b 'consumer' false false", "c '' false false",
                                "d '' false true"));
}

TEST_F(ViewTest, GroupsWithMembers_AreThoseThatHaveSomeNow) {
  apply(0, group_metadata_record("a", metadata_of({"m"})));
  apply(0, group_metadata_record("b", metadata_of({"m"})));
  apply(0, group_metadata_record("c", metadata_of({"m"})));
  apply(1, group_metadata_record("d", metadata_of({"m"})));
  commit("e", {"t", 0}, 1);
  apply(0, group_metadata_record("b", metadata_of({})));
  apply(0, group_tombstone("c"));
  EXPECT_THAT(view_->groups_with_members(0).value(), ElementsAre("a"));
  ASSERT_TRUE(view_->drop(0));
  EXPECT_THAT(view_->groups_with_members(0).value(), ElementsAre());
}

TEST_F(ViewTest, Expired_ArePastTheirRetentionOrOwnExpiryOrEmpty) {
  const auto put = [&](std::string_view group, TimestampMs committed, TimestampMs expires) {
    CommittedOffset commit = commit_of(1, committed);
    commit.expire_timestamp = expires;
    apply(0, offset_commit_record(group, {"t", 0}, commit));
  };
  put("a-old", 1'000, kNoTimestamp);
  put("b-young", 9'000, kNoTimestamp);
  put("c-own-passed", 9'500, 9'600);
  put("d-own-to-come", 1'000, 99'000);
  apply(0, group_metadata_record("e-empty", metadata_of({})));
  apply(0, group_metadata_record("f-members", metadata_of({"m"})));
  for (const auto& [group, since] : {std::pair{"g-long-empty", 5'000}, {"h-just-empty", 5'001}}) {
    StoredMetadata metadata = metadata_of({});
    metadata.state_timestamp = since;
    apply(0, group_metadata_record(group, metadata));
    put(group, 9'000, kNoTimestamp);
  }
  std::vector<std::string> ids;
  ASSERT_TRUE(view_->for_each_expired(0, std::nullopt, {.now = 10'000, .retention_ms = 5'000},
                                      [&](const GroupSummary& group) {
                                        ids.push_back(group.id);
                                        return true;
                                      }));
  EXPECT_THAT(ids, ElementsAre("a-old", "c-own-passed", "e-empty", "g-long-empty"));
}

TEST_F(ViewTest, GroupsWithTopic_AreThoseWithAnOffsetOfIt) {
  commit("a", {"t", 0}, 1);
  commit("b", {"tt", 0}, 1);
  commit("c", {"s", 0}, 1);
  commit("c", {"u", 5}, 1);
  std::vector<std::string> ids;
  ASSERT_TRUE(view_->for_each_with_topic(0, std::nullopt, {"u", "t"}, [&](const GroupSummary& group) {
    ids.push_back(group.id);
    return true;
  }));
  EXPECT_THAT(ids, ElementsAre("a", "c"));
}

// ---- flushing

TEST_F(ViewTest, ReopenedAfterFlush_IsAsItWas) {
  commit("g", {"t", 0}, 5);
  ASSERT_TRUE(view_->flush());
  open();
  EXPECT_EQ(view_->reset_reason(), "");
  EXPECT_EQ(offset_of("g", {"t", 0}), 5);
  EXPECT_EQ(view_->position(0)->applied, 100);
}

TEST_F(ViewTest, ClosedWithoutFlush_LosesAllSinceTheLastOneAndNothingElse) {
  commit("g", {"t", 0}, 5);
  ASSERT_TRUE(view_->flush());
  commit("g", {"t", 0}, 6);
  ASSERT_TRUE(view_->drop(0));
  commit("g", {"t", 1}, 7);
  open();
  EXPECT_EQ(load("g").offsets, (OffsetMap{{{"t", 0}, commit_of(5)}}));
  EXPECT_EQ(view_->position(0)->applied, 100);
}

TEST_F(ViewTest, TooMuchUnflushed_IsRefusedUntilFlushed) {
  open({.write_buffer_bytes = 256 << 10, .block_cache_bytes = 1 << 20});
  const std::string blob(1000, 'x');
  Status applied;
  int32_t count = 0;
  for (; applied; ++count) {
    CommittedOffset large = commit_of(1);
    large.metadata = blob;
    auto changes = view_->begin(0);
    ASSERT_TRUE(changes->add(logged(next_, offset_commit_record("g", {"t", count}, large))));
    applied = view_->apply(*changes, {next_++, LeaderEpoch{4}, kTopic});
    ASSERT_LT(count, 10'000);
  }
  EXPECT_EQ(applied.error().code, Errc::kBusy);
  EXPECT_EQ(load("g").offsets.size(), static_cast<size_t>(count - 1));
  EXPECT_EQ(view_->disk_bytes(), View::open(directory() + "-fresh", {}).value()->disk_bytes());
  ASSERT_TRUE(view_->flush());
  commit("g", {"t", 0}, 1);
}

// ---- databases that cannot be used

class DamagedViewTest : public ViewTest {
 protected:
  void SetUp() override {
    commit("g", {"t", 0}, 5);
    ASSERT_TRUE(view_->flush());
    view_.reset();
  }
  void damage(std::string_view beginning, const std::function<void(const std::filesystem::path&)>& how) {
    for (const auto& entry : std::filesystem::directory_iterator(directory())) {
      if (entry.path().filename().string().starts_with(beginning)) how(entry.path());
    }
  }
  void expect_begun_anew() {
    open();
    EXPECT_NE(view_->reset_reason(), "");
    EXPECT_EQ(view_->position(0), std::nullopt);
    EXPECT_FALSE(load("g").exists());
    commit("g", {"t", 0}, 6);
    ASSERT_TRUE(view_->flush());
    open();
    EXPECT_EQ(view_->reset_reason(), "");
    EXPECT_EQ(offset_of("g", {"t", 0}), 6);
  }
  static void garble(const std::filesystem::path& path) {
    std::ofstream(path, std::ios::trunc) << "not what was written";
  }
};

TEST_F(DamagedViewTest, GarbledManifest_IsBegunAnew) {
  damage("MANIFEST", garble);
  expect_begun_anew();
}
TEST_F(DamagedViewTest, GarbledCurrent_IsBegunAnew) {
  damage("CURRENT", garble);
  expect_begun_anew();
}
TEST_F(DamagedViewTest, MissingManifest_IsBegunAnew) {
  damage("MANIFEST", [](const auto& path) { std::filesystem::remove(path); });
  expect_begun_anew();
}
TEST_F(DamagedViewTest, MissingTable_IsBegunAnew) {
  damage("0000", [](const auto& path) {
    if (path.extension() == ".sst") std::filesystem::remove(path);
  });
  expect_begun_anew();
}
TEST_F(DamagedViewTest, CutTable_IsBegunAnew) {
  damage("0000", [](const auto& path) {
    if (path.extension() == ".sst") std::filesystem::resize_file(path, 10);
  });
  expect_begun_anew();
}
TEST_F(DamagedViewTest, FlippedByteInATable_IsAnErrorToTheReader) {
  damage("0000", [](const auto& path) {
    if (path.extension() != ".sst") return;
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20);
    file.put('\x55');
  });
  auto opened = View::open(directory(), {});
  ASSERT_TRUE(opened);
  if ((*opened)->reset_reason().empty()) {
    const auto loaded = (*opened)->load(0, "g");
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, Errc::kCorruption);
  }
}
TEST_F(DamagedViewTest, MissingDirectory_IsMade) {
  std::filesystem::remove_all(directory());
  open();
  EXPECT_EQ(view_->position(0), std::nullopt);
}
TEST_F(DamagedViewTest, HeldByAnother_IsBusyAndLeftAlone) {
  open();
  const auto second = View::open(directory(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::kBusy);
  EXPECT_EQ(offset_of("g", {"t", 0}), 5);
}

// ---- whether a view goes with a log

LogState log_of(Offset start, Offset end, std::vector<std::pair<int32_t, Offset>> epochs) {
  return {.topic_id = kTopic,
          .start = start,
          .end = end,
          .cleaned_to = 0,
          .end_of_epoch = [=](LeaderEpoch asked) {  // as Log::end_offset_for_epoch
            if (raw(asked) < 0 || raw(asked) > epochs.back().first) return Offset{-1};
            for (const auto& [epoch, from] : epochs) {
              if (epoch > raw(asked)) return from;
            }
            return end;
          }};
}
constexpr ViewPosition at(Offset applied, int32_t epoch) { return {applied, LeaderEpoch{epoch}, kTopic}; }

TEST(ViewFault, ViewOfThisLog_HasNone) {
  const LogState log = log_of(0, 200, {{2, 0}, {3, 50}, {5, 120}});
  EXPECT_EQ(view_fault(at(49, 2), log), std::nullopt);
  EXPECT_EQ(view_fault(at(50, 3), log), std::nullopt);
  EXPECT_EQ(view_fault(at(119, 3), log), std::nullopt);
  EXPECT_EQ(view_fault(at(199, 5), log), std::nullopt);
}
TEST(ViewFault, ViewAheadOfTheLog_IsFound) {
  const LogState log = log_of(0, 200, {{2, 0}});
  EXPECT_EQ(view_fault(at(199, 2), log), std::nullopt);
  EXPECT_THAT(*view_fault(at(200, 2), log), HasSubstr("ends at 200"));
}
TEST(ViewFault, LogBeginsLater_IsFound) {
  const LogState log = log_of(101, 200, {{2, 101}});
  EXPECT_EQ(view_fault(at(100, 2), log), std::nullopt);
  EXPECT_THAT(*view_fault(at(99, 2), log), HasSubstr("begins at 101"));
}
TEST(ViewFault, OtherTopicOfThatName_IsFound) {
  LogState log = log_of(0, 200, {{2, 0}});
  log.topic_id = Uuid{{9}};
  EXPECT_THAT(*view_fault(at(100, 2), log), HasSubstr("another topic"));
}
TEST(ViewFault, OtherEpochAtThatOffset_IsFound) {
  const LogState log = log_of(0, 200, {{2, 0}, {3, 50}, {5, 120}});
  EXPECT_NE(view_fault(at(50, 2), log), std::nullopt);   // that epoch ended before
  EXPECT_NE(view_fault(at(49, 3), log), std::nullopt);   // it began after
  EXPECT_NE(view_fault(at(130, 4), log), std::nullopt);  // it never was
  EXPECT_NE(view_fault(at(130, 6), log), std::nullopt);  // nor that
}
TEST(ViewFault, TombstonesThatMayBeGone_AreFound) {
  LogState log = log_of(0, 200, {{2, 0}});
  log.cleaned_to = 101;
  EXPECT_EQ(view_fault(at(100, 2), log), std::nullopt);
  EXPECT_THAT(*view_fault(at(99, 2), log), HasSubstr("tombstones"));
}

}  // namespace
}  // namespace tributary::group
