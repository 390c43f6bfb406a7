#include "tributary/group/record.h"

#include "tributary/wire/records/group.h"

namespace tributary::group {
namespace {

namespace kafka = wire::group;

// Key types. Those between the two foreign ones are of the newer consumer, share and streams groups; all of
// their keys begin with the group's id.
constexpr int16_t kLegacyOffsetCommit = 0;
constexpr int16_t kOffsetCommit = 1;
constexpr int16_t kGroupMetadata = 2;
constexpr int16_t kFirstForeign = 3;
constexpr int16_t kLastForeign = 23;

constexpr int16_t kOffsetVersion = 4;
constexpr int16_t kExpiringOffsetVersion = 1;  // the only one with an expiry of its own
constexpr int16_t kMetadataVersion = 3;

template <typename Message>
std::vector<uint8_t> prefixed(int16_t prefix, const Message& message, int16_t version) {
  wire::Writer out;
  out.write_int16(prefix);
  message.encode(out, version);
  return std::move(out.buffer());
}

std::vector<uint8_t> offset_key(std::string_view group, const TopicPartition& partition) {
  const kafka::OffsetCommitKey key{
      .group = group, .topic = partition.topic, .partition = partition.partition};
  return prefixed(kOffsetCommit, key, 0);
}

std::vector<uint8_t> metadata_key(std::string_view group) {
  return prefixed(kGroupMetadata, kafka::GroupMetadataKey{.group = group}, 0);
}

kafka::GroupMetadataValue::MemberMetadata to_wire(const StoredMember& member) {
  return {.member_id = member.id,
          .group_instance_id = member.instance_id,
          .client_id = member.client_id,
          .client_host = member.client_host,
          .rebalance_timeout = member.rebalance_timeout_ms,
          .session_timeout = member.session_timeout_ms,
          .subscription = member.subscription,
          .assignment = member.assignment};
}

StoredMember from_wire(const kafka::GroupMetadataValue::MemberMetadata& member) {
  return {.id = std::string(member.member_id),
          .instance_id = std::optional<std::string>(member.group_instance_id),
          .client_id = std::string(member.client_id),
          .client_host = std::string(member.client_host),
          // As Kafka reads those of before there was a rebalance timeout.
          .rebalance_timeout_ms =
              member.rebalance_timeout == -1 ? member.session_timeout : member.rebalance_timeout,
          .session_timeout_ms = member.session_timeout,
          .subscription = {member.subscription.begin(), member.subscription.end()},
          .assignment = {member.assignment.begin(), member.assignment.end()}};
}

CommittedOffset from_wire(const kafka::OffsetCommitValue& value) {
  return {.offset = value.offset,
          .leader_epoch = value.leader_epoch < 0 ? kNoLeaderEpoch : LeaderEpoch{value.leader_epoch},
          .metadata = std::string(value.metadata),
          .commit_timestamp = value.commit_timestamp,
          .expire_timestamp = value.expire_timestamp,
          .topic_id = value.topic_id};
}

StoredMetadata from_wire(const kafka::GroupMetadataValue& value) {
  StoredMetadata metadata{.protocol_type = std::string(value.protocol_type),
                          .generation = value.generation,
                          .protocol = std::optional<std::string>(value.protocol),
                          .leader = std::optional<std::string>(value.leader),
                          .state_timestamp = value.current_state_timestamp};
  metadata.members.reserve(value.members.size());
  for (const auto& member : value.members) metadata.members.push_back(from_wire(member));
  return metadata;
}

template <typename Key>
Result<Key> parse_key(wire::Reader in) {
  Key key;
  if (!key.decode(in, 0)) return fail(Errc::kCorruption, "the key of a group record is cut short");
  return key;
}

// Bytes behind the value are left alone, as Kafka leaves them.
template <typename Value>
Result<Value> parse_value(ByteView bytes, int16_t max_version) {
  wire::Reader in(bytes);
  const int16_t version = in.read_int16();
  if (in.ok() && (version < 0 || version > max_version)) {
    return fail(Errc::kUnsupported, "a group record's value has version " + std::to_string(version) +
                                        ", known up to " + std::to_string(max_version));
  }
  Value value;
  value.decode(in, version);
  if (!in.ok()) return fail(Errc::kCorruption, "the value of a group record is malformed");
  return value;
}

Result<Event> parse_offset(wire::Reader in, const std::optional<ByteView>& value, int16_t max_version) {
  TRIBUTARY_ASSIGN(const auto key, parse_key<kafka::OffsetCommitKey>(in));
  OffsetEvent event{std::string(key.group), {std::string(key.topic), key.partition}, std::nullopt};
  if (value) {
    TRIBUTARY_ASSIGN(const auto parsed, parse_value<kafka::OffsetCommitValue>(*value, max_version));
    event.commit = from_wire(parsed);
  }
  return event;
}

Result<Event> parse_metadata(wire::Reader in, const std::optional<ByteView>& value) {
  TRIBUTARY_ASSIGN(const auto key, parse_key<kafka::GroupMetadataKey>(in));
  MetadataEvent event{std::string(key.group), std::nullopt};
  if (value) {
    TRIBUTARY_ASSIGN(const auto parsed,
                     parse_value<kafka::GroupMetadataValue>(*value, kafka::GroupMetadataValue::kMaxVersion));
    event.metadata = from_wire(parsed);
  }
  return event;
}

Result<Event> parse_foreign(wire::Reader in, int16_t type, bool deletion) {
  ForeignEvent event{.key_type = type, .group = {}, .deletion = deletion};
  if (type < kFirstForeign || type > kLastForeign) return event;
  event.group = in.read_string(false);
  if (!in.ok()) return fail(Errc::kCorruption, "the key of a group record is cut short");
  return event;
}

}  // namespace

Record offset_commit_record(std::string_view group, const TopicPartition& partition,
                            const CommittedOffset& commit) {
  const kafka::OffsetCommitValue value{.offset = commit.offset,
                                       .leader_epoch = raw(commit.leader_epoch),
                                       .metadata = commit.metadata,
                                       .commit_timestamp = commit.commit_timestamp,
                                       .expire_timestamp = commit.expire_timestamp,
                                       .topic_id = commit.topic_id};
  const bool expires = commit.expire_timestamp != kNoTimestamp;
  const int16_t version = expires ? kExpiringOffsetVersion : kOffsetVersion;
  return {offset_key(group, partition), prefixed(version, value, version)};
}

Record offset_tombstone(std::string_view group, const TopicPartition& partition) {
  return {offset_key(group, partition), std::nullopt};
}

Record group_metadata_record(std::string_view group, const StoredMetadata& metadata) {
  kafka::GroupMetadataValue value{.protocol_type = metadata.protocol_type,
                                  .generation = metadata.generation,
                                  .protocol = metadata.protocol,
                                  .leader = metadata.leader,
                                  .current_state_timestamp = metadata.state_timestamp};
  value.members.reserve(metadata.members.size());
  for (const StoredMember& member : metadata.members) value.members.push_back(to_wire(member));
  return {metadata_key(group), prefixed(kMetadataVersion, value, kMetadataVersion)};
}

Record group_tombstone(std::string_view group) { return {metadata_key(group), std::nullopt}; }

Result<Event> parse_record(ByteView key, const std::optional<ByteView>& value) {
  wire::Reader in(key);
  const int16_t type = in.read_int16();
  if (!in.ok()) return fail(Errc::kCorruption, "the key of a group record is too short for its type");
  switch (type) {
    case kLegacyOffsetCommit:
      return parse_offset(in, value, 0);
    case kOffsetCommit:
      return parse_offset(in, value, kafka::OffsetCommitValue::kMaxVersion);
    case kGroupMetadata:
      return parse_metadata(in, value);
    default:
      return parse_foreign(in, type, !value);
  }
}

}  // namespace tributary::group
