#include "tributary/group/record.h"

#include "tributary/base/random.h"
#include "tributary/wire/records/group.h"

namespace tributary::group {
namespace {

std::vector<uint8_t> bytes(std::string_view hex) {
  std::vector<uint8_t> out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

Result<Event> parse(const Record& record) {
  return parse_record(record.key, record.value ? std::optional<ByteView>(*record.value) : std::nullopt);
}

template <typename T>
T parsed(const Record& record) {
  const auto event = parse(record);
  EXPECT_TRUE(event) << event.error().message;
  return event ? std::get<T>(*event) : T{};
}

template <typename Value>
std::vector<uint8_t> value_of(const Value& value, int16_t version) {
  wire::Writer out;
  out.write_int16(version);
  value.encode(out, version);
  return out.to_vector();
}

CommittedOffset some_commit() {
  return {.offset = 42,
          .leader_epoch = LeaderEpoch{7},
          .metadata = "m",
          .commit_timestamp = 1000,
          .topic_id = {{1, 2, 3}}};
}

StoredMetadata some_metadata() {
  StoredMetadata metadata{
      .protocol_type = "consumer", .generation = 3, .protocol = "range", .leader = "a", .state_timestamp = 5};
  metadata.members.push_back({.id = "a",
                              .instance_id = "i",
                              .client_id = "c",
                              .client_host = "/h",
                              .rebalance_timeout_ms = 300'000,
                              .session_timeout_ms = 10'000,
                              .subscription = {1, 2},
                              .assignment = {3}});
  metadata.members.push_back({.id = "b", .rebalance_timeout_ms = 1, .session_timeout_ms = 2});
  return metadata;
}

const TopicPartition kPartition{"t", 9};

TEST(GroupRecord, OffsetCommit_IsTheBytesOfKafka) {
  const Record record = offset_commit_record("g", kPartition, some_commit());
  EXPECT_EQ(record.key, bytes("0001"
                              "000167"
                              "000174"
                              "00000009"));
  EXPECT_EQ(record.value, bytes("0004"
                                "000000000000002a"
                                "00000007"
                                "026d"
                                "00000000000003e8"
                                "01"
                                "0010"
                                "01020300000000000000000000000000"));
}

TEST(GroupRecord, OffsetCommitThatExpires_IsVersion1) {
  CommittedOffset commit = some_commit();
  commit.expire_timestamp = 2000;
  EXPECT_EQ(offset_commit_record("g", kPartition, commit).value, bytes("0001"
                                                                       "000000000000002a"
                                                                       "00016d"
                                                                       "00000000000003e8"
                                                                       "00000000000007d0"));
}

TEST(GroupRecord, EmptyGroup_IsTheBytesOfKafka) {
  const StoredMetadata metadata{.protocol_type = "consumer", .generation = 2, .state_timestamp = 5};
  const Record record = group_metadata_record("g", metadata);
  EXPECT_EQ(record.key, bytes("0002000167"));
  EXPECT_EQ(record.value, bytes("0003"
                                "0008636f6e73756d6572"
                                "00000002"
                                "ffff"
                                "ffff"
                                "0000000000000005"
                                "00000000"));
}

TEST(GroupRecord, Written_ComesBack) {
  const auto offset = parsed<OffsetEvent>(offset_commit_record("g", kPartition, some_commit()));
  EXPECT_EQ(offset.group, "g");
  EXPECT_EQ(offset.partition, kPartition);
  EXPECT_EQ(offset.commit, some_commit());
  const auto metadata = parsed<MetadataEvent>(group_metadata_record("g", some_metadata()));
  EXPECT_EQ(metadata.group, "g");
  EXPECT_EQ(metadata.metadata, some_metadata());
}

TEST(GroupRecord, Tombstones_AreDeletions) {
  EXPECT_FALSE(parsed<OffsetEvent>(offset_tombstone("g", kPartition)).commit);
  EXPECT_FALSE(parsed<MetadataEvent>(group_tombstone("g")).metadata);
}

TEST(GroupRecord, EveryVersionOfAnOffset_IsRead) {
  const wire::group::OffsetCommitValue value{
      .offset = 5, .leader_epoch = 3, .metadata = "x", .commit_timestamp = 10, .expire_timestamp = 20};
  const Record written = offset_commit_record("g", kPartition, {});
  for (int16_t version = 0; version <= 4; ++version) {
    SCOPED_TRACE(version);
    const auto event = parsed<OffsetEvent>({written.key, value_of(value, version)});
    ASSERT_TRUE(event.commit);
    EXPECT_EQ(event.commit->offset, 5);
    EXPECT_EQ(event.commit->metadata, "x");
    EXPECT_EQ(event.commit->commit_timestamp, 10);
    EXPECT_EQ(event.commit->leader_epoch, version >= 3 ? LeaderEpoch{3} : kNoLeaderEpoch);
    EXPECT_EQ(event.commit->expire_timestamp, version == 1 ? 20 : kNoTimestamp);
  }
}

TEST(GroupRecord, LegacyOffsetKey_HasVersion0Only) {
  Record record = offset_commit_record("g", kPartition, {});
  record.key[1] = 0;
  record.value = value_of(wire::group::OffsetCommitValue{.offset = 5}, 0);
  EXPECT_EQ(parsed<OffsetEvent>(record).commit->offset, 5);
  record.value = value_of(wire::group::OffsetCommitValue{.offset = 5}, 1);
  EXPECT_EQ(parse(record).error().code, Errc::kUnsupported);
}

TEST(GroupRecord, EveryVersionOfAGroup_IsRead) {
  wire::group::GroupMetadataValue value{
      .protocol_type = "consumer", .generation = 3, .protocol = "range", .leader = "a"};
  value.members.push_back({.member_id = "a", .rebalance_timeout = 300, .session_timeout = 100});
  value.members[0].group_instance_id = "i";
  value.current_state_timestamp = 77;
  for (int16_t version = 0; version <= 4; ++version) {
    SCOPED_TRACE(version);
    const auto event = parsed<MetadataEvent>({group_tombstone("g").key, value_of(value, version)});
    ASSERT_TRUE(event.metadata);
    EXPECT_EQ(event.metadata->state_timestamp, version >= 2 ? 77 : kNoTimestamp);
    const StoredMember& member = event.metadata->members.at(0);
    EXPECT_EQ(member.instance_id, version >= 3 ? std::optional<std::string>("i") : std::nullopt);
    EXPECT_EQ(member.rebalance_timeout_ms, version >= 1 ? 300 : 100);
  }
}

TEST(GroupRecord, ValueOfALaterVersion_IsUnsupported) {
  Record offset = offset_commit_record("g", kPartition, {});
  offset.value->at(1) = 5;
  EXPECT_EQ(parse(offset).error().code, Errc::kUnsupported);
  Record group = group_metadata_record("g", some_metadata());
  group.value->at(1) = 5;
  EXPECT_EQ(parse(group).error().code, Errc::kUnsupported);
  group.value->at(0) = 0xff;
  EXPECT_EQ(parse(group).error().code, Errc::kUnsupported);
}

TEST(GroupRecord, KeysOfNewerProtocols_TellTheGroup) {
  Record record = group_tombstone("g");
  for (uint8_t type = 3; type <= 23; ++type) {
    record.key[1] = type;
    const auto event = parsed<ForeignEvent>(record);
    EXPECT_EQ(event.key_type, type);
    EXPECT_EQ(event.group, "g");
    EXPECT_TRUE(event.deletion);
  }
  record.value.emplace();
  EXPECT_FALSE(parsed<ForeignEvent>(record).deletion);
}

TEST(GroupRecord, UnknownKeyType_IsForeignWithoutGroup) {
  for (const char* key : {"0018", "7fff", "ffff", "0018000167"}) {
    const auto event = parsed<ForeignEvent>({bytes(key), std::nullopt});
    EXPECT_EQ(event.group, "");
  }
}

TEST(GroupRecord, CutShort_IsCorrupt) {
  for (const Record& whole :
       {offset_commit_record("g", kPartition, some_commit()), group_metadata_record("g", some_metadata())}) {
    for (size_t size = 0; size < whole.key.size(); ++size) {
      const auto event = parse_record(ByteView(whole.key).first(size), ByteView(*whole.value));
      ASSERT_FALSE(event) << size;
      EXPECT_EQ(event.error().code, Errc::kCorruption);
    }
    for (size_t size = 0; size < whole.value->size(); ++size) {
      const auto event = parse_record(whole.key, ByteView(*whole.value).first(size));
      ASSERT_FALSE(event) << size;
      EXPECT_EQ(event.error().code, Errc::kCorruption);
    }
  }
}

TEST(GroupRecord, RandomDamage_NeverBreaksTheParser) {
  Random random(1);
  const Record whole = group_metadata_record("g", some_metadata());
  for (int i = 0; i < 20'000; ++i) {
    Record damaged = whole;
    damaged.key[random.below(damaged.key.size())] = static_cast<uint8_t>(random.next());
    for (int n = 0; n < 3; ++n) {
      damaged.value->at(random.below(damaged.value->size())) = static_cast<uint8_t>(random.next());
    }
    const auto event = parse(damaged);
    if (event && std::holds_alternative<MetadataEvent>(*event)) {
      const auto& metadata = *std::get<MetadataEvent>(*event).metadata;
      EXPECT_LE(metadata.members.size(), whole.value->size());
    }
  }
}

}  // namespace
}  // namespace tributary::group
