#include "tributary/wire/record_batch.h"

#include "tributary/base/random.h"

namespace tributary::wire {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

std::vector<uint8_t> sample(BatchOptions options = {}, int records = 3) {
  BatchBuilder builder(options);
  for (int i = 0; i < records; ++i) {
    const std::string value = "value " + std::to_string(i);
    builder.append(1000 + i, as_bytes("key"), as_bytes(value));
  }
  return builder.build();
}

size_t count_records(const BatchView& batch) {
  std::vector<uint8_t> scratch;
  const auto payload = plain_records(batch, scratch, kMiB);
  if (!payload) return 0;
  RecordIterator records(*payload, batch.record_count());
  size_t count = 0;
  while (records.next()) ++count;
  EXPECT_TRUE(records.ok() && records.at_end());
  return count;
}

TEST(BatchView, BuiltBatch_SaysWhatWasPutIn) {
  const auto bytes = sample({.base_offset = 100,
                             .leader_epoch = LeaderEpoch{7},
                             .producer_id = ProducerId{9},
                             .producer_epoch = 2,
                             .base_sequence = 5,
                             .transactional = true});
  const auto batch = BatchView::parse(bytes);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->size(), bytes.size());
  EXPECT_EQ(batch->base_offset(), 100);
  EXPECT_EQ(batch->last_offset(), 102);
  EXPECT_EQ(batch->next_offset(), 103);
  EXPECT_EQ(batch->leader_epoch(), LeaderEpoch{7});
  EXPECT_EQ(batch->base_timestamp(), 1000);
  EXPECT_EQ(batch->max_timestamp(), 1002);
  EXPECT_EQ(batch->producer_id(), ProducerId{9});
  EXPECT_EQ(batch->producer_epoch(), 2);
  EXPECT_EQ(batch->base_sequence(), 5);
  EXPECT_EQ(batch->last_sequence(), 7);
  EXPECT_EQ(batch->record_count(), 3);
  EXPECT_TRUE(batch->is_transactional());
  EXPECT_FALSE(batch->is_control());
  EXPECT_TRUE(batch->has_producer());
  EXPECT_TRUE(batch->crc_matches());
  EXPECT_EQ(batch->timestamp_type(), TimestampType::kCreateTime);
}

TEST(BatchView, Records_ComeOutAsTheyWentIn) {
  BatchBuilder builder({.base_offset = 10});
  const std::vector<Header> headers = {{"h1", as_bytes("v1")}, {"", std::nullopt}};
  builder.append(50, std::nullopt, std::nullopt);
  builder.append(40, as_bytes("k"), as_bytes(""), headers);
  builder.append(60, as_bytes(""), as_bytes("v"), {}, 20);
  const auto bytes = builder.build();
  const auto batch = BatchView::parse(bytes);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->last_offset(), 20);
  EXPECT_EQ(batch->max_timestamp(), 60);
  RecordIterator records(batch->payload(), batch->record_count());
  const auto first = records.next();
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->key || first->value);
  const auto second = records.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(as_text(second->key.value()), "k");
  EXPECT_EQ(second->value.value().size(), 0u);
  EXPECT_EQ(second->timestamp_delta, -10);
  EXPECT_EQ(second->offset_delta, 1);
  const auto decoded = decode_headers(*second);
  ASSERT_TRUE(decoded);
  ASSERT_EQ(decoded->size(), 2u);
  EXPECT_EQ((*decoded)[0].key, "h1");
  EXPECT_EQ(as_text((*decoded)[0].value.value()), "v1");
  EXPECT_FALSE((*decoded)[1].value);
  const auto third = records.next();
  ASSERT_TRUE(third);
  EXPECT_EQ(third->offset_delta, 10);
  EXPECT_EQ(first->size + second->size + third->size, static_cast<int32_t>(batch->payload().size()));
  EXPECT_FALSE(records.next());
  EXPECT_TRUE(records.ok() && records.at_end());
}

TEST(BatchView, EveryCodec_GivesTheSameRecords) {
  for (const Codec codec : {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd}) {
    const auto bytes = sample({.codec = codec}, 500);
    const auto batch = BatchView::parse(bytes);
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->codec_id(), static_cast<int>(codec));
    EXPECT_EQ(count_records(*batch), 500u);
  }
}

TEST(BatchView, CutAnywhere_IsTooLargeForWhatIsThere) {
  const auto bytes = sample();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const auto batch = BatchView::parse(cut);
    ASSERT_FALSE(batch);
    ASSERT_EQ(batch.error().code, Errc::kTooLarge);
  }
}

TEST(BatchView, MoreBytesBehind_AreNotPartOfIt) {
  auto bytes = sample();
  const size_t size = bytes.size();
  bytes.resize(size + 100);
  const auto batch = BatchView::parse(bytes);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->size(), size);
}

TEST(BatchView, OldOrUnknownMagic_IsToldApart) {
  auto bytes = sample();
  for (const auto& [magic, code] :
       {std::pair{0, Errc::kUnsupported}, {1, Errc::kUnsupported}, {3, Errc::kCorruption}}) {
    bytes[16] = static_cast<uint8_t>(magic);
    store_be(bytes.data() + 8, int32_t{5});  // magic is looked at first
    EXPECT_EQ(BatchView::parse(bytes).error().code, code);
  }
}

TEST(BatchView, LengthShorterThanTheHeader_IsCorruption) {
  auto bytes = sample();
  for (const int32_t length : {48, 0, -1, INT32_MIN}) {
    store_be(bytes.data() + 8, length);
    EXPECT_EQ(BatchView::parse(bytes).error().code, Errc::kCorruption);
  }
}

TEST(BatchView, AnyBitFromTheAttributesOnChanged_BreaksTheCrc) {
  const auto bytes = sample();
  for (size_t at = 17; at < bytes.size(); ++at) {
    auto changed = bytes;
    changed[at] ^= 1;
    const auto batch = BatchView::parse(changed);
    ASSERT_TRUE(batch);
    ASSERT_FALSE(batch->crc_matches()) << at;
  }
}

TEST(BatchView, LastSequence_WrapsToZero) {
  const auto bytes =
      sample({.producer_id = ProducerId{1}, .producer_epoch = 0, .base_sequence = INT32_MAX - 1});
  EXPECT_EQ(BatchView::parse(bytes)->last_sequence(), 0);
  const auto none = sample();
  EXPECT_EQ(BatchView::parse(none)->last_sequence(), kNoSequence);
}

TEST(Stamps, OffsetAndEpoch_LeaveTheCrcRight) {
  auto bytes = sample();
  stamp_base_offset(bytes, 1'000'000);
  stamp_leader_epoch(bytes, LeaderEpoch{12});
  const auto batch = BatchView::parse(bytes);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->base_offset(), 1'000'000);
  EXPECT_EQ(batch->leader_epoch(), LeaderEpoch{12});
  EXPECT_TRUE(batch->crc_matches());
}

TEST(Stamps, LogAppendTime_SetsTypeAndMaximumAndCrc) {
  auto bytes = sample({.codec = Codec::kLz4});
  stamp_log_append_time(bytes, 77'000);
  const auto batch = BatchView::parse(bytes);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->timestamp_type(), TimestampType::kLogAppendTime);
  EXPECT_EQ(batch->max_timestamp(), 77'000);
  EXPECT_EQ(batch->codec_id(), 3);
  EXPECT_TRUE(batch->crc_matches());
}

TEST(RecordIterator, PayloadCutAnywhere_EndsInAnError) {
  const auto bytes = sample();
  const auto payload = BatchView::parse(bytes)->payload();
  for (size_t size = 0; size < payload.size(); ++size) {
    const std::vector<uint8_t> cut(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(size));
    RecordIterator records(cut, 3);
    while (records.next()) {
    }
    ASSERT_FALSE(records.ok() && records.at_end()) << size;
  }
}

TEST(RecordIterator, TrailingBytes_AreNotTheEnd) {
  const auto bytes = sample();
  RecordIterator records(BatchView::parse(bytes)->payload(), 2);
  while (records.next()) {
  }
  EXPECT_TRUE(records.ok());
  EXPECT_FALSE(records.at_end());
}

TEST(RecordIterator, LyingLengths_AreRefused) {
  const std::vector<std::vector<uint8_t>> payloads = {
      {0x01},                          // a record of -1 bytes
      {12, 0, 0, 0, 1, 1, 0x01},       // -1 headers
      {12, 0, 0, 0, 1, 1, 0x7e},       // more headers than bytes
      {12, 0, 0, 0, 3, 1, 0},          // a key of -2 bytes
      {12, 0, 0, 0, 40, 1, 0},         // a key longer than the record
      {14, 0, 0, 0, 1, 1, 0, 0},       // a byte left over
      {16, 0, 0, 0, 1, 1, 2, 1, 1},    // a header without a key
      {16, 0, 0, 0, 1, 1, 2, 0x40, 0}  // a header key longer than the record
  };
  for (const auto& payload : payloads) {
    RecordIterator records(payload, 1);
    EXPECT_FALSE(records.next());
    EXPECT_FALSE(records.ok());
  }
}

TEST(RecordIterator, NegativeCount_GivesNothing) {
  const std::vector<uint8_t> none;
  RecordIterator records(none, -5);
  EXPECT_FALSE(records.next());
  EXPECT_FALSE(records.at_end());
}

TEST(RecordIterator, AnyBitChanged_NeverCrashes) {
  const auto bytes = sample({}, 20);
  const auto payload = BatchView::parse(bytes)->payload();
  Random random(1);
  for (int i = 0; i < 5000; ++i) {
    std::vector<uint8_t> changed(payload.begin(), payload.end());
    changed[random.below(changed.size())] ^= static_cast<uint8_t>(1u << random.below(8));
    RecordIterator records(changed, 20);
    while (const auto record = records.next()) {
      if (!decode_headers(*record)) ADD_FAILURE() << "headers were walked through before";
    }
  }
}

TEST(PlainRecords, UnknownCodec_IsUnsupported) {
  auto bytes = sample();
  bytes[22] |= 6;
  std::vector<uint8_t> scratch;
  EXPECT_EQ(plain_records(*BatchView::parse(bytes), scratch, kMiB).error().code, Errc::kUnsupported);
}

TEST(PlainRecords, Limit_IsForInflatedBytesOnly) {
  std::vector<uint8_t> scratch;
  const auto plain = sample({}, 100);
  EXPECT_TRUE(plain_records(*BatchView::parse(plain), scratch, 10));
  const auto packed = sample({.codec = Codec::kZstd}, 100);
  EXPECT_EQ(plain_records(*BatchView::parse(packed), scratch, 10).error().code, Errc::kTooLarge);
}

}  // namespace
}  // namespace tributary::wire
