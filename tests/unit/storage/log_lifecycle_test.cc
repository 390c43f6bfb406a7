// Rolls, retention, truncation, sync, recovery.
#include "log_support.h"
#include "tributary/storage/memory_file_system.h"

namespace tributary::storage::test {
namespace {

class LogLifecycleTest : public testing::Test {
 protected:
  LogOptions options() {
    LogOptions made = options_for(fs_, config_);
    made.probe = &probe_;
    return made;
  }
  void open() { log_ = open_log(options()); }
  void reopen(bool clean) {
    log_.reset();
    fs_.kill();
    LogOptions again = options();
    again.clean_shutdown = clean;
    log_ = open_log(std::move(again));
  }
  std::vector<DirectoryEntry> list() { return fs_.list("/logs/t-0").value(); }
  void fill(int batches, TimestampMs from = kNow) {
    for (int i = 0; i < batches; ++i) {
      ASSERT_TRUE(append(*log_, make_batch({.records = 2, .value_size = 40, .timestamp = from + i})));
    }
  }

  MemoryFileSystem fs_;
  LogProbe probe_;
  LogConfig config_;
  std::unique_ptr<Log> log_;
};

TEST_F(LogLifecycleTest, NewLog_WritesOnlyLogAndMetadata) {
  LogOptions made = options();
  Random random(1);
  made.topic_id = Uuid::generate(random);
  log_ = open_log(made);
  std::vector<std::string> names;
  for (const DirectoryEntry& entry : list()) names.push_back(entry.name);
  EXPECT_EQ(names, (std::vector<std::string>{"00000000000000000000.log", "partition.metadata"}));
  reopen(false);
  EXPECT_EQ(log_->topic_id(), made.topic_id);
}

// Kafka takes an empty segment without them for a damaged one.
TEST_F(LogLifecycleTest, CloseOfAnEmptyLog_LeavesItsIndexFiles) {
  open();
  ASSERT_TRUE(log_->close());
  std::vector<std::string> names;
  for (const DirectoryEntry& entry : list()) names.push_back(entry.name);
  EXPECT_THAT(names, testing::IsSupersetOf({"00000000000000000000.index", "00000000000000000000.timeindex"}));
  EXPECT_EQ(*read_file(fs_, "/logs/t-0/00000000000000000000.timeindex"), "");
  reopen(true);
  fill(1);
  EXPECT_EQ(log_->end_offset(), 2);
}

TEST_F(LogLifecycleTest, Roll_BySize_SegmentsFollowOneAnother) {
  config_.segment_bytes = 500;
  open();
  fill(10);
  EXPECT_GE(log_->segment_count(), 4u);
  EXPECT_EQ(base_offsets(read_from(*log_, 0)->bytes).front(), 0);
}

TEST_F(LogLifecycleTest, Roll_ByTimeOfRecords) {
  config_.segment_ms = 1000;
  open();
  fill(1, kNow - 5000);
  fill(1, kNow - 4500);
  EXPECT_EQ(log_->segment_count(), 1u);
  fill(1, kNow);
  EXPECT_EQ(log_->segment_count(), 2u);
}

TEST_F(LogLifecycleTest, Roll_ByIndexSize) {
  config_.index_interval_bytes = 1;
  config_.segment_index_bytes = 80;  // ten entries, six of time
  open();
  fill(40);
  EXPECT_GE(log_->segment_count(), 4u);
}

TEST_F(LogLifecycleTest, Retention_ByTime_RollsLoneExpiredSegment) {
  config_.retention_ms = 1000;
  open();
  fill(3);
  EXPECT_TRUE(log_->apply_retention(kNow + 500, 6)->empty());
  EXPECT_TRUE(log_->apply_retention(kNow + 5000, 4)->empty());  // not above the high watermark
  const auto removal = log_->apply_retention(kNow + 5000, 6);
  ASSERT_TRUE(removal);
  EXPECT_FALSE(removal->empty());
  EXPECT_EQ(log_->start_offset(), 6);
  EXPECT_EQ(log_->end_offset(), 6);
  EXPECT_EQ(log_->size_bytes(), 0u);
}

TEST_F(LogLifecycleTest, Retention_BySize_KeepsAtLeastThatMuch) {
  config_.segment_bytes = 500;
  config_.retention_bytes = 1200;
  open();
  fill(30);
  ASSERT_TRUE(log_->apply_retention(kNow, 60));
  EXPECT_GE(log_->size_bytes(), 1200u);
  EXPECT_LT(log_->size_bytes(), 1200u + 500u);
}

TEST_F(LogLifecycleTest, Retention_CompactedTopic_DropsOnlyBelowStart) {
  config_.segment_bytes = 500;
  config_.retention_bytes = 0;
  config_.delete_policy = false;
  config_.compact_policy = true;
  open();
  fill(20);
  EXPECT_TRUE(log_->apply_retention(kNow, 40)->empty());
  ASSERT_TRUE(log_->advance_start_offset(20, 40));
  auto removal = log_->apply_retention(kNow, 40);
  EXPECT_FALSE(removal->empty());
  EXPECT_EQ(log_->start_offset(), 20);
}

TEST_F(LogLifecycleTest, DeleteRecords_AboveHighWatermark_OutOfRange) {
  open();
  fill(3);
  EXPECT_EQ(log_->advance_start_offset(5, 4).error().code, Errc::kOutOfRange);
  EXPECT_TRUE(*log_->advance_start_offset(4, 4));
  EXPECT_FALSE(*log_->advance_start_offset(3, 4));
}

TEST_F(LogLifecycleTest, Truncate_IntoEarlierSegment_GoesOnFromThere) {
  config_.segment_bytes = 500;
  open();
  fill(20);
  ASSERT_TRUE(log_->truncate_to(11));  // inside the batch of 10 and 11
  EXPECT_EQ(log_->end_offset(), 10);
  fill(5);
  EXPECT_EQ(log_->end_offset(), 20);
  reopen(false);
  EXPECT_EQ(log_->end_offset(), 20);
}

TEST_F(LogLifecycleTest, Truncate_TakesBackProducersAndEpochs) {
  open();
  ASSERT_TRUE(append(*log_, make_batch({.producer_id = 1}), AppendOrigin::kClient, LeaderEpoch{1}));
  ASSERT_TRUE(
      append(*log_, make_batch({.producer_id = 1, .sequence = 1}), AppendOrigin::kClient, LeaderEpoch{2}));
  EXPECT_EQ(log_->latest_epoch(), LeaderEpoch{2});
  ASSERT_TRUE(log_->truncate_to(1));
  EXPECT_EQ(log_->latest_epoch(), LeaderEpoch{1});
  const auto again = append(*log_, make_batch({.producer_id = 1, .sequence = 1}));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->duplicate);
}

TEST_F(LogLifecycleTest, TruncateFully_StartsAnewAtOffset) {
  config_.segment_bytes = 500;
  open();
  fill(10);
  ASSERT_TRUE(log_->truncate_fully_and_start_at(1000));
  EXPECT_EQ(log_->start_offset(), 1000);
  EXPECT_EQ(log_->end_offset(), 1000);
  fill(1);
  EXPECT_EQ(base_offsets(read_from(*log_, 1000)->bytes), std::vector<Offset>{1000});
}

TEST_F(LogLifecycleTest, Sync_MovesRecoveryPoint_UnlessTruncatedMeanwhile) {
  open();
  EXPECT_FALSE(log_->begin_sync());
  fill(3);
  auto ticket = log_->begin_sync();
  ASSERT_TRUE(ticket);
  EXPECT_EQ(log_->recovery_point(), 0);
  ASSERT_TRUE(ticket->run());
  ASSERT_TRUE(log_->sync_done(*ticket));
  EXPECT_EQ(log_->recovery_point(), 6);
  fill(3);
  auto stale = log_->begin_sync();
  ASSERT_TRUE(stale->run());
  ASSERT_TRUE(log_->truncate_to(4));
  fill(5);
  ASSERT_TRUE(log_->sync_done(*stale));
  EXPECT_EQ(log_->recovery_point(), 4);
}

TEST_F(LogLifecycleTest, SyncDue_ByMessagesTimeAndRoll) {
  config_.flush_messages = 3;
  open();
  fill(1);
  EXPECT_FALSE(log_->sync_due(kNow));
  fill(1);
  EXPECT_TRUE(log_->sync_due(kNow));
  config_.flush_messages = INT64_MAX;
  config_.flush_ms = 100;
  log_->set_config(config_);
  EXPECT_FALSE(log_->sync_due(kNow + 50));
  EXPECT_TRUE(log_->sync_due(kNow + 150));
}

TEST_F(LogLifecycleTest, Recovery_TornTail_IsCutAndCounted) {
  open();
  fill(5);
  const std::string path = "/logs/t-0/00000000000000000000.log";
  const uint64_t size = log_->size_bytes();
  log_.reset();
  {
    const auto file = fs_.open(path, OpenMode::kReadWrite);
    ASSERT_TRUE((*file)->truncate(size - 10));
  }
  reopen(false);
  EXPECT_EQ(log_->end_offset(), 8);
  EXPECT_GT(probe_.truncated_bytes.value(), 0u);
  fill(1);
  EXPECT_EQ(log_->end_offset(), 10);
}

TEST_F(LogLifecycleTest, Recovery_BadBatchInMiddle_DropsAllBehindIt) {
  config_.segment_bytes = 500;
  open();
  fill(20);
  ASSERT_TRUE(fs_.flip_bit("/logs/t-0/00000000000000000000.log", 100, 1));
  reopen(false);
  EXPECT_EQ(log_->end_offset(), 0);
  EXPECT_EQ(log_->segment_count(), 1u);
  EXPECT_EQ(probe_.corrupt_batches.value(), 1u);
}

TEST_F(LogLifecycleTest, Recovery_Cancelled_EndsAtTheNextSegmentAndCanBeDoneAgain) {
  config_.segment_bytes = 500;
  open();
  fill(20);
  log_.reset();
  std::atomic<bool> cancelled = true;
  LogOptions again = options();
  again.cancelled = &cancelled;
  const auto left = Log::open(again);
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().code, Errc::kCancelled);
  cancelled = false;
  log_ = open_log(again);
  EXPECT_EQ(log_->end_offset(), 40);
}

TEST_F(LogLifecycleTest, Recovery_ProducersAndTransactions_AreRebuilt) {
  config_.segment_bytes = 300;
  open();
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(append(*log_, make_batch({.producer_id = 1, .sequence = i})));
  ASSERT_TRUE(append(*log_, make_batch({.producer_id = 2, .transactional = true})));
  ASSERT_TRUE(append(*log_, make_marker(2, 0, true), AppendOrigin::kCoordinator));
  ASSERT_TRUE(append(*log_, make_batch({.producer_id = 3, .transactional = true})));
  for (const bool clean : {false, true}) {
    if (clean) ASSERT_TRUE(log_->close());
    reopen(clean);
    EXPECT_TRUE(append(*log_, make_batch({.producer_id = 1, .sequence = 5}))->duplicate);
    EXPECT_EQ(log_->last_stable_offset(log_->end_offset()), 8);
    const auto back = read(*log_, {6, 10000, Isolation::kCommitted, true}, log_->end_offset());
    ASSERT_TRUE(back);
    ASSERT_EQ(back->aborted.size(), 1u);
    EXPECT_EQ(back->aborted[0].first_offset, 6);
  }
}

TEST_F(LogLifecycleTest, CleanOpen_MissingIndex_IsRebuilt) {
  config_.segment_bytes = 2000;
  config_.index_interval_bytes = 100;
  open();
  fill(60);
  ASSERT_TRUE(log_->close());
  ASSERT_TRUE(fs_.remove("/logs/t-0/00000000000000000000.index"));
  reopen(true);
  EXPECT_EQ(log_->end_offset(), 120);
  EXPECT_TRUE(fs_.exists("/logs/t-0/00000000000000000000.index"));
}

TEST_F(LogLifecycleTest, Open_LeftoversOfCleaningAndDeletion_AreCleared) {
  open();
  fill(3);
  ASSERT_TRUE(log_->close());
  for (const char* name : {"00000000000000000000.log.deleted", "00000000000000000000.index.cleaned",
                           "00000000000000000099.index"}) {
    ASSERT_TRUE(fs_.open(std::string("/logs/t-0/") + name, OpenMode::kCreate));
  }
  reopen(true);
  for (const DirectoryEntry& entry : list()) {
    EXPECT_EQ(entry.name.find(".deleted"), std::string::npos);
    EXPECT_EQ(entry.name.find(".cleaned"), std::string::npos);
    EXPECT_NE(entry.name, "00000000000000000099.index");
  }
}

TEST_F(LogLifecycleTest, Open_FinishedSwap_ReplacesOldSegments) {
  config_.segment_bytes = 300;
  open();
  fill(6);
  ASSERT_TRUE(log_->close());
  const auto bytes = make_batch({.records = 1}, 1, LeaderEpoch{0});
  {
    auto file = fs_.open("/logs/t-0/00000000000000000000.log.swap", OpenMode::kCreate);
    const ByteView piece = bytes;
    ASSERT_TRUE((*file)->write_at(0, {&piece, 1}));
  }
  reopen(true);
  EXPECT_EQ(base_offsets(read_from(*log_, 0, 1)->bytes), std::vector<Offset>{1});
}

TEST_F(LogLifecycleTest, Open_StartCheckpointAboveEnd_StartsEmptyThere) {
  open();
  fill(3);
  log_.reset();
  LogOptions again = options();
  again.log_start_offset = 50;
  log_ = open_log(std::move(again));
  EXPECT_EQ(log_->start_offset(), 50);
  EXPECT_EQ(log_->end_offset(), 50);
}

TEST_F(LogLifecycleTest, ExpireProducers_IdleOnesGo) {
  open();
  ASSERT_TRUE(append(*log_, make_batch({.producer_id = 1})));
  ASSERT_TRUE(append(*log_, make_batch({.producer_id = 2, .transactional = true})));
  EXPECT_EQ(log_->expire_producers(kNow + 1000), 0u);
  EXPECT_EQ(log_->expire_producers(kNow + 25LL * 3600 * 1000), 1u);
  EXPECT_EQ(log_->producer_count(), 1u);
}

TEST_F(LogLifecycleTest, MarkDeleted_RenamesDirectoryAndClosesLog) {
  open();
  fill(1);
  Random random(1);
  const auto path = log_->mark_deleted(Uuid::generate(random));
  ASSERT_TRUE(path);
  EXPECT_TRUE(path->starts_with("/logs/t-0."));
  EXPECT_TRUE(path->ends_with("-delete"));
  EXPECT_FALSE(fs_.exists("/logs/t-0"));
  EXPECT_FALSE(append(*log_, make_batch({})));
}

TEST_F(LogLifecycleTest, ReadingManySegments_KeepsFewFilesOpen) {
  config_.segment_bytes = 300;
  open();
  fill(60);
  for (auto ticket = log_->begin_sync(); ticket; ticket = log_->begin_sync()) {
    ASSERT_TRUE(ticket->run());
    ASSERT_TRUE(log_->sync_done(*ticket));
  }
  for (Offset offset = 0; offset < 120; offset += 2) ASSERT_TRUE(read_from(*log_, offset, 1));
  EXPECT_LE(fs_.open_files(), 20u);
  ASSERT_TRUE(log_->apply_retention(kNow, 120));
  EXPECT_LE(fs_.open_files(), 3u);
}

}  // namespace
}  // namespace tributary::storage::test
