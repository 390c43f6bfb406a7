// The partition over a log in memory: who is answered when, what becomes visible when, what a failing disk
// leaves behind.
#include "tributary/replica/partition.h"

#include <gmock/gmock.h>

#include "tributary/storage/memory_file_system.h"
#include "unit/storage/log_support.h"

namespace tributary::replica {
namespace {

using storage::AppendInfo;
using storage::test::BatchSpec;
using storage::test::kNow;
using testing::ElementsAre;
using testing::IsEmpty;
using wire::ErrorCode;

struct Answer {
  uint32_t slot;
  ErrorCode error;
  Offset first_offset;
  bool operator==(const Answer&) const = default;
};

void PrintTo(const Answer& answer, std::ostream* out) {
  *out << "{slot " << answer.slot << ", " << static_cast<int>(answer.error) << ", offset "
       << answer.first_offset << "}";
}

class Recorder final : public AppendObserver {
 public:
  void on_append_done(uint32_t slot, ErrorCode error, const AppendInfo& info) override {
    answers.push_back({slot, error, info.first_offset});
  }
  std::vector<Answer> answers;
};

class Watcher final : public ProgressObserver {
 public:
  explicit Watcher(Partition& partition) {
    hook_.observer = this;
    hook_.seen_bytes = partition.visible_bytes();
    partition.add_hook(hook_);
  }
  void on_progress(Partition& partition, ProgressHook& hook) override {
    ++calls;
    gained += partition.visible_bytes() - hook.seen_bytes;
    hook.seen_bytes = partition.visible_bytes();
    abandoned = partition.abandoned();
  }
  int calls = 0;
  uint64_t gained = 0;
  bool abandoned = false;

 private:
  ProgressHook hook_;
};

class PartitionTest : public testing::Test {
 protected:
  void open(storage::LogConfig config = {}, LeaderEpoch epoch = LeaderEpoch{3}) {
    ASSERT_TRUE(fs_.create_directories("/logs"));
    auto log = storage::test::open_log(storage::test::options_for(fs_, config));
    ASSERT_TRUE(log->begin_epoch(epoch));
    partition_ = std::make_unique<Partition>(Uuid{}, std::move(log), epoch);
  }
  void open_synced() {
    storage::LogConfig config;
    config.flush_messages = 1;
    open(config);
  }
  ErrorCode append(uint32_t slot, Acks acks, BatchSpec spec = {}) {
    batches_.push_back(storage::test::make_batch(spec));
    const auto accepted = partition_->append(batches_.back(), acks, kNow, recorder_, slot);
    return accepted ? ErrorCode::kNone : accepted.error().code;
  }
  void sync() {
    auto ticket = partition_->begin_sync(kNow);
    ASSERT_TRUE(ticket);
    partition_->sync_finished(*ticket, ticket->run());
  }
  std::vector<Answer> answers() { return std::exchange(recorder_->answers, {}); }

  storage::MemoryFileSystem fs_;
  std::unique_ptr<Partition> partition_;
  std::shared_ptr<Recorder> recorder_ = std::make_shared<Recorder>();
  std::deque<std::vector<uint8_t>> batches_;
};

TEST_F(PartitionTest, Append_BeforeFlush_NobodyIsAnsweredAndNothingIsVisible) {
  open();
  const Watcher watcher(*partition_);
  EXPECT_EQ(append(0, Acks::kLeader), ErrorCode::kNone);
  EXPECT_EQ(append(1, Acks::kAll), ErrorCode::kNone);
  EXPECT_THAT(answers(), IsEmpty());
  EXPECT_EQ(partition_->high_watermark(), 0);
  EXPECT_EQ(watcher.calls, 0);
}

TEST_F(PartitionTest, Flush_SeveralStaged_EachIsAnsweredOnceInOrder) {
  open();
  append(0, Acks::kLeader);
  append(1, Acks::kLeader, {.records = 3});
  append(2, Acks::kNone);
  ASSERT_TRUE(partition_->flush());
  EXPECT_THAT(answers(), ElementsAre(Answer{0, ErrorCode::kNone, 0}, Answer{1, ErrorCode::kNone, 1},
                                     Answer{2, ErrorCode::kNone, 4}));
  EXPECT_EQ(partition_->high_watermark(), 5);
  ASSERT_TRUE(partition_->flush());
  EXPECT_THAT(answers(), IsEmpty());
}

TEST_F(PartitionTest, Flush_AcksAllWithoutSyncs_IsAnsweredByTheWrite) {
  open();
  append(0, Acks::kAll);
  ASSERT_TRUE(partition_->flush());
  EXPECT_THAT(answers(), ElementsAre(Answer{0, ErrorCode::kNone, 0}));
}

TEST_F(PartitionTest, AcksAll_FlushMessagesOne_IsAnsweredAfterTheSync) {
  open_synced();
  append(0, Acks::kAll);
  append(1, Acks::kLeader);
  ASSERT_TRUE(partition_->flush());
  EXPECT_THAT(answers(), ElementsAre(Answer{1, ErrorCode::kNone, 1}));
  EXPECT_EQ(partition_->high_watermark(), 0);
  sync();
  EXPECT_THAT(answers(), ElementsAre(Answer{0, ErrorCode::kNone, 0}));
  EXPECT_EQ(partition_->high_watermark(), 2);
}

TEST_F(PartitionTest, AcksAll_WrittenWhileASyncRuns_WaitsForTheNextOne) {
  open_synced();
  append(0, Acks::kAll);
  ASSERT_TRUE(partition_->flush());
  auto first = partition_->begin_sync(kNow);
  ASSERT_TRUE(first);
  const Status outcome = first->run();
  append(1, Acks::kAll);
  ASSERT_TRUE(partition_->flush());
  EXPECT_FALSE(partition_->begin_sync(kNow)) << "one at a time";
  partition_->sync_finished(*first, outcome);
  EXPECT_THAT(answers(), ElementsAre(Answer{0, ErrorCode::kNone, 0}));
  sync();
  EXPECT_THAT(answers(), ElementsAre(Answer{1, ErrorCode::kNone, 1}));
}

TEST_F(PartitionTest, Sync_Fails_WaitingProducersGetAStorageErrorAndTheNextSyncMakesItVisible) {
  open_synced();
  append(0, Acks::kAll);
  ASSERT_TRUE(partition_->flush());
  auto ticket = partition_->begin_sync(kNow);
  ASSERT_TRUE(ticket);
  partition_->sync_finished(*ticket, fail(Errc::kIo, "worn out"));
  EXPECT_THAT(answers(), ElementsAre(Answer{0, ErrorCode::kKafkaStorageError, -1}));
  EXPECT_EQ(partition_->high_watermark(), 0);
  append(1, Acks::kAll);
  ASSERT_TRUE(partition_->flush());
  sync();
  EXPECT_THAT(answers(), ElementsAre(Answer{1, ErrorCode::kNone, 1}));
  EXPECT_EQ(partition_->high_watermark(), 2);
}

TEST_F(PartitionTest, WhenSynced_IsToldOnceASyncCoversIt) {
  open();
  std::vector<int> told;
  const auto note = [&](int which) {
    return [&told, which](const Status& status) { told.push_back(status ? which : -which); };
  };
  partition_->when_synced(0, note(1));
  EXPECT_THAT(told, ElementsAre(1)) << "nothing to wait for";
  append(0, Acks::kAll);
  ASSERT_TRUE(partition_->flush());
  partition_->when_synced(1, note(2));
  auto first = partition_->begin_sync(kNow);
  ASSERT_TRUE(first) << "due because someone waits";
  append(1, Acks::kAll);
  ASSERT_TRUE(partition_->flush());
  partition_->when_synced(2, note(3));
  partition_->sync_finished(*first, first->run());
  EXPECT_THAT(told, ElementsAre(1, 2));
  auto second = partition_->begin_sync(kNow);
  ASSERT_TRUE(second);
  partition_->sync_finished(*second, fail(Errc::kIo, "worn out"));
  EXPECT_THAT(told, ElementsAre(1, 2, -3));
  partition_->when_synced(2, note(4));
  partition_->abandon(ErrorCode::kUnknownTopicOrPartition);
  EXPECT_THAT(told, ElementsAre(1, 2, -3, -4));
}

TEST_F(PartitionTest, Duplicate_AnsweredWithTheFirstOffsetsAndCountedOnce) {
  open();
  const BatchSpec spec{.records = 2, .producer_id = 7, .sequence = 0};
  append(0, Acks::kAll, spec);
  append(1, Acks::kAll, spec);
  ASSERT_TRUE(partition_->flush());
  append(2, Acks::kLeader, spec);
  ASSERT_TRUE(partition_->flush());
  EXPECT_THAT(answers(), ElementsAre(Answer{0, ErrorCode::kNone, 0}, Answer{1, ErrorCode::kNone, 0},
                                     Answer{2, ErrorCode::kNone, 0}));
  EXPECT_EQ(partition_->log().end_offset(), 2);
  EXPECT_EQ(partition_->counters().messages_in.value(), 2u);
}

TEST_F(PartitionTest, Duplicate_OfABatchNotYetSynced_WaitsForTheSyncToo) {
  open_synced();
  const BatchSpec spec{.producer_id = 7, .sequence = 0};
  append(0, Acks::kAll, spec);
  ASSERT_TRUE(partition_->flush());
  append(1, Acks::kAll, spec);
  ASSERT_TRUE(partition_->flush());
  EXPECT_THAT(answers(), IsEmpty());
  sync();
  EXPECT_THAT(answers(), ElementsAre(Answer{0, ErrorCode::kNone, 0}, Answer{1, ErrorCode::kNone, 0}));
}

TEST_F(PartitionTest, Duplicate_OfASyncedBatch_IsAnsweredWithoutAnotherSync) {
  open_synced();
  const BatchSpec spec{.producer_id = 7, .sequence = 0};
  append(0, Acks::kAll, spec);
  ASSERT_TRUE(partition_->flush());
  sync();
  answers();
  append(1, Acks::kAll, spec);
  ASSERT_TRUE(partition_->flush());
  EXPECT_THAT(answers(), ElementsAre(Answer{1, ErrorCode::kNone, 0}));
}

TEST_F(PartitionTest, Append_Refused_TheObserverIsNotCalled) {
  open();
  EXPECT_EQ(append(0, Acks::kAll, {.producer_id = 7, .sequence = 5}), ErrorCode::kNone);
  EXPECT_EQ(append(1, Acks::kAll, {.producer_id = 7, .sequence = 9}), ErrorCode::kOutOfOrderSequenceNumber);
  ASSERT_TRUE(partition_->flush());
  EXPECT_THAT(answers(), ElementsAre(Answer{0, ErrorCode::kNone, 0}));
}

TEST_F(PartitionTest, Flush_DiskFull_AllStagedFailThenSpaceReturnsAndOffsetsGoOn) {
  open();
  append(0, Acks::kAll);
  ASSERT_TRUE(partition_->flush());
  answers();
  fs_.limit_space(fs_.used_space());
  append(1, Acks::kAll, {.producer_id = 7, .sequence = 0});
  append(2, Acks::kLeader);
  EXPECT_FALSE(partition_->flush());
  EXPECT_THAT(answers(), ElementsAre(Answer{1, ErrorCode::kKafkaStorageError, -1},
                                     Answer{2, ErrorCode::kKafkaStorageError, -1}));
  EXPECT_EQ(partition_->high_watermark(), 1);
  EXPECT_EQ(partition_->log().end_offset(), 1);
  EXPECT_EQ(storage::test::base_offsets(storage::test::read_from(partition_->log(), 0)->bytes).size(), 1u)
      << "reads go on";

  fs_.limit_space(UINT64_MAX);
  append(3, Acks::kAll, {.producer_id = 7, .sequence = 0});
  ASSERT_TRUE(partition_->flush());
  EXPECT_THAT(answers(), ElementsAre(Answer{3, ErrorCode::kNone, 1}));
}

TEST_F(PartitionTest, Hook_SeveralBatchesInOneFlush_IsToldOnceWithAllBytes) {
  open();
  const Watcher watcher(*partition_);
  append(0, Acks::kLeader);
  append(1, Acks::kLeader);
  ASSERT_TRUE(partition_->flush());
  EXPECT_EQ(watcher.calls, 1);
  EXPECT_EQ(watcher.gained, batches_[0].size() + batches_[1].size());
}

TEST_F(PartitionTest, Hook_FlushMessagesOne_IsToldByTheSyncAndNotByTheWrite) {
  open_synced();
  const Watcher watcher(*partition_);
  append(0, Acks::kAll);
  ASSERT_TRUE(partition_->flush());
  EXPECT_EQ(watcher.calls, 0);
  auto ticket = partition_->begin_sync(kNow);
  append(1, Acks::kAll);
  ASSERT_TRUE(partition_->flush());
  partition_->sync_finished(*ticket, ticket->run());
  EXPECT_EQ(watcher.calls, 1);
  EXPECT_EQ(watcher.gained, batches_[0].size()) << "the second batch is not synced yet";
  sync();
  EXPECT_EQ(watcher.gained, batches_[0].size() + batches_[1].size());
}

TEST_F(PartitionTest, Hook_OnlyADuplicateArrives_IsNotTold) {
  open();
  const BatchSpec spec{.producer_id = 7, .sequence = 0};
  append(0, Acks::kLeader, spec);
  ASSERT_TRUE(partition_->flush());
  const Watcher watcher(*partition_);
  append(1, Acks::kLeader, spec);
  ASSERT_TRUE(partition_->flush());
  EXPECT_EQ(watcher.calls, 0);
}

TEST_F(PartitionTest, Hook_Destroyed_IsNoLongerTold) {
  open();
  auto watcher = std::make_unique<Watcher>(*partition_);
  const Watcher other(*partition_);
  watcher.reset();
  append(0, Acks::kLeader);
  ASSERT_TRUE(partition_->flush());
  EXPECT_EQ(other.calls, 1);
}

TEST_F(PartitionTest, DeleteRecords_UpToTheHighWatermark_MovesTheStartAndTellsHooks) {
  open();
  append(0, Acks::kLeader, {.records = 5});
  append(1, Acks::kLeader, {.records = 5});
  ASSERT_TRUE(partition_->flush());
  const Watcher watcher(*partition_);
  EXPECT_EQ(partition_->delete_records_before(5), ErrorCode::kNone);
  EXPECT_EQ(partition_->log().start_offset(), 5);
  EXPECT_EQ(watcher.calls, 1);
  EXPECT_EQ(partition_->delete_records_before(3), ErrorCode::kNone);
  EXPECT_EQ(partition_->log().start_offset(), 5) << "never back";
  EXPECT_EQ(partition_->delete_records_before(-1), ErrorCode::kNone);
  EXPECT_EQ(partition_->log().start_offset(), 10);
}

TEST_F(PartitionTest, DeleteRecords_OutsideTheLog_IsOutOfRange) {
  open();
  append(0, Acks::kLeader);
  ASSERT_TRUE(partition_->flush());
  EXPECT_EQ(partition_->delete_records_before(2), ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(partition_->delete_records_before(-2), ErrorCode::kOffsetOutOfRange);
}

TEST_F(PartitionTest, DeleteRecords_NotSyncedYet_IsOutOfRange) {
  open_synced();
  append(0, Acks::kLeader);
  ASSERT_TRUE(partition_->flush());
  EXPECT_EQ(partition_->delete_records_before(1), ErrorCode::kOffsetOutOfRange);
}

TEST_F(PartitionTest, Abandon_StagedAndUncommitted_AllFailOnceAndHooksAreTold) {
  open_synced();
  append(0, Acks::kAll);
  ASSERT_TRUE(partition_->flush());
  append(1, Acks::kLeader);
  const Watcher watcher(*partition_);
  partition_->abandon(ErrorCode::kUnknownTopicOrPartition);
  EXPECT_THAT(answers(), testing::UnorderedElementsAre(Answer{0, ErrorCode::kUnknownTopicOrPartition, -1},
                                                       Answer{1, ErrorCode::kUnknownTopicOrPartition, -1}));
  EXPECT_TRUE(watcher.abandoned);
}

TEST_F(PartitionTest, Abandon_WhileASyncRuns_ItsEndAnswersNobodyAgain) {
  open_synced();
  append(0, Acks::kAll);
  ASSERT_TRUE(partition_->flush());
  auto ticket = partition_->begin_sync(kNow);
  partition_->abandon(ErrorCode::kUnknownTopicOrPartition);
  answers();
  partition_->sync_finished(*ticket, ticket->run());
  EXPECT_THAT(answers(), IsEmpty());
  EXPECT_FALSE(partition_->begin_sync(kNow, true));
}

TEST_F(PartitionTest, CheckEpoch_OlderNewerAndNone) {
  open({}, LeaderEpoch{3});
  EXPECT_EQ(partition_->check_epoch(-1), ErrorCode::kNone);
  EXPECT_EQ(partition_->check_epoch(3), ErrorCode::kNone);
  EXPECT_EQ(partition_->check_epoch(2), ErrorCode::kFencedLeaderEpoch);
  EXPECT_EQ(partition_->check_epoch(4), ErrorCode::kUnknownLeaderEpoch);
  partition_->set_leader_epoch(LeaderEpoch{2});
  EXPECT_EQ(partition_->check_epoch(3), ErrorCode::kNone) << "an older epoch changes nothing";
  partition_->set_leader_epoch(LeaderEpoch{4});
  EXPECT_EQ(partition_->check_epoch(3), ErrorCode::kFencedLeaderEpoch);
}

TEST_F(PartitionTest, Append_StampsTheLeaderEpoch) {
  open({}, LeaderEpoch{3});
  partition_->set_leader_epoch(LeaderEpoch{5});
  append(0, Acks::kLeader);
  ASSERT_TRUE(partition_->flush());
  const auto read = storage::test::read_from(partition_->log(), 0);
  ASSERT_TRUE(read);
  EXPECT_EQ(wire::BatchView::parse(read->bytes)->leader_epoch(), LeaderEpoch{5});
}

}  // namespace
}  // namespace tributary::replica
