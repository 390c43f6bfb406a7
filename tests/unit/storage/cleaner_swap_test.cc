// How a pass stands beside everything else a log does: ranges, reads, swaps, crashes.
#include <gmock/gmock.h>

#include "cleaner_support.h"

namespace tributary::storage::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class CleanerSwapTest : public CleanerTest {
 protected:
  // Three closed segments, keys a to c in each.
  void fill() {
    for (int i = 0; i < 3; ++i) {
      put({{"a", std::to_string(i)}, {"b", std::to_string(i)}}, {.timestamp = kNow + i * 1000});
      put({{"c" + std::to_string(i), "1"}}, {.timestamp = kNow + i * 1000 + 5});
      roll();
    }
    settle();
  }
  std::unique_ptr<Cleaning> begin(CleaningOptions options = {}) {
    options.now = now;
    auto pass = the_log().begin_cleaning(options, the_log().end_offset());
    EXPECT_TRUE(pass.has_value());
    return std::move(*pass);
  }
  // Up to where a group is to be swapped in.
  static void go_to_swap(Cleaning& pass) {
    while (true) {
      const auto next = pass.step();
      ASSERT_TRUE(next.has_value()) << next.error().message;
      if (*next == Cleaning::Next::kSwap) return;
      ASSERT_EQ(*next, Cleaning::Next::kStep);
    }
  }
};

TEST_F(CleanerSwapTest, Clean_SmallSegments_BecomeOne) {
  fill();
  EXPECT_EQ(the_log().segment_count(), 4u);
  ASSERT_TRUE(clean());
  EXPECT_EQ(the_log().segment_count(), 2u);
  EXPECT_THAT(texts(), ElementsAre("2:c0=1", "6:c1=1", "8:a=2", "9:b=2", "10:c2=1"));
  EXPECT_THAT(files(), ElementsAre("00000000000000000000.index", "00000000000000000000.log",
                                   "00000000000000000000.timeindex", "00000000000000000011.log",
                                   "00000000000000000011.snapshot", "leader-epoch-checkpoint"));
}

TEST_F(CleanerSwapTest, Clean_IndexesOfResult_FindEveryOffsetAndTime) {
  config.index_interval_bytes = 1;
  fill();
  ASSERT_TRUE(clean());
  for (Offset at = 0; at < 11; ++at) {
    const auto back = read_from(the_log(), at, 1);
    ASSERT_TRUE(back.has_value());
    EXPECT_GE(wire::BatchView::parse(back->bytes)->last_offset(), at);
  }
  auto lookup = the_log().plan_timestamp_lookup(kNow + 1005, 100);
  EXPECT_EQ(lookup->execute(ReadMode::kBlocking)->offset, 6);
  // What a load from the files finds is what the pass left.
  const auto before = all_bytes();
  log.reset();
  open(true);
  EXPECT_EQ(all_bytes(), before);
  EXPECT_EQ(the_log().plan_timestamp_lookup(kNow + 1005, 100)->execute(ReadMode::kBlocking)->offset, 6);
}

TEST_F(CleanerSwapTest, Clean_ResultLargerThanASegment_GoesIntoSeveral) {
  fill();
  ASSERT_TRUE(clean({.longest_segment = 150}));
  EXPECT_GT(the_log().segment_count(), 2u);
  EXPECT_THAT(texts(), ElementsAre("2:c0=1", "6:c1=1", "8:a=2", "9:b=2", "10:c2=1"));
  const auto before = all_bytes();
  log.reset();
  open(true);
  EXPECT_EQ(all_bytes(), before);
}

// A marker above the high watermark may be cut off again, and then its transaction is not committed.
TEST_F(CleanerSwapTest, Range_OpenedWithAMarkerThatIsNotSettled_IsEmpty) {
  put({{"a", "1"}});
  put({{"a", "2"}}, {.producer_id = 5, .transactional = true});
  roll();
  const Offset marker = put_bytes(make_marker(5, 0, false));
  roll();
  settle();
  EXPECT_EQ(the_log().cleanable(now, marker).cleanable_bytes, 0u);
  ASSERT_TRUE(the_log().close());
  log.reset();
  open(true);
  EXPECT_EQ(the_log().cleanable(now, marker).cleanable_bytes, 0u);
  EXPECT_GT(the_log().cleanable(now, the_log().end_offset()).cleanable_bytes, 0u);
}

// Recovery does not look below the log's start, so what a power cut tore there is still torn.
TEST_F(CleanerSwapTest, Clean_TornSegmentBelowTheStart_IsNotRead) {
  fill();
  ASSERT_TRUE(the_log().advance_start_offset(8, the_log().end_offset()));
  auto file = fs.open("/logs/t-0/00000000000000000000.log", OpenMode::kReadWrite);
  ASSERT_TRUE(file && (*file)->truncate(70));
  const auto stats = clean();
  ASSERT_TRUE(stats.has_value()) << stats.error().message;
  EXPECT_THAT(texts(), ElementsAre("8:a=2", "9:b=2", "10:c2=1"));
}

TEST_F(CleanerSwapTest, Range_HighWatermarkAndRecoveryPoint_BoundIt) {
  fill();
  EXPECT_EQ(the_log().cleanable(now, 11).first_uncleanable, 11);
  EXPECT_EQ(the_log().cleanable(now, 6).first_uncleanable, 3) << "the segment that holds it";
  EXPECT_EQ(the_log().cleanable(now, 2).cleanable_bytes, 0u);
  the_log().note_checkpointed(5);
  EXPECT_EQ(the_log().cleanable(now, 11).first_uncleanable, 3);
}

TEST_F(CleanerSwapTest, Range_MinCompactionLag_LeavesTheYoung) {
  fill();
  config.min_compaction_lag_ms = 2500;
  the_log().set_config(config);
  EXPECT_EQ(the_log().cleanable(now, 11).first_uncleanable, 3);
  EXPECT_EQ(the_log().cleanable(now + 2500, 11).first_uncleanable, 11);
}

TEST_F(CleanerSwapTest, Choice_DirtyRatio_CountsCleanAndCleanableBytes) {
  fill();
  CleanableLog found = the_log().cleanable(now, 11);
  EXPECT_EQ(found.clean_bytes, 0u);
  EXPECT_DOUBLE_EQ(found.dirty_ratio(), 1);
  ASSERT_TRUE(clean());
  found = the_log().cleanable(now, 11);
  EXPECT_EQ(found.cleanable_bytes, 0u);
  EXPECT_FALSE(found.worth_cleaning(0));
  put({{"a", "9"}});
  roll();
  settle();
  found = the_log().cleanable(now, 100);
  EXPECT_GT(found.dirty_ratio(), 0);
  EXPECT_LT(found.dirty_ratio(), 0.5);
  EXPECT_FALSE(found.worth_cleaning(0));
  EXPECT_TRUE(found.worth_cleaning(1));
}

TEST_F(CleanerSwapTest, Choice_MaxCompactionLag_CountsFromOldestDirtySegment) {
  config.max_compaction_lag_ms = 10'000;
  fill();
  EXPECT_EQ(*the_log().cleanable(kNow + 10'000, 11).overdue_ms(), 0);
  EXPECT_EQ(*the_log().cleanable(kNow + 10'201, 11).overdue_ms(), 200) << "its first batch ends at kNow + 1";
  ASSERT_TRUE(clean());
  EXPECT_EQ(*the_log().cleanable(kNow + 100'000, 11).overdue_ms(), 0);
}

TEST_F(CleanerSwapTest, Roll_MaxCompactionLagBelowSegmentMs_ClosesTheSegment) {
  config.max_compaction_lag_ms = 5000;
  put({{"a", "1"}});
  put({{"a", "2"}}, {.timestamp = kNow + 6000});
  EXPECT_EQ(the_log().segment_count(), 2u);
}

TEST_F(CleanerSwapTest, Begin_WhileOneRuns_IsBusy) {
  fill();
  auto pass = begin();
  EXPECT_EQ(the_log().begin_cleaning({.now = now}, 11).error().code, Errc::kBusy);
  EXPECT_TRUE(the_log().is_being_cleaned());
  the_log().end_cleaning(*pass);
  EXPECT_TRUE(the_log().begin_cleaning({.now = now}, 11).has_value());
}

TEST_F(CleanerSwapTest, Begin_NothingDirty_IsRefused) {
  put({{"a", "1"}});
  settle();
  EXPECT_EQ(the_log().begin_cleaning({.now = now}, 1).error().code, Errc::kNotFound);
}

TEST_F(CleanerSwapTest, Swap_AppendsMeanwhile_StayAsTheyAre) {
  fill();
  auto pass = begin();
  go_to_swap(*pass);
  put({{"a", "later"}});
  roll();
  put({{"a", "latest"}});
  ASSERT_TRUE(the_log().swap_cleaned(*pass));
  EXPECT_EQ(*pass->step(), Cleaning::Next::kDone);
  EXPECT_THAT(texts(),
              ElementsAre("2:c0=1", "6:c1=1", "8:a=2", "9:b=2", "10:c2=1", "12:a=later", "14:a=latest"));
}

TEST_F(CleanerSwapTest, Swap_ReadPlannedBefore_ReadsWhatItPlanned) {
  fill();
  const auto before = read_from(the_log(), 0)->bytes;
  auto plan = the_log().plan_read({0, 1 << 20, Isolation::kLogEnd, true}, 100);
  auto lookup = the_log().plan_timestamp_lookup(kNow + 1005, 100);
  auto pass = begin();
  go_to_swap(*pass);
  auto removal = the_log().swap_cleaned(*pass);
  ASSERT_TRUE(removal.has_value());
  removal->run();  // even with file.delete.delay.ms=0
  std::vector<uint8_t> buffer(*plan->size(ReadMode::kBlocking));
  EXPECT_EQ(plan->execute(buffer, ReadMode::kBlocking)->bytes, before.size());
  EXPECT_EQ(buffer, before);
  EXPECT_EQ(lookup->execute(ReadMode::kBlocking)->offset, 6);
  the_log().end_cleaning(*pass);
}

TEST_F(CleanerSwapTest, Swap_ReadOfSegmentWithoutIndex_IsNotLedAstrayByTheNewOne) {
  put({{"a", "1"}});
  roll();
  settle();
  ASSERT_TRUE(fs.remove("/logs/t-0/00000000000000000000.index"));
  auto plan = the_log().plan_read({1, 1 << 20, Isolation::kLogEnd, true}, 100);
  ASSERT_TRUE(clean());
  EXPECT_GT(*plan->size(ReadMode::kBlocking), 0u);
}

TEST_F(CleanerSwapTest, Swap_OpenFiles_AreGivenBack) {
  fill();
  const size_t before = fs.open_files();
  ASSERT_TRUE(clean());
  EXPECT_LE(fs.open_files(), before + 1);
}

TEST_F(CleanerSwapTest, Pass_GivenUp_OpenFilesAreGivenBack) {
  fill();
  const size_t before = fs.open_files();
  auto pass = begin();
  go_to_swap(*pass);
  EXPECT_GT(fs.open_files(), before);
  pass->discard();
  the_log().end_cleaning(*pass);
  pass.reset();
  EXPECT_LE(fs.open_files(), before);
  EXPECT_EQ(records().size(), 9u);
}

TEST_F(CleanerSwapTest, Truncation_BelowThePass_CancelsIt) {
  fill();
  auto pass = begin();
  go_to_swap(*pass);
  ASSERT_TRUE(the_log().truncate_to(7));
  EXPECT_FALSE(the_log().swap_cleaned(*pass).has_value());
  EXPECT_EQ(*pass->step(), Cleaning::Next::kCancelled);
  pass->discard();
  the_log().end_cleaning(*pass);
  EXPECT_THAT(files(), Not(Contains(EndsWith(".cleaned"))));
  EXPECT_EQ(records().size(), 6u);
}

TEST_F(CleanerSwapTest, Truncation_BelowFirstDirtyOffset_LowersIt) {
  fill();
  ASSERT_TRUE(clean());
  EXPECT_EQ(the_log().first_dirty_offset(), 11);
  ASSERT_TRUE(the_log().truncate_to(8));
  EXPECT_LE(the_log().first_dirty_offset(), 8);
  EXPECT_LE(the_log().first_dirty_offset(), the_log().end_offset());
}

TEST_F(CleanerSwapTest, Close_DuringPass_CancelsIt) {
  fill();
  auto pass = begin();
  ASSERT_TRUE(pass->step());
  ASSERT_TRUE(the_log().close());
  EXPECT_EQ(*pass->step(), Cleaning::Next::kCancelled);
}

TEST_F(CleanerSwapTest, SetConfig_NoLongerCompacted_CancelsThePass) {
  fill();
  auto pass = begin();
  config.compact_policy = false;
  the_log().set_config(config);
  EXPECT_EQ(*pass->step(), Cleaning::Next::kCancelled);
}

TEST_F(CleanerSwapTest, Deletion_DuringPass_CancelsIt) {
  fill();
  auto pass = begin();
  Random random(1);
  ASSERT_TRUE(the_log().mark_deleted(Uuid::generate(random)));
  EXPECT_EQ(*pass->step(), Cleaning::Next::kCancelled);
  pass->discard();
}

TEST_F(CleanerSwapTest, Retention_TakesASourceAway_SwapIsRefused) {
  fill();
  auto pass = begin();
  go_to_swap(*pass);
  ASSERT_TRUE(*the_log().advance_start_offset(4, 11));
  ASSERT_TRUE(the_log().apply_retention(now, 11));
  EXPECT_EQ(the_log().start_offset(), 4);
  const auto swapped = the_log().swap_cleaned(*pass);
  ASSERT_FALSE(swapped.has_value());
  EXPECT_EQ(swapped.error().code, Errc::kBusy);
  pass->discard();
  the_log().end_cleaning(*pass);
  ASSERT_TRUE(clean());
  EXPECT_THAT(texts(), ElementsAre("6:c1=1", "8:a=2", "9:b=2", "10:c2=1"));
}

TEST_F(CleanerSwapTest, Retention_CompactOnly_DeletesBelowLogStartOnly) {
  config.retention_ms = 1;
  config.retention_bytes = 1;
  fill();
  now += 1'000'000;
  ASSERT_TRUE(the_log().apply_retention(now, 11));
  EXPECT_EQ(the_log().segment_count(), 4u);
  ASSERT_TRUE(*the_log().advance_start_offset(4, 11));
  ASSERT_TRUE(the_log().apply_retention(now, 11));
  EXPECT_EQ(the_log().segment_count(), 3u);
}

TEST_F(CleanerSwapTest, Swap_RenameFails_LogIsAsItWasAndCanBeCleanedLater) {
  for (uint64_t nth = 0;; ++nth) {
    begin_anew();
    fill();
    const auto before = all_bytes();
    auto pass = begin();
    go_to_swap(*pass);
    fs.fail_operations(fs.operations() + nth, 1, Errc::kIo);
    const auto swapped = the_log().swap_cleaned(*pass);
    fs.fail_operations(0, 0, Errc::kIo);
    if (swapped) {
      EXPECT_GT(nth, 5u);
      break;
    }
    pass->discard();
    the_log().end_cleaning(*pass);
    EXPECT_EQ(all_bytes(), before) << nth;
    EXPECT_THAT(files(), Not(Contains(HasSubstr(".swap")))) << nth;
    ASSERT_TRUE(clean()) << nth;
    EXPECT_EQ(records().size(), 5u) << nth;
  }
}

TEST_F(CleanerSwapTest, Swap_CrashAtEachOperation_OldOrNewContentIsFound) {
  for (uint64_t nth = 0;; ++nth) {
    begin_anew();
    fill();
    const auto before = records();
    const Offset end = the_log().end_offset();
    const uint64_t from = fs.operations();
    fs.crash_at(from + 1 + nth);
    const auto cleaned = clean();
    const bool over = fs.operations() < from + 1 + nth;
    log.reset();
    Random random(nth);
    nth % 2 == 0 ? fs.kill() : fs.crash(random);
    first_dirty.reset();
    open();
    EXPECT_EQ(the_log().end_offset(), end) << nth;
    const auto after = records();
    EXPECT_TRUE(after == before || after.size() == 5) << nth << ": " << after.size();
    if (cleaned) EXPECT_EQ(after.size(), 5u) << nth;
    for (const std::string& name : files()) {
      EXPECT_FALSE(name.ends_with(".swap") || name.ends_with(".cleaned") || name.ends_with(".deleted"))
          << name;
    }
    settle();
    ASSERT_TRUE(clean()) << nth;
    EXPECT_EQ(records().size(), 5u) << nth;
    if (over) break;
    ASSERT_LT(nth, 100u);
  }
}

TEST_F(CleanerSwapTest, Open_FirstDirtyOffsetAboveTheEnd_BeginsAtTheStart) {
  first_dirty = 1000;
  fill();
  EXPECT_EQ(the_log().first_dirty_offset(), 0);
}

TEST_F(CleanerSwapTest, Open_FirstDirtyOffsetOfEarlierRun_GoesOnThere) {
  fill();
  ASSERT_TRUE(clean());
  log.reset();
  open(true);
  EXPECT_EQ(the_log().first_dirty_offset(), 11);
  EXPECT_EQ(the_log().cleanable(now, 11).cleanable_bytes, 0u);
}

TEST_F(CleanerSwapTest, Begin_LeftoverOfAFailedPass_IsRemovedFirst) {
  fill();
  ASSERT_TRUE(fs.open("/logs/t-0/00000000000000000000.log.cleaned", OpenMode::kCreate));
  ASSERT_TRUE(fs.open("/logs/t-0/00000000000000000003.index.cleaned", OpenMode::kCreate));
  ASSERT_TRUE(clean());
  EXPECT_THAT(files(), Not(Contains(EndsWith(".cleaned"))));
  EXPECT_EQ(records().size(), 5u);
}

}  // namespace
}  // namespace tributary::storage::test
