// Reads batches that Kafka's builder made, and makes the same: tests/golden/java/GoldenBatches.java has their
// content.
#include <fstream>
#include <map>

#include "golden.h"
#include "tributary/wire/control_record.h"
#include "tributary/wire/record_batch.h"
#include "tributary/wire/records/control.h"
#include "tributary/wire/writer.h"

namespace tributary::wire {
namespace {

constexpr int kRecords = 200;

std::vector<uint8_t> load(const std::string& wanted) {
  std::ifstream file(TRIBUTARY_TEST_DATA "/golden/batches.txt");
  for (std::string name, hex; file >> name >> hex;) {
    if (name == wanted) return from_hex(hex);
  }
  return {};
}

std::optional<std::string> key_of(int i) {
  return i % 3 == 0 ? std::nullopt : std::optional("key-" + std::to_string(i));
}

std::optional<std::string> value_of(int i) {
  if (i % 7 == 0) return std::nullopt;
  std::string value;
  for (int n = 0; n < 1 + i % 5; ++n) value += "value ";
  return value + std::to_string(i);
}

std::optional<ByteView> view(const std::optional<std::string>& text) {
  return text ? std::optional(as_bytes(*text)) : std::nullopt;
}

BatchOptions options() {
  return {.base_offset = 1000,
          .leader_epoch = LeaderEpoch{3},
          .producer_id = ProducerId{9},
          .producer_epoch = 2,
          .base_sequence = 5};
}

std::vector<uint8_t> build(BatchOptions options) {
  BatchBuilder builder(options);
  for (int i = 0; i < kRecords; ++i) {
    const auto key = key_of(i);
    const auto value = value_of(i);
    const std::string header = "v" + std::to_string(i);
    std::vector<Header> headers;
    if (i % 4 == 0) headers = {{"h", as_bytes(header)}, {"null", std::nullopt}};
    builder.append(50'000 + (i * 37) % 100, view(key), view(value), headers);
  }
  return builder.build();
}

std::vector<uint8_t> build_control(ControlType type, BatchOptions options, ByteView value) {
  options.base_offset = 40;
  options.leader_epoch = LeaderEpoch{3};
  options.control = true;
  BatchBuilder builder(options);
  builder.append(5000, control_key(type), value);
  return builder.build();
}

template <typename Message>
std::vector<uint8_t> build_control(ControlType type, const Message& message) {
  Writer out;
  message.encode(out, 0);
  return build_control(type, {}, out.to_vector());
}

class GoldenBatch : public testing::TestWithParam<std::pair<const char*, Codec>> {};

TEST_P(GoldenBatch, Records_AreWhatKafkaPutIn) {
  const auto bytes = load(GetParam().first);
  const auto batch = BatchView::parse(bytes);
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->crc_matches());
  EXPECT_EQ(batch->codec_id(), static_cast<int>(GetParam().second));
  std::vector<uint8_t> scratch;
  const auto payload = plain_records(*batch, scratch, 1 << 20);
  ASSERT_TRUE(payload);
  RecordIterator records(*payload, batch->record_count());
  for (int i = 0; i < kRecords; ++i) {
    const auto record = records.next();
    ASSERT_TRUE(record) << i;
    EXPECT_EQ(record->offset_delta, i);
    EXPECT_EQ(batch->base_timestamp() + record->timestamp_delta, 50'000 + (i * 37) % 100);
    EXPECT_EQ(record->key.has_value(), key_of(i).has_value());
    if (record->key) EXPECT_EQ(as_text(*record->key), key_of(i).value());
    if (record->value) EXPECT_EQ(as_text(*record->value), value_of(i).value());
    EXPECT_EQ(decode_headers(*record)->size(), i % 4 == 0 ? 2u : 0u);
  }
  EXPECT_TRUE(records.ok() && records.at_end());
}

TEST_P(GoldenBatch, OurCompression_HoldsTheSamePayload) {
  auto ours = options();
  ours.codec = GetParam().second;
  const auto bytes = build(ours);
  const auto theirs = load(GetParam().first);
  std::vector<uint8_t> our_scratch, their_scratch;
  const auto our_payload = plain_records(BatchView::parse(bytes).value(), our_scratch, 1 << 20);
  const auto their_payload = plain_records(BatchView::parse(theirs).value(), their_scratch, 1 << 20);
  ASSERT_TRUE(our_payload && their_payload);
  EXPECT_TRUE(std::ranges::equal(*our_payload, *their_payload));
}

INSTANTIATE_TEST_SUITE_P(Codecs, GoldenBatch,
                         testing::Values(std::pair{"none", Codec::kNone}, std::pair{"gzip", Codec::kGzip},
                                         std::pair{"snappy", Codec::kSnappy}, std::pair{"lz4", Codec::kLz4},
                                         std::pair{"zstd", Codec::kZstd}));

TEST(GoldenBatches, Uncompressed_AreBuiltToTheSameBytes) {
  EXPECT_EQ(to_hex(build(options())), to_hex(load("none")));
  auto append_time = options();
  append_time.timestamp_type = TimestampType::kLogAppendTime;
  append_time.log_append_time = 77'000;
  EXPECT_EQ(to_hex(build(append_time)), to_hex(load("log_append_time")));
  auto transactional = options();
  transactional.transactional = true;
  EXPECT_EQ(to_hex(build(transactional)), to_hex(load("transactional")));
}

TEST(GoldenBatches, LogAppendTimeStamp_IsWhatKafkaWrites) {
  auto bytes = build(options());
  stamp_log_append_time(bytes, 77'000);
  EXPECT_EQ(to_hex(bytes), to_hex(load("log_append_time")));
}

TEST(GoldenBatches, Markers_AreBuiltToTheSameBytes) {
  const BatchOptions producer = {.producer_id = ProducerId{9}, .producer_epoch = 2, .transactional = true};
  EXPECT_EQ(to_hex(build_control(ControlType::kAbort, producer, end_txn_value(7))), to_hex(load("abort")));
  EXPECT_EQ(to_hex(build_control(ControlType::kCommit, producer, end_txn_value(7))), to_hex(load("commit")));
}

TEST(GoldenBatches, QuorumRecords_AreBuiltToTheSameBytes) {
  control::LeaderChangeMessage leader{.leader_id = 4};
  leader.voters.push_back({.voter_id = 4});
  EXPECT_EQ(to_hex(build_control(ControlType::kLeaderChange, leader)), to_hex(load("leader_change")));
  const control::SnapshotHeaderRecord header{.last_contained_log_timestamp = 12345};
  EXPECT_EQ(to_hex(build_control(ControlType::kSnapshotHeader, header)), to_hex(load("snapshot_header")));
  EXPECT_EQ(to_hex(build_control(ControlType::kSnapshotFooter, control::SnapshotFooterRecord{})),
            to_hex(load("snapshot_footer")));
  const control::KRaftVersionRecord version{.kraft_version = 1};
  EXPECT_EQ(to_hex(build_control(ControlType::kKRaftVersion, version)), to_hex(load("kraft_version")));
}

TEST(ControlRecord, KeysAndMarkerValues_ReadBack) {
  for (int16_t type = 0; type <= 6; ++type)
    EXPECT_EQ(parse_control_key(control_key(ControlType{type})), ControlType{type});
  EXPECT_EQ(parse_control_key(control_key(ControlType{7})), std::nullopt);
  EXPECT_EQ(parse_control_key(as_bytes("\xff\xff")), std::nullopt);
  EXPECT_EQ(parse_control_key({}), std::nullopt);
  EXPECT_EQ(parse_end_txn_value(end_txn_value(-3)), -3);
  EXPECT_EQ(parse_end_txn_value(as_bytes("abc")), std::nullopt);
}

}  // namespace
}  // namespace tributary::wire
