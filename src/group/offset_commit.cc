// OffsetCommit.
#include "offsets.h"

namespace tributary::group {

using wire::ErrorCode;

namespace {

constexpr int16_t kTopicIdsSince = 10;
constexpr int16_t kGroupIdNotFoundSince = 9;

// Kafka counts UTF-16 units: a byte that begins a character is one, and one of four bytes is two.
bool longer_than(std::string_view text, size_t limit) {
  if (text.size() <= limit) return false;
  size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if ((byte & 0xc0) != 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units > limit;
}

// Where a partition's offset is or is to be.
OffsetMap::value_type& slot(OffsetMap& offsets, const TopicPartitionView& key) {
  auto at = offsets.lower_bound(key);
  if (at == offsets.end() || TopicPartitionLess()(key, at->first)) {
    at = offsets.try_emplace(at, {std::string(key.topic), key.partition});
  }
  return *at;
}

TimestampMs expiry(int64_t retention_ms, TimestampMs now) {
  if (retention_ms == -1) return kNoTimestamp;
  TimestampMs at = 0;
  return __builtin_add_overflow(now, retention_ms, &at) ? INT64_MAX : at;
}

void fail_the_rest(wire::OffsetCommitResponse& response, ErrorCode error) {
  for (auto& topic : response.topics) {
    for (auto& partition : topic.partitions) {
      if (partition.error_code == ErrorCode::kNone) partition.error_code = error;
    }
  }
}

}  // namespace

struct Offsets::Committing {
  TimestampMs now;
  TimestampMs expire_timestamp;
  std::optional<ErrorCode> verdict;  // on the member, asked for by the first partition that exists
  wire::OffsetCommitResponse response;
  std::vector<Record> records;
};

void Offsets::commit(Group& group, const RequestInfo& info, const wire::OffsetCommitRequest& request,
                     Reply<wire::OffsetCommitResponse> reply) {
  const TimestampMs now = groups_.environment().wall_ms();
  Committing work{now, expiry(request.retention_time_ms, now), {}, {}, {}};
  work.response.topics.reserve(request.topics.size());
  for (const auto& topic : request.topics) commit_topic(group, info, request, topic, work);
  if (work.records.empty()) return reply(work.response);
  group.exists = true;
  groups_.probe().offset_commits.add_unshared(work.records.size());
  groups_.append(
      group, std::move(work.records),
      [this, &group, response = std::move(work.response), reply = std::move(reply)](ErrorCode error) mutable {
        if (error != ErrorCode::kNone) {
          groups_.distrust(group);
          fail_the_rest(response, append_error_for_client(error));
        }
        reply(response);
      });
}

void Offsets::commit_topic(Group& group, const RequestInfo& info, const wire::OffsetCommitRequest& request,
                           const wire::OffsetCommitRequest::OffsetCommitRequestTopic& topic,
                           Committing& work) {
  Environment& environment = groups_.environment();
  const bool by_id = info.version >= kTopicIdsSince;
  const bool nameless = by_id && topic.name.empty();
  const int32_t count = nameless ? 0 : environment.partition_count(topic.name);
  const Uuid topic_id = by_id || count == 0 ? topic.topic_id : environment.topic_id(topic.name);
  auto& out = work.response.topics.emplace_back();
  out.name = topic.name;
  out.topic_id = topic.topic_id;
  out.partitions.reserve(topic.partitions.size());
  for (const auto& partition : topic.partitions) {
    const auto verdict = [&] {
      if (nameless) return ErrorCode::kUnknownTopicId;
      const bool exists = partition.partition_index >= 0 && partition.partition_index < count;
      if (!exists) return ErrorCode::kUnknownTopicOrPartition;
      if (!work.verdict) work.verdict = may_commit(group, info, request);
      if (*work.verdict != ErrorCode::kNone) return *work.verdict;
      const auto limit = static_cast<size_t>(groups_.config().offset_metadata_max_bytes);
      const bool too_large = longer_than(partition.committed_metadata.value_or(""), limit);
      return too_large ? ErrorCode::kOffsetMetadataTooLarge : ErrorCode::kNone;
    };
    auto& answer = out.partitions.emplace_back();
    answer.partition_index = partition.partition_index;
    answer.error_code = verdict();
    if (answer.error_code != ErrorCode::kNone) continue;
    auto& [key, commit] = slot(group.offsets, {topic.name, partition.partition_index});
    commit.offset = partition.committed_offset;
    commit.leader_epoch =
        partition.committed_leader_epoch < 0 ? kNoLeaderEpoch : LeaderEpoch{partition.committed_leader_epoch};
    commit.metadata = partition.committed_metadata.value_or("");
    commit.commit_timestamp = work.now;
    commit.expire_timestamp = work.expire_timestamp;
    commit.topic_id = topic_id;
    work.records.push_back(offset_commit_record(group.id, key, commit));
  }
}

ErrorCode Offsets::may_commit(Group& group, const RequestInfo& info,
                              const wire::OffsetCommitRequest& request) {
  const int32_t generation = request.generation_id_or_member_epoch;
  if (group.foreign) return ErrorCode::kUnknownMemberId;
  if (!group.exists) {
    // A consumer that does not use group management, or an operator, makes the group by committing.
    if (generation < 0) return ErrorCode::kNone;
    const bool knows = info.version >= kGroupIdNotFoundSince;
    return knows ? ErrorCode::kGroupIdNotFound : ErrorCode::kIllegalGeneration;
  }
  const ClassicGroup& classic = group.classic;
  if (generation < 0 && classic.state() == GroupState::kEmpty) return ErrorCode::kNone;
  const ErrorCode error = classic.validate(request.member_id, request.group_instance_id);
  if (error != ErrorCode::kNone) return error;
  if (generation != classic.generation()) return ErrorCode::kIllegalGeneration;
  if (classic.state() == GroupState::kCompletingRebalance) return ErrorCode::kRebalanceInProgress;
  membership_.renew_session(group, *classic.find(request.member_id));
  return ErrorCode::kNone;
}

}  // namespace tributary::group
