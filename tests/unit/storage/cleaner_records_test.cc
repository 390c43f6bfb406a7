// What of a log's records a pass keeps.
#include <gmock/gmock.h>

#include "cleaner_support.h"

namespace tributary::storage::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using CleanerRecordsTest = CleanerTest;

TEST_F(CleanerRecordsTest, Clean_SeveralValuesOfAKey_OnlyLastStaysAtItsOffset) {
  put({{"a", "1"}, {"b", "1"}});
  put({{"a", "2"}});
  put({{"c", "1"}, {"a", "3"}});
  settle_and_clean();
  EXPECT_THAT(texts(), ElementsAre("1:b=1", "3:c=1", "4:a=3"));
  EXPECT_EQ(the_log().end_offset(), 6);
}

TEST_F(CleanerRecordsTest, Clean_ActiveSegment_IsLeftAlone) {
  put({{"a", "1"}});
  roll();
  put({{"a", "2"}});
  settle();
  ASSERT_TRUE(clean());
  EXPECT_THAT(texts(), ElementsAre("0:a=1", "2:a=2"));
}

TEST_F(CleanerRecordsTest, Clean_KeyAgainInLaterDirtyPart_OldOneGoesFromCleanPart) {
  put({{"a", "1"}, {"b", "1"}});
  settle_and_clean();
  put({{"a", "2"}});
  settle_and_clean();
  EXPECT_THAT(texts(), ElementsAre("1:b=1", "3:a=2"));
}

TEST_F(CleanerRecordsTest, Clean_BatchInPart_KeepsOffsetsSequencesAndProducer) {
  put({{"a", "1"}, {"b", "1"}, {"a", "2"}}, {.producer_id = 7, .epoch = 3, .sequence = 10});
  put({{"x", "1"}}, {.producer_id = 7, .epoch = 3, .sequence = 13});
  put({{"a", "3"}}, {.timestamp = kNow - 500});
  settle_and_clean();
  const auto bytes = all_bytes();
  const auto first = wire::BatchView::parse(bytes);
  EXPECT_EQ(first->base_offset(), 0);
  EXPECT_EQ(first->last_offset(), 2);
  EXPECT_EQ(raw(first->producer_id()), 7);
  EXPECT_EQ(first->producer_epoch(), 3);
  EXPECT_EQ(first->base_sequence(), 10);
  EXPECT_EQ(first->last_sequence(), 12);
  EXPECT_EQ(first->record_count(), 1);
  EXPECT_EQ(first->max_timestamp(), kNow + 1) << "of the records that stay";
  EXPECT_THAT(texts(), ElementsAre("1:b=1", "3:x=1", "4:a=3"));
}

TEST_F(CleanerRecordsTest, Clean_NothingToDrop_BatchesStayByteForByte) {
  put({{"a", "1"}, {"b", "1"}}, {.codec = wire::Codec::kLz4});
  put({{"c", "1"}});
  const auto before = all_bytes();
  settle_and_clean();
  const auto after = all_bytes();
  ASSERT_GE(after.size(), before.size());
  EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin()));
}

TEST_F(CleanerRecordsTest, Clean_RecordWithoutKey_Goes) {
  config.compact_policy = false;  // the topic was not always compacted
  put({{std::nullopt, "old"}, {"a", "1"}});
  config.compact_policy = true;
  const auto stats = settle_and_clean();
  EXPECT_THAT(texts(), ElementsAre("1:a=1"));
  EXPECT_EQ(stats.keyless_records, 1u);
}

TEST_F(CleanerRecordsTest, Clean_Tombstone_StaysUntilItsHorizonIsOverInALaterPass) {
  config.delete_retention_ms = 10'000;
  put({{"a", "1"}, {"b", "1"}});
  put({{"a", std::nullopt}});
  settle_and_clean();
  EXPECT_THAT(texts(), ElementsAre("1:b=1", "2:a=-"));
  put({{"c", "1"}});
  now += 5'000;
  settle_and_clean();
  EXPECT_THAT(texts(), ElementsAre("1:b=1", "2:a=-", "4:c=1")) << "before the horizon";
  put({{"d", "1"}});
  now += 5'000;
  settle_and_clean();
  EXPECT_THAT(texts(), ElementsAre("1:b=1", "4:c=1", "6:d=1"));
}

TEST_F(CleanerRecordsTest, Clean_Tombstone_RecordsOfItsBatchKeepTheirTimestamps) {
  for (const auto codec : {wire::Codec::kNone, wire::Codec::kGzip, wire::Codec::kSnappy, wire::Codec::kLz4,
                           wire::Codec::kZstd}) {
    put({{"k" + std::to_string(static_cast<int>(codec)), "1"},
         {"t" + std::to_string(static_cast<int>(codec)), {}}},
        {.timestamp = kNow + 77, .codec = codec});
  }
  const auto before = records();
  settle_and_clean();
  EXPECT_EQ(records(), before);
  for_each_batch(all_bytes(), [&](const wire::BatchView& batch) {
    if (batch.base_offset() >= 10) return;
    EXPECT_TRUE(batch.has_delete_horizon());
    EXPECT_EQ(batch.base_timestamp(), now + config.delete_retention_ms);
    EXPECT_EQ(batch.max_timestamp(), kNow + 78);
  });
}

TEST_F(CleanerRecordsTest, Clean_EndlessDeleteRetention_TombstoneStays) {
  config.delete_retention_ms = INT64_MAX;
  put({{"a", std::nullopt}});
  settle_and_clean();
  put({{"b", "1"}});
  now += 1'000'000'000;
  settle_and_clean();
  EXPECT_THAT(texts(), ElementsAre("0:a=-", "2:b=1"));
  EXPECT_EQ(records().front().timestamp, kNow);
}

// A view of the log that is at the first dirty offset can go on from there: it misses no deletion.
TEST_F(CleanerRecordsTest, Clean_TombstoneInDirtyPart_StaysThoughItsHorizonIsOver) {
  config.delete_retention_ms = 0;
  put({{"a", "1"}});
  put({{"a", std::nullopt}});
  settle_and_clean();
  const Offset cleaned = the_log().first_dirty_offset();
  the_log().set_first_dirty_offset(0);  // as after a crash that lost the checkpoint
  put({{"b", "1"}});
  now += 1000;
  settle_and_clean();
  EXPECT_THAT(texts(), ElementsAre("1:a=-", "3:b=1"));
  put({{"c", "1"}});
  settle_and_clean();
  EXPECT_THAT(texts(), ElementsAre("3:b=1", "5:c=1"));
  EXPECT_GT(the_log().first_dirty_offset(), cleaned);
}

class CleanerCodecTest : public CleanerTest, public ::testing::WithParamInterface<wire::Codec> {};

TEST_P(CleanerCodecTest, Clean_CompressedBatchInPart_IsRebuiltWithItsCodec) {
  const std::string large(5000, 'x');
  put({{"a", large}, {"b", large}, {"c", "keep"}}, {.codec = GetParam()});
  put({{"a", "2"}, {"b", "2"}}, {.codec = GetParam()});
  settle_and_clean();
  const auto bytes = all_bytes();
  EXPECT_EQ(wire::BatchView::parse(bytes)->codec_id(), static_cast<int>(GetParam()));
  EXPECT_THAT(texts(), ElementsAre("2:c=keep", "3:a=2", "4:b=2"));
}

INSTANTIATE_TEST_SUITE_P(All, CleanerCodecTest,
                         ::testing::Values(wire::Codec::kNone, wire::Codec::kGzip, wire::Codec::kSnappy,
                                           wire::Codec::kLz4, wire::Codec::kZstd));

TEST_F(CleanerRecordsTest, Clean_LogAppendTime_TimestampOfBatchStays) {
  config.timestamp_type = wire::TimestampType::kLogAppendTime;
  put({{"a", "1"}, {"b", "1"}, {"c", {}}}, {.timestamp = 5});
  put({{"a", "2"}});
  const TimestampMs appended = now;
  settle_and_clean();
  for (const FoundRecord& record : records()) EXPECT_EQ(record.timestamp, appended) << record.key;
  EXPECT_THAT(texts(), ElementsAre("1:b=1", "2:c=-", "3:a=2"));
}

TEST_F(CleanerRecordsTest, Clean_LastBatchOfLog_StaysEmpty) {
  put({{"a", "1"}});
  put({{"b", "1"}});
  put({{"a", "2"}, {"b", "2"}});
  settle_and_clean();  // roll() puts a record behind
  const auto found = base_offsets(all_bytes());
  EXPECT_THAT(found, ElementsAre(2, 4));
  put({{"a", "3"}, {"b", "3"}});
  settle_and_clean();
  put({{"a", "4"}, {"b", "4"}, {"roll", ""}});
  settle_and_clean();
  EXPECT_THAT(texts(), ElementsAre("8:a=4", "9:b=4"));
}

TEST_F(CleanerRecordsTest, Clean_BatchLargerThanTheBuffer_IsReadWhole) {
  put({{"a", std::string(50'000, 'x')}, {"b", "1"}});
  put({{"a", std::string(40'000, 'y')}});
  settle_and_clean({.io_buffer_bytes = 1000});
  ASSERT_EQ(records().size(), 2u);
  EXPECT_EQ(records()[1].value, std::string(40'000, 'y'));
}

TEST_F(CleanerRecordsTest, Clean_MapFull_PassEndsEarlyAndTheNextOneGoesOn) {
  for (int i = 0; i < 10; ++i) put({{"k" + std::to_string(i), "1"}});
  for (int i = 0; i < 10; ++i) put({{"k" + std::to_string(i), "2"}});
  roll();
  settle();
  const CleaningOptions small{.map_bytes = 24 * 8, .map_load_factor = 0.75};
  int passes = 0;
  while (clean(small)) ++passes;
  EXPECT_GE(passes, 3);
  EXPECT_EQ(the_log().first_dirty_offset(), 20);
  ASSERT_EQ(records().size(), 10u);
  for (const FoundRecord& record : records()) EXPECT_EQ(record.value, "2");
}

TEST_F(CleanerRecordsTest, Clean_BatchWithMoreKeysThanTheMap_IsRefusedEachTime) {
  put({{"a", "1"}, {"b", "1"}, {"c", "1"}, {"d", "1"}});
  roll();
  settle();
  for (int i = 0; i < 2; ++i) {
    const auto stats = clean({.map_bytes = 24 * 4, .map_load_factor = 0.75});
    ASSERT_FALSE(stats.has_value());
    EXPECT_EQ(stats.error().code, Errc::kTooLarge);
  }
  EXPECT_EQ(records().size(), 4u);
}

TEST_F(CleanerRecordsTest, Clean_DamagedBatch_IsSaidAndNothingChanges) {
  put({{"a", "1"}});
  put({{"a", "2"}});
  roll();
  settle();
  ASSERT_TRUE(fs.flip_bit("/logs/t-0/00000000000000000000.log", 100, 3));
  const auto stats = clean();
  ASSERT_FALSE(stats.has_value());
  EXPECT_EQ(stats.error().code, Errc::kCorruption);
  EXPECT_THAT(stats.error().message, ::testing::HasSubstr("position"));
  EXPECT_THAT(files(), ::testing::Not(::testing::Contains(::testing::EndsWith(".cleaned"))));
}

}  // namespace
}  // namespace tributary::storage::test
