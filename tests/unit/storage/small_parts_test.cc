// Epoch cache, producer snapshot, indexes, properties, checkpoint text.
#include <gtest/gtest.h>

#include "storage/checkpoint_text.h"
#include "storage/index_table.h"
#include "storage/leader_epoch_cache.h"
#include "storage/producer_snapshot.h"
#include "storage/properties.h"
#include "storage/segment_name.h"

namespace tributary::storage {
namespace {

TEST(LeaderEpochCacheTest, Assign_ConflictingEntries_Go) {
  LeaderEpochCache cache;
  EXPECT_TRUE(cache.assign(1, 0));
  EXPECT_TRUE(cache.assign(2, 10));
  EXPECT_FALSE(cache.assign(2, 15));
  EXPECT_TRUE(cache.assign(4, 10));  // nothing was written in epoch 2
  EXPECT_EQ(cache.entries(), (std::vector<EpochEntry>{{1, 0}, {4, 10}}));
}

TEST(LeaderEpochCacheTest, EndOffset_LikeKafkas) {
  LeaderEpochCache cache;
  for (const auto& [epoch, offset] : {std::pair(2, 10), std::pair(4, 20), std::pair(6, 30)})
    cache.assign(epoch, offset);
  const auto check = [&](int32_t asked, int32_t epoch, Offset end) {
    const EpochEndOffset found = cache.end_offset(asked, 40);
    EXPECT_EQ(raw(found.epoch), epoch) << asked;
    EXPECT_EQ(found.end_offset, end) << asked;
  };
  check(6, 6, 40);
  check(5, 4, 30);
  check(4, 4, 30);
  check(1, 1, 10);
  check(7, -1, -1);
  check(-1, -1, -1);
}

TEST(LeaderEpochCacheTest, Truncate_FromBothEnds) {
  LeaderEpochCache cache;
  for (const auto& [epoch, offset] : {std::pair(2, 10), std::pair(4, 20), std::pair(6, 30)})
    cache.assign(epoch, offset);
  cache.truncate_from_end(30);
  cache.truncate_from_start(15);
  EXPECT_EQ(cache.entries(), (std::vector<EpochEntry>{{2, 15}, {4, 20}}));
  EXPECT_EQ(cache.epoch_at(14), kNoLeaderEpoch);
  EXPECT_EQ(cache.epoch_at(25), LeaderEpoch{4});
}

TEST(LeaderEpochCacheTest, Text_RoundTripAndTornFile) {
  LeaderEpochCache cache;
  cache.assign(1, 0);
  cache.assign(3, 100);
  EXPECT_EQ(cache.encode(), "0\n2\n1 0\n3 100\n");
  LeaderEpochCache again;
  ASSERT_TRUE(again.decode(cache.encode()));
  EXPECT_EQ(again.entries(), cache.entries());
  for (size_t size = 0; size < cache.encode().size(); ++size) {
    EXPECT_FALSE(again.decode(cache.encode().substr(0, size))) << size;
  }
}

TEST(ProducerSnapshotTest, RoundTrip_KeepsLastBatchAndTransaction) {
  ProducerState state;
  BatchHeader header;
  header.producer_id = 5;
  header.producer_epoch = 2;
  header.base_offset = 10;
  header.last_offset = 14;
  header.base_sequence = 7;
  header.max_timestamp = 1000;
  header.attributes = 0x10;
  state.apply(header, std::nullopt);
  const auto bytes = encode_snapshot(state, {});
  EXPECT_EQ(bytes.size(), 56u);
  ProducerState again;
  ASSERT_TRUE(decode_snapshot(bytes, 2000, 5000, again));
  ASSERT_NE(again.find(5), nullptr);
  EXPECT_EQ(again.find(5)->last_sequence(), 11);
  EXPECT_EQ(again.find(5)->txn_first_offset, 10);
  EXPECT_NE(again.find_duplicate(header), nullptr);
}

TEST(ProducerSnapshotTest, EveryFlippedBit_IsNoticed) {
  ProducerState state;
  BatchHeader header;
  header.producer_id = 5;
  header.producer_epoch = 0;
  header.base_sequence = 0;
  state.apply(header, std::nullopt);
  const auto bytes = encode_snapshot(state, {});
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto bad = bytes;
    bad[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
    ProducerState again;
    EXPECT_FALSE(decode_snapshot(bad, 0, 1000, again)) << bit;
  }
}

TEST(ProducerSnapshotTest, Pending_BatchesAreLeftOut) {
  ProducerState state;
  BatchHeader header;
  header.producer_id = 5;
  header.producer_epoch = 0;
  header.base_sequence = 0;
  std::vector<ProducerState::Undo> pending{state.apply(header, std::nullopt)};
  ProducerState again;
  ASSERT_TRUE(decode_snapshot(encode_snapshot(state, pending), 0, 1000, again));
  EXPECT_EQ(again.size(), 0u);
}

TEST(OffsetIndexTest, Floor_AndCeiling_FindNeighbours) {
  OffsetIndex index(100);
  index.append(105, 50);
  index.append(110, 90);
  EXPECT_EQ(index.floor_position(104), 0u);
  EXPECT_EQ(index.floor_position(105), 50u);
  EXPECT_EQ(index.floor_position(200), 90u);
  EXPECT_EQ(index.ceiling_position(106), 90u);
  EXPECT_EQ(index.ceiling_position(111), std::nullopt);
  index.truncate_to(110);
  EXPECT_EQ(index.count(), 1u);
}

TEST(OffsetIndexTest, Decode_RefusesWhatDoesNotRiseOrFit) {
  OffsetIndex index(0);
  index.append(5, 50);
  index.append(10, 90);
  const std::vector<uint8_t> good(index.bytes().begin(), index.bytes().end());
  EXPECT_TRUE(OffsetIndex::decode(0, good, 100));
  EXPECT_FALSE(OffsetIndex::decode(0, good, 90));
  EXPECT_FALSE(OffsetIndex::decode(0, std::vector<uint8_t>(16), 100));
  EXPECT_FALSE(OffsetIndex::decode(0, std::vector<uint8_t>(good.begin(), good.end() - 1), 100));
}

TEST(TimeIndexTest, Append_OnlyLargerTimestamps) {
  TimeIndex index(0);
  index.append(100, 3);
  index.append(100, 5);
  index.append(90, 7);
  index.append(120, 9);
  EXPECT_EQ(index.count(), 2u);
  EXPECT_EQ(index.floor(110).offset, 3);
  EXPECT_EQ(index.floor(99).timestamp, -1);
}

TEST(SegmentNameTest, Parse_OnlyTwentyDigitsAndSuffix) {
  const auto name = parse_segment_name("00000000000000000042.log.deleted");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->base, 42);
  EXPECT_EQ(name->suffix, ".log.deleted");
  EXPECT_FALSE(parse_segment_name("42.log"));
  EXPECT_FALSE(parse_segment_name("leader-epoch-checkpoint"));
  EXPECT_FALSE(parse_segment_name("99999999999999999999.log"));
}

TEST(PropertiesTest, Parse_CommentsEscapesAndSeparators) {
  const auto properties = parse_properties("#x\n a.b = c\\:d\r\nk:v\n\n!y\nempty\n");
  EXPECT_EQ(properties.at("a.b"), "c:d");
  EXPECT_EQ(properties.at("k"), "v");
  EXPECT_EQ(properties.at("empty"), "");
  EXPECT_EQ(parse_properties(format_properties(properties)), properties);
}

TEST(CheckpointTextTest, Count_MustMatchLines) {
  EXPECT_EQ(parse_checkpoint("0\n1\na 0 5\n")->size(), 1u);
  EXPECT_FALSE(parse_checkpoint("0\n2\na 0 5\n"));
  EXPECT_FALSE(parse_checkpoint("1\n0\n"));
  EXPECT_TRUE(split_words("a  b", 2).empty());
}

}  // namespace
}  // namespace tributary::storage
