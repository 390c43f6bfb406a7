// OffsetFetch.
#include "offsets.h"
#include "tributary/wire/arena.h"

namespace tributary::group {

using wire::ErrorCode;

namespace {

constexpr int16_t kTopicIdsSince = 10;

using Answer = wire::OffsetFetchResponse::OffsetFetchResponsePartitions;

Answer no_offset(int32_t partition, ErrorCode error = ErrorCode::kNone) {
  Answer answer;
  answer.partition_index = partition;
  answer.committed_offset = -1;
  answer.error_code = error;
  return answer;
}

Answer committed(int32_t partition, const CommittedOffset& commit) {
  Answer answer;
  answer.partition_index = partition;
  answer.committed_offset = commit.offset;
  answer.committed_leader_epoch = raw(commit.leader_epoch);
  answer.metadata = commit.metadata;
  return answer;
}

// An offset of a topic of this name that was deleted since.
bool of_another_topic(const CommittedOffset& commit, const Uuid& asked) {
  return !asked.is_zero() && !commit.topic_id.is_zero() && commit.topic_id != asked;
}

// An answer that can wait.
struct HeldAnswer {
  wire::Arena texts;
  FetchedOffsets answer;

  explicit HeldAnswer(FetchedOffsets&& from) : answer(std::move(from)) {
    for (auto& topic : answer.topics) {
      topic.name = texts.keep(std::string(topic.name));
      for (auto& partition : topic.partitions)
        partition.metadata = texts.keep(std::string(*partition.metadata));
    }
  }
};

}  // namespace

void Offsets::fetch(Group& group, const RequestInfo& info, const FetchedGroup& request,
                    Reply<FetchedOffsets> reply) {
  answer_fetch(group, info, request, Stability::kAny, std::move(reply));
}

void Offsets::fetch_stable(Group& group, const RequestInfo& info, const FetchedGroup& request,
                           Reply<FetchedOffsets> reply) {
  answer_fetch(group, info, request, Stability::kRequired, std::move(reply));
}

void Offsets::answer_fetch(Group& group, const RequestInfo& info, const FetchedGroup& request,
                           Stability stability, Reply<FetchedOffsets> reply) {
  FetchedOffsets found = request.topics ? look_up(group, info, request, stability)
                                        : look_up_all(group, info, request, stability);
  if (group.appends_under_way == 0) return reply(found);
  // Part of it may not be visible yet, and has to be before anybody sees it.
  const auto held = std::make_shared<HeldAnswer>(std::move(found));
  groups_.when_visible(
      group, [&group, held, version = info.version, request, reply = std::move(reply)](ErrorCode error) {
        // Not ready: one of the batches before has failed.
        if (error == ErrorCode::kNone && group.ready()) return reply(held->answer);
        const bool gone = append_error_for_client(error) == ErrorCode::kNotCoordinator;
        // Offsets are loaded again now; clients know this error as one that passes.
        const auto retry = gone ? ErrorCode::kNotCoordinator : ErrorCode::kCoordinatorLoadInProgress;
        reply(refuse_fetch({.version = version, .client_id = {}, .client_host = {}}, request, retry));
      });
}

FetchedOffsets Offsets::look_up(const Group& group, const RequestInfo& info, const FetchedGroup& request,
                                Stability stability) const {
  FetchedOffsets response;
  response.group_id = request.group_id;
  response.topics.reserve(request.topics->size());
  for (const auto& topic : *request.topics) {
    const bool nameless = info.version >= kTopicIdsSince && topic.name.empty();
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    out.topic_id = topic.topic_id;
    out.partitions.reserve(topic.partition_indexes.size());
    for (const int32_t index : topic.partition_indexes) {
      const TopicPartitionView key{topic.name, index};
      const auto found = group.offsets.find(key);
      if (nameless) {
        out.partitions.push_back(no_offset(index, ErrorCode::kUnknownTopicId));
      } else if (stability == Stability::kRequired && group.has_open_transaction(key)) {
        out.partitions.push_back(no_offset(index, ErrorCode::kUnstableOffsetCommit));
      } else if (found == group.offsets.end() || of_another_topic(found->second, topic.topic_id)) {
        out.partitions.push_back(no_offset(index));
      } else {
        out.partitions.push_back(committed(index, found->second));
      }
    }
  }
  return response;
}

FetchedOffsets Offsets::look_up_all(const Group& group, const RequestInfo& info, const FetchedGroup& request,
                                    Stability stability) const {
  FetchedOffsets response;
  response.group_id = request.group_id;
  for (auto at = group.offsets.begin(); at != group.offsets.end();) {
    const std::string& topic = at->first.topic;
    wire::OffsetFetchResponse::OffsetFetchResponseTopics out;
    out.name = topic;
    if (info.version >= kTopicIdsSince) out.topic_id = groups_.environment().topic_id(topic);
    for (; at != group.offsets.end() && at->first.topic == topic; ++at) {
      const auto& [key, commit] = *at;
      const bool unstable =
          stability == Stability::kRequired && group.has_open_transaction({topic, key.partition});
      out.partitions.push_back(unstable ? no_offset(key.partition, ErrorCode::kUnstableOffsetCommit)
                                        : committed(key.partition, commit));
    }
    // A topic that is gone has no id to be named by.
    const bool nameable = info.version < kTopicIdsSince || !out.topic_id.is_zero();
    if (nameable) response.topics.push_back(std::move(out));
  }
  return response;
}

}  // namespace tributary::group
