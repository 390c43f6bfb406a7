// What takes offsets and groups away: OffsetDelete, DeleteGroups, expiry, the deletion of topics.
#include <algorithm>

#include "offsets.h"

namespace tributary::group {

using wire::ErrorCode;

namespace {

ErrorCode may_delete_offsets(const Group& group) {
  if (group.foreign) return ErrorCode::kNonEmptyGroup;
  if (!group.exists) return ErrorCode::kGroupIdNotFound;
  const bool deletable = group.classic.state() == GroupState::kEmpty || group.classic.is_consumer();
  return deletable ? ErrorCode::kNone : ErrorCode::kNonEmptyGroup;
}

ErrorCode may_delete(const Group& group) {
  if (group.foreign) return ErrorCode::kNonEmptyGroup;
  if (!group.exists) return ErrorCode::kGroupIdNotFound;
  return group.classic.state() == GroupState::kEmpty ? ErrorCode::kNone : ErrorCode::kNonEmptyGroup;
}

// Out of memory and, by the tombstone, out of the log.
void take(Group& group, const TopicPartitionView& key, std::vector<Record>& tombstones) {
  bool found = false;
  const auto take_from = [&](OffsetMap& offsets) {
    const auto at = offsets.find(key);
    if (at == offsets.end()) return;
    if (!found) tombstones.push_back(offset_tombstone(group.id, at->first));
    found = true;
    offsets.erase(at);
  };
  take_from(group.offsets);
  for (auto open = group.transactional_offsets.begin(); open != group.transactional_offsets.end();) {
    take_from(open->second);
    open = open->second.empty() ? group.transactional_offsets.erase(open) : std::next(open);
  }
}

// The keys for which `chosen(key, commit)` is true, transactional ones included.
template <typename Chosen>
std::vector<TopicPartition> select(const Group& group, const Chosen& chosen) {
  std::vector<TopicPartition> keys;
  const auto select_from = [&](const OffsetMap& offsets) {
    for (const auto& [key, commit] : offsets) {
      if (chosen(key, commit)) keys.push_back(key);
    }
  };
  select_from(group.offsets);
  for (const auto& [producer, offsets] : group.transactional_offsets) select_from(offsets);
  return keys;
}

std::vector<Record> take_all(Group& group, const std::vector<TopicPartition>& keys) {
  std::vector<Record> tombstones;
  for (const TopicPartition& key : keys) take(group, {key.topic, key.partition}, tombstones);
  return tombstones;
}

// From when on the retention of an offset counts, as far as the group says; none if nothing of it expires
// now.
struct RetentionStart {
  TimestampMs group = kNoTimestamp;  // none: the offset's own commit
};
std::optional<RetentionStart> retention_start(const ClassicGroup& group) {
  if (!group.protocol_type()) return RetentionStart{};
  if (group.state() == GroupState::kEmpty) return RetentionStart{group.state_timestamp()};
  const bool tells_topics = group.state() == GroupState::kStable && group.subscribed_topics();
  return tells_topics ? std::optional(RetentionStart{}) : std::nullopt;
}

}  // namespace

void Offsets::write_deletions(Group& group, std::vector<Record> tombstones, PendingAppend::Finish finish) {
  if (tombstones.empty()) return groups_.when_visible(group, std::move(finish));
  groups_.append_in_pieces(group, std::move(tombstones),
                           [this, &group, finish = std::move(finish)](ErrorCode error) {
                             if (error != ErrorCode::kNone) groups_.distrust(group);
                             finish(append_error_for_client(error));
                           });
}

void Offsets::delete_offsets(Group& group, const RequestInfo& info, const wire::OffsetDeleteRequest& request,
                             Reply<wire::OffsetDeleteResponse> reply) {
  if (const ErrorCode error = may_delete_offsets(group); error != ErrorCode::kNone) {
    return reply(refuse_offset_delete(info, request, error));
  }
  wire::OffsetDeleteResponse response;
  std::vector<Record> tombstones;
  const auto subscribed = group.classic.subscribed_topics();
  for (const auto& topic : request.topics) {
    const int32_t count = groups_.environment().partition_count(topic.name);
    const bool in_use = subscribed ? subscribed->contains(topic.name) : group.classic.is_consumer();
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const auto& partition : topic.partitions) {
      const bool exists = partition.partition_index >= 0 && partition.partition_index < count;
      auto& answer = out.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      if (!exists) {
        answer.error_code = ErrorCode::kUnknownTopicOrPartition;
      } else if (in_use) {
        answer.error_code = ErrorCode::kGroupSubscribedToTopic;
      } else {
        take(group, {topic.name, partition.partition_index}, tombstones);
      }
    }
  }
  groups_.probe().offset_deletions.add_unshared(tombstones.size());
  write_deletions(group, std::move(tombstones),
                  [response = std::move(response), reply = std::move(reply)](ErrorCode error) {
                    reply(error == ErrorCode::kNone ? response : refuse_offset_delete({}, {}, error));
                  });
}

void Offsets::delete_group(Group& group, const RequestInfo& info, std::string_view id,
                           Reply<DeletedGroup> reply) {
  if (const ErrorCode error = may_delete(group); error != ErrorCode::kNone) {
    return reply(refuse_delete(info, id, error));
  }
  std::vector<Record> tombstones =
      take_all(group, select(group, [](const auto&, const auto&) { return true; }));
  tombstones.push_back(group_tombstone(group.id));
  membership_.reset(group);
  write_deletions(group, std::move(tombstones), [&group, reply = std::move(reply)](ErrorCode error) {
    reply(refuse_delete({}, group.id, error));
  });
}

void Offsets::expire(Group& group) {
  if (!group.is_classic()) return;
  const ClassicGroup& classic = group.classic;
  const auto start = retention_start(classic);
  if (!start) return;
  const TimestampMs now = groups_.environment().wall_ms();
  const auto subscribed = classic.subscribed_topics();
  const auto expired = [&](const TopicPartition& key, const CommittedOffset& commit) {
    const bool in_use = subscribed ? subscribed->contains(key.topic) : classic.is_consumer();
    if (in_use || group.has_open_transaction({key.topic, key.partition})) return false;
    if (commit.expire_timestamp != kNoTimestamp) return now >= commit.expire_timestamp;
    const TimestampMs from = start->group != kNoTimestamp ? start->group : commit.commit_timestamp;
    return now - from >= groups_.config().offsets_retention_ms;
  };
  std::vector<Record> tombstones = take_all(group, select(group, expired));
  groups_.probe().offset_expirations.add_unshared(tombstones.size());
  const bool bare = group.offsets.empty() && group.transactional_offsets.empty() && !group.has_members();
  if (bare) {
    tombstones.push_back(group_tombstone(group.id));
    membership_.reset(group);
  }
  write_deletions(group, std::move(tombstones), [](ErrorCode) {});
}

void Offsets::forget_topics(Group& group, const std::vector<std::string>& topics) {
  std::vector<Record> tombstones;
  for (const std::string& topic : topics) {
    // A topic made anew under the name keeps what was committed for it.
    const Uuid now = groups_.environment().topic_id(topic);
    const auto gone = [&](const TopicPartition& key, const CommittedOffset& commit) {
      return key.topic == topic && (now.is_zero() || commit.topic_id != now);
    };
    auto taken = take_all(group, select(group, gone));
    std::ranges::move(taken, std::back_inserter(tombstones));
  }
  write_deletions(group, std::move(tombstones), [](ErrorCode) {});
}

}  // namespace tributary::group
