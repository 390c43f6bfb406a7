#include "log_support.h"
#include "tributary/storage/memory_file_system.h"

namespace tributary::storage::test {
namespace {

class LogReadTest : public testing::Test {
 protected:
  void SetUp() override {
    LogConfig config;
    config.segment_bytes = 1000;
    config.index_interval_bytes = 200;
    LogOptions options = options_for(fs_, config);
    options.probe = &probe_;
    log_ = open_log(std::move(options));
  }
  void fill(int batches) {
    for (int i = 0; i < batches; ++i) {
      ASSERT_TRUE(append(*log_, make_batch({.records = 3, .value_size = 20, .timestamp = kNow + 10 * i})));
    }
  }

  MemoryFileSystem fs_;
  LogProbe probe_;
  std::unique_ptr<Log> log_;
};

TEST_F(LogReadTest, EveryOffset_InAnySegment_GivesItsWholeBatch) {
  fill(40);
  ASSERT_GT(log_->segment_count(), 3u);
  for (Offset offset = 0; offset < 120; ++offset) {
    const auto back = read(*log_, {offset, 1, Isolation::kLogEnd, true}, 120);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(base_offsets(back->bytes), std::vector<Offset>{offset / 3 * 3});
  }
}

TEST_F(LogReadTest, MaxBytes_SmallerThanFirstBatch_NothingUnlessAskedForOne) {
  fill(2);
  EXPECT_TRUE(read(*log_, {0, 10, Isolation::kLogEnd, false}, 6)->bytes.empty());
  EXPECT_EQ(base_offsets(read(*log_, {0, 10, Isolation::kLogEnd, true}, 6)->bytes).size(), 1u);
}

TEST_F(LogReadTest, HighWatermark_BoundsWhatConsumersSee) {
  fill(4);
  EXPECT_EQ(base_offsets(read(*log_, {0, 10000, Isolation::kHighWatermark, true}, 6)->bytes),
            (std::vector<Offset>{0, 3}));
  EXPECT_TRUE(read(*log_, {6, 10000, Isolation::kHighWatermark, true}, 6)->bytes.empty());
  EXPECT_TRUE(read(*log_, {9, 10000, Isolation::kHighWatermark, true}, 6)->bytes.empty());
}

TEST_F(LogReadTest, Offset_OutsideOfLog_OutOfRange) {
  fill(2);
  EXPECT_EQ(log_->plan_read({7, 1, Isolation::kLogEnd, true}, 6).error().code, Errc::kOutOfRange);
  ASSERT_TRUE(log_->advance_start_offset(3, 6));
  EXPECT_EQ(log_->plan_read({2, 1, Isolation::kLogEnd, true}, 6).error().code, Errc::kOutOfRange);
  EXPECT_TRUE(log_->plan_read({6, 1, Isolation::kLogEnd, true}, 6));
}

TEST_F(LogReadTest, FlippedBit_GoodBatchesFirst_ThenCorruption) {
  fill(3);
  const uint64_t size = log_->size_bytes();
  ASSERT_TRUE(fs_.flip_bit("/logs/t-0/00000000000000000000.log", size / 3 + 100, 2));
  const auto good = read_from(*log_, 0);
  ASSERT_TRUE(good);
  EXPECT_EQ(base_offsets(good->bytes), std::vector<Offset>{0});
  const auto bad = read_from(*log_, 3);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, Errc::kCorruption);
  EXPECT_EQ(probe_.corrupt_batches.value(), 1u);
  EXPECT_EQ(base_offsets(read_from(*log_, 6)->bytes), std::vector<Offset>{6});
}

TEST_F(LogReadTest, FlippedBitInIndex_ReadsStillFindTheirBatch) {
  fill(20);
  ASSERT_TRUE(fs_.flip_bit("/logs/t-0/00000000000000000000.index", 6, 0));
  ASSERT_TRUE(fs_.flip_bit("/logs/t-0/00000000000000000000.index", 7, 1));
  for (Offset offset = 0; offset < 12; ++offset) {
    const auto back = read(*log_, {offset, 1, Isolation::kLogEnd, true}, 60);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(base_offsets(back->bytes), std::vector<Offset>{offset / 3 * 3});
  }
}

TEST_F(LogReadTest, NotCached_WouldBlock_ThenServedWhereBlockingIsAllowed) {
  fill(1);
  fs_.evict("/logs/t-0/00000000000000000000.log");
  auto plan = log_->plan_read({0, 10000, Isolation::kLogEnd, true}, 3);
  std::vector<uint8_t> buffer(10000);
  const auto cached = plan->execute(buffer, ReadMode::kCached);
  ASSERT_FALSE(cached);
  EXPECT_EQ(cached.error().code, Errc::kWouldBlock);
  EXPECT_TRUE(plan->execute(buffer, ReadMode::kBlocking));
}

TEST_F(LogReadTest, Plan_OutlivesRetention_OrSaysOutOfRange) {
  fill(30);
  auto early = log_->plan_read({0, 10000, Isolation::kLogEnd, true}, 90);
  ASSERT_TRUE(early->size(ReadMode::kBlocking));
  auto late = log_->plan_read({0, 10000, Isolation::kLogEnd, true}, 90);
  LogConfig config = log_->config();
  config.retention_bytes = 1000;
  log_->set_config(config);
  auto removal = log_->apply_retention(kNow, 90);
  ASSERT_TRUE(removal);
  ASSERT_FALSE(removal->empty());
  removal->run();
  EXPECT_GT(log_->start_offset(), 0);
  std::vector<uint8_t> buffer(10000);
  EXPECT_EQ(late->execute(buffer, ReadMode::kBlocking).error().code, Errc::kOutOfRange);
}

TEST_F(LogReadTest, Timestamp_LookUp_FindsFirstRecordNotEarlier) {
  fill(30);
  for (int i = 0; i < 30; ++i) {
    auto lookup = log_->plan_timestamp_lookup(kNow + 10 * i + 1, 90);
    const auto found = lookup->execute(ReadMode::kBlocking);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->offset, 3 * i + 1);
    EXPECT_EQ(found->timestamp, kNow + 10 * i + 1);
  }
  EXPECT_EQ(log_->plan_timestamp_lookup(kNow + 1000, 90)->execute(ReadMode::kBlocking)->offset, -1);
  EXPECT_EQ(log_->plan_timestamp_lookup(kNow + 50, 15)->execute(ReadMode::kBlocking)->offset, -1);
}

TEST_F(LogReadTest, MaxTimestamp_LookUp_FindsLargestWhereverItIs) {
  EXPECT_EQ(log_->plan_max_timestamp_lookup()->execute(ReadMode::kBlocking)->offset, -1);
  fill(5);
  ASSERT_TRUE(append(*log_, make_batch({.timestamp = kNow + 5000})));
  fill(20);
  const auto found = log_->plan_max_timestamp_lookup()->execute(ReadMode::kBlocking);
  EXPECT_EQ(found->offset, 15);
  EXPECT_EQ(found->timestamp, kNow + 5000);
}

TEST_F(LogReadTest, Committed_StopsAtOpenTransactionAndListsAborted) {
  ASSERT_TRUE(append(*log_, make_batch({.producer_id = 1, .transactional = true})));
  ASSERT_TRUE(append(*log_, make_batch({.producer_id = 2, .transactional = true})));
  EXPECT_EQ(log_->last_stable_offset(2), 0);
  ASSERT_TRUE(append(*log_, make_marker(2, 0, true), AppendOrigin::kCoordinator));
  ASSERT_TRUE(append(*log_, make_marker(1, 0, true), AppendOrigin::kCoordinator));
  // Markers above the high watermark hold it back.
  EXPECT_EQ(log_->last_stable_offset(3), 0);
  EXPECT_EQ(log_->last_stable_offset(4), 4);
  ASSERT_TRUE(append(*log_, make_batch({.producer_id = 1, .sequence = 1, .transactional = true})));
  EXPECT_EQ(log_->last_stable_offset(5), 4);
  const auto back = read(*log_, {0, 10000, Isolation::kCommitted, true}, 5);
  ASSERT_TRUE(back);
  EXPECT_EQ(base_offsets(back->bytes), (std::vector<Offset>{0, 1, 2, 3}));
  ASSERT_EQ(back->aborted.size(), 2u);
  EXPECT_EQ(back->aborted[0].first_offset, 0);
  EXPECT_EQ(raw(back->aborted[1].producer_id), 2);
}

}  // namespace
}  // namespace tributary::storage::test
