#include "log_support.h"
#include "tributary/base/crc32c.h"
#include "tributary/storage/memory_file_system.h"

namespace tributary::storage::test {
namespace {

using wire::ErrorCode;

class LogAppendTest : public testing::Test {
 protected:
  void open(LogConfig config = {}) {
    LogOptions options = options_for(fs_, config);
    options.probe = &probe_;
    log_ = open_log(std::move(options));
  }
  ErrorCode code_of(std::vector<uint8_t> batch) {
    const auto info = append(*log_, std::move(batch));
    return info ? ErrorCode::kNone : info.error().code;
  }

  MemoryFileSystem fs_;
  LogProbe probe_;
  std::unique_ptr<Log> log_;
};

TEST_F(LogAppendTest, Batch_BadCrc_CorruptMessage) {
  open();
  auto batch = make_batch({});
  batch.back() ^= 1;
  EXPECT_EQ(code_of(batch), ErrorCode::kCorruptMessage);
  EXPECT_EQ(log_->end_offset(), 0);
}

TEST_F(LogAppendTest, Batch_WithBaseOffset_InvalidRecord) {
  open();
  EXPECT_EQ(code_of(make_batch({}, 5)), ErrorCode::kInvalidRecord);
}

TEST_F(LogAppendTest, Batch_OverMaxMessageBytes_MessageTooLarge) {
  LogConfig config;
  config.max_message_bytes = 200;
  open(config);
  EXPECT_EQ(code_of(make_batch({.value_size = 300})), ErrorCode::kMessageTooLarge);
  EXPECT_EQ(code_of(make_batch({.value_size = 50})), ErrorCode::kNone);
}

TEST_F(LogAppendTest, Batch_OverSegmentBytes_RecordListTooLarge) {
  LogConfig config;
  config.segment_bytes = 200;
  open(config);
  EXPECT_EQ(code_of(make_batch({.value_size = 300})), ErrorCode::kRecordListTooLarge);
}

TEST_F(LogAppendTest, Batch_OldMagicOrTwoBatches_InvalidRecord) {
  open();
  auto old = make_batch({});
  old[16] = 1;
  EXPECT_EQ(code_of(old), ErrorCode::kInvalidRecord);
  auto two = make_batch({});
  const auto second = make_batch({});
  two.insert(two.end(), second.begin(), second.end());
  EXPECT_EQ(code_of(two), ErrorCode::kInvalidRecord);
}

TEST_F(LogAppendTest, ControlBatch_FromClient_InvalidRecord) {
  open();
  EXPECT_EQ(code_of(make_marker(1, 0, true)), ErrorCode::kInvalidRecord);
}

TEST_F(LogAppendTest, RecordWithoutKey_OnCompactedTopic_InvalidRecordWithIndices) {
  LogConfig config;
  config.compact_policy = true;
  open(config);
  const auto refused = append(*log_, make_batch({.records = 2, .with_key = false}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidRecord);
  ASSERT_EQ(refused.error().records.size(), 2u);
  EXPECT_EQ(refused.error().records[1].index, 1);
}

TEST_F(LogAppendTest, Timestamp_TooFarAhead_InvalidTimestampWithIndex) {
  open();
  const auto refused = append(*log_, make_batch({.timestamp = kNow + 2 * 3600 * 1000}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidTimestamp);
  EXPECT_EQ(refused.error().records.size(), 1u);
}

TEST_F(LogAppendTest, LogAppendTime_Topic_StampsHeaderAndAnswer) {
  LogConfig config;
  config.timestamp_type = wire::TimestampType::kLogAppendTime;
  open(config);
  const auto info = append(*log_, make_batch({.timestamp = 5}));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->log_append_time, kNow);
  const auto back = read_from(*log_, 0);
  const auto batch = wire::BatchView::parse(back->bytes);
  EXPECT_EQ(batch->max_timestamp(), kNow);
  EXPECT_EQ(batch->timestamp_type(), wire::TimestampType::kLogAppendTime);
  EXPECT_TRUE(batch->crc_matches());
}

std::vector<uint8_t> claiming_append_time(TimestampMs timestamp) {
  auto batch = make_batch({.records = 3, .timestamp = kNow - 10});
  wire::stamp_log_append_time(batch, timestamp);
  return batch;
}

TEST_F(LogAppendTest, CreateTime_Topic_BatchThatClaimsAppendTime_IsBoundedByItAndLosesTheClaim) {
  LogConfig config;
  config.timestamp_after_max_ms = 1000;
  open(config);
  const auto refused = append(*log_, claiming_append_time(kNow + 2000));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidTimestamp);
  EXPECT_EQ(refused.error().records.size(), 3u);
  ASSERT_TRUE(append(*log_, claiming_append_time(kNow + 500)));
  const auto back = read_from(*log_, 0);
  const auto batch = wire::BatchView::parse(back->bytes);
  EXPECT_EQ(batch->timestamp_type(), wire::TimestampType::kCreateTime);
  EXPECT_EQ(batch->max_timestamp(), kNow + 500);
  EXPECT_TRUE(batch->crc_matches());
}

TEST_F(LogAppendTest, LogAppendTime_Topic_BatchThatClaimsIt_IsRefused) {
  LogConfig config;
  config.timestamp_type = wire::TimestampType::kLogAppendTime;
  open(config);
  const auto refused = append(*log_, claiming_append_time(kNow));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidTimestamp);
}

TEST_F(LogAppendTest, CompressionType_OfTopic_RecompressesRecords) {
  for (const auto from : {wire::Codec::kNone, wire::Codec::kLz4}) {
    LogConfig config;
    config.codec = wire::Codec::kZstd;
    open(config);
    const Offset at = log_->end_offset();
    ASSERT_TRUE(append(*log_, make_batch({.records = 20, .value_size = 100, .codec = from})));
    const auto back = read_from(*log_, at);
    const auto batch = wire::BatchView::parse(back->bytes);
    EXPECT_EQ(batch->codec_id(), 4);
    EXPECT_TRUE(batch->crc_matches());
    std::vector<uint8_t> scratch;
    const auto plain = wire::plain_records(*batch, scratch, 1 << 20);
    ASSERT_TRUE(plain);
    wire::RecordIterator records(*plain, batch->record_count());
    int count = 0;
    while (records.next()) ++count;
    EXPECT_EQ(count, 20);
  }
}

TEST_F(LogAppendTest, Header_WithWrongMaxTimestamp_IsCorrected) {
  open();
  auto batch = make_batch({.records = 3});
  store_be<int64_t>(batch.data() + 35, kNow + 77);
  store_be(batch.data() + 17, crc32c(ByteView(batch).subspan(21)));
  ASSERT_TRUE(append(*log_, batch));
  const auto back = read_from(*log_, 0);
  EXPECT_EQ(wire::BatchView::parse(back->bytes)->max_timestamp(), kNow + 2);
}

TEST_F(LogAppendTest, Staged_BeforeWrite_IsNotVisible) {
  open();
  auto batch = make_batch({.records = 4});
  ASSERT_TRUE(log_->append(batch, LeaderEpoch{3}, AppendOrigin::kClient, kNow));
  EXPECT_TRUE(log_->has_staged());
  EXPECT_EQ(log_->end_offset(), 0);
  ASSERT_TRUE(log_->write_staged());
  EXPECT_EQ(log_->end_offset(), 4);
  EXPECT_EQ(log_->latest_epoch(), LeaderEpoch{3});
}

TEST_F(LogAppendTest, Producer_RepeatsBatch_GetsFirstAnswerWithoutSecondCopy) {
  open();
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(append(*log_, make_batch({.records = 2, .producer_id = 1, .sequence = 2 * i})));
  const auto again = append(*log_, make_batch({.records = 2, .producer_id = 1, .sequence = 0}));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->first_offset, 0);
  EXPECT_EQ(log_->end_offset(), 10);
  // The sixth batch pushes the first out of memory: its repeat is out of order then.
  ASSERT_TRUE(append(*log_, make_batch({.records = 2, .producer_id = 1, .sequence = 10})));
  EXPECT_EQ(code_of(make_batch({.records = 2, .producer_id = 1, .sequence = 0})),
            ErrorCode::kOutOfOrderSequenceNumber);
}

TEST_F(LogAppendTest, Producer_RepeatsStagedBatch_IsFound) {
  open();
  auto first = make_batch({.producer_id = 1});
  auto repeat = first;
  ASSERT_TRUE(log_->append(first, LeaderEpoch{0}, AppendOrigin::kClient, kNow));
  const auto info = log_->append(repeat, LeaderEpoch{0}, AppendOrigin::kClient, kNow);
  ASSERT_TRUE(info);
  EXPECT_TRUE(info->duplicate);
  ASSERT_TRUE(log_->write_staged());
  EXPECT_EQ(log_->end_offset(), 1);
}

TEST_F(LogAppendTest, Producer_EpochRules_AreKafkas) {
  open();
  ASSERT_TRUE(append(*log_, make_batch({.producer_id = 1, .epoch = 2, .sequence = 0})));
  EXPECT_EQ(code_of(make_batch({.producer_id = 1, .epoch = 1, .sequence = 1})),
            ErrorCode::kInvalidProducerEpoch);
  EXPECT_EQ(code_of(make_batch({.producer_id = 1, .epoch = 3, .sequence = 1})),
            ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_EQ(code_of(make_batch({.producer_id = 1, .epoch = 3, .sequence = 0})), ErrorCode::kNone);
  EXPECT_EQ(code_of(make_batch({.producer_id = 5, .sequence = 40})),
            ErrorCode::kNone);  // nothing known of it
}

TEST_F(LogAppendTest, Producer_SequenceWraps_AfterLargest) {
  open();
  ASSERT_TRUE(append(*log_, make_batch({.records = 2, .producer_id = 1, .sequence = INT32_MAX})));
  EXPECT_EQ(log_->active_producers()[0].last_sequence, 0);
  EXPECT_EQ(code_of(make_batch({.producer_id = 1, .sequence = 1})), ErrorCode::kNone);
}

TEST_F(LogAppendTest, Producers_OverMaximum_LongestIdleGoes) {
  LogConfig config;
  config.max_producers = 2;
  open(config);
  for (const int id : {1, 2, 1, 3}) {
    const int32_t sequence = id == 1 && log_->producer_count() == 2 ? 1 : 0;
    ASSERT_TRUE(append(*log_, make_batch({.producer_id = id, .sequence = sequence})));
  }
  EXPECT_EQ(log_->producer_count(), 2u);
  EXPECT_EQ(raw(log_->active_producers()[0].producer_id), 1);
  EXPECT_EQ(probe_.evicted_producers.value(), 1u);
}

TEST_F(LogAppendTest, WriteFails_LogIsAsBefore_NextAppendSucceeds) {
  open();
  ASSERT_TRUE(append(*log_, make_batch({.producer_id = 1, .sequence = 0})));
  fs_.fail_operations(fs_.operations(), 1, Errc::kNoSpace);
  EXPECT_EQ(code_of(make_batch({.producer_id = 1, .sequence = 1})), ErrorCode::kKafkaStorageError);
  EXPECT_EQ(log_->end_offset(), 1);
  EXPECT_EQ(base_offsets(read_from(*log_, 0)->bytes).size(), 1u);
  const auto retry = append(*log_, make_batch({.producer_id = 1, .sequence = 1}));
  ASSERT_TRUE(retry);
  EXPECT_FALSE(retry->duplicate);
  EXPECT_EQ(retry->first_offset, 1);
  EXPECT_EQ(probe_.write_failures.value(), 1u);
}

TEST_F(LogAppendTest, DiskFull_ReadsGoOnAndAppendsReturnWithSpace) {
  open();
  ASSERT_TRUE(append(*log_, make_batch({.value_size = 1000})));
  fs_.limit_space(fs_.used_space());
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(code_of(make_batch({.value_size = 1000})), ErrorCode::kKafkaStorageError);
  EXPECT_EQ(base_offsets(read_from(*log_, 0)->bytes).size(), 1u);
  fs_.limit_space(UINT64_MAX);
  EXPECT_EQ(code_of(make_batch({.value_size = 1000})), ErrorCode::kNone);
  EXPECT_EQ(log_->end_offset(), 2);
}

TEST_F(LogAppendTest, Follower_BatchesWithGapsAndCutOffEnd_KeptAsTheyAre) {
  open();
  auto bytes = make_batch({.records = 2}, 10, LeaderEpoch{4});
  const auto second = make_batch({}, 20, LeaderEpoch{5});
  bytes.insert(bytes.end(), second.begin(), second.end());
  const size_t whole = bytes.size();
  bytes.insert(bytes.end(), second.begin(), second.begin() + 40);
  ASSERT_TRUE(log_->append_as_follower(bytes));
  ASSERT_TRUE(log_->write_staged());
  EXPECT_EQ(log_->end_offset(), 21);
  EXPECT_EQ(read_from(*log_, 0)->bytes,
            std::vector<uint8_t>(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(whole)));
  EXPECT_EQ(log_->end_offset_for_epoch(LeaderEpoch{4}).end_offset, 20);
  EXPECT_FALSE(log_->append_as_follower(second));
}

}  // namespace
}  // namespace tributary::storage::test
