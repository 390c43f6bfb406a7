// OffsetFetch. Before version 8 a request asks for one group and its answer has no level for groups.
#include "group_gather.h"
#include "handlers.h"

namespace tributary::broker {
namespace {

using wire::ErrorCode;
using AskedGroup = wire::OffsetFetchRequest::OffsetFetchRequestGroup;
using AnsweredGroup = wire::OffsetFetchResponse::OffsetFetchResponseGroup;

constexpr int16_t kFirstWithError = 2;
constexpr int16_t kFirstWithGroups = 8;
constexpr int16_t kFirstById = 10;

AskedGroup only_group(const wire::OffsetFetchRequest& message) {
  AskedGroup group;
  group.group_id = message.group_id;
  if (!message.topics) {
    group.topics = std::nullopt;
    return group;
  }
  group.topics->reserve(message.topics->size());
  for (const auto& asked : *message.topics) {
    auto& topic = group.topics->emplace_back();
    topic.name = asked.name;
    topic.partition_indexes = asked.partition_indexes;
  }
  return group;
}

AnsweredGroup refusal(const AskedGroup& asked, ErrorCode error, int16_t version) {
  AnsweredGroup group;
  group.group_id = asked.group_id;
  group.error_code = error;
  if (version >= kFirstWithError || !asked.topics) return group;
  for (const auto& topic : *asked.topics) {
    auto& refused = group.topics.emplace_back();
    refused.name = topic.name;
    for (const int32_t index : topic.partition_indexes) {
      auto& partition = refused.partitions.emplace_back();
      partition.partition_index = index;
      partition.committed_offset = -1;
      partition.error_code = error;
    }
  }
  return group;
}

wire::OffsetFetchResponse response_of(const AnsweredGroup& group, int16_t version) {
  wire::OffsetFetchResponse response;
  if (version >= kFirstWithGroups) {
    response.groups.push_back(group);
    return response;
  }
  response.error_code = group.error_code;
  response.topics.reserve(group.topics.size());
  for (const auto& from : group.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = from.name;
    topic.partitions.reserve(from.partitions.size());
    for (const auto& one : from.partitions) {
      topic.partitions.push_back({.partition_index = one.partition_index,
                                  .committed_offset = one.committed_offset,
                                  .committed_leader_epoch = one.committed_leader_epoch,
                                  .metadata = one.metadata,
                                  .error_code = one.error_code});
    }
  }
  return response;
}

// `answer(here, group)` on the coordinator's shard.
template <typename Answer>
void ask(const RequestPtr& request, AskedGroup group, bool require_stable, Answer answer) {
  const std::string_view id = group.group_id;
  at_coordinator(request->shard(), id,
                 [request, group = std::move(group), require_stable, answer = std::move(answer)](
                     Shard& there, group::Coordinator* coordinator, ErrorCode error) {
                   if (coordinator == nullptr)
                     return answer(there, refusal(group, error, request->version()));
                   coordinator->offset_fetch(
                       info_of(*request), group, require_stable,
                       [&there, answer](const AnsweredGroup& found) { answer(there, found); });
                 });
}

void name_topics(Request& request, wire::OffsetFetchRequest& message) {
  for (auto& group : message.groups) {
    if (!group.topics) continue;
    for (auto& topic : *group.topics) topic.name = topic_name_of(request, topic.topic_id);
  }
}

}  // namespace

void offset_fetch(RequestPtr request, wire::OffsetFetchRequest& message) {
  const int16_t version = request->version();
  if (version >= kFirstById) name_topics(*request, message);
  if (version < kFirstWithGroups) message.groups = {only_group(message)};
  if (message.groups.size() == 1) {
    ask(request, std::move(message.groups.front()), message.require_stable,
        [request](Shard& there, const AnsweredGroup& group) {
          answer_from(there, request, response_of(group, request->version()));
        });
    return;
  }
  const auto gather = std::make_shared<GroupGather<AnsweredGroup>>(
      std::move(request), message.groups.size(), [](Request& asked, std::vector<AnsweredGroup> groups) {
        wire::OffsetFetchResponse response;
        response.groups = std::move(groups);
        asked.respond(response);
      });
  for (size_t i = 0; i < message.groups.size(); ++i) {
    ask(gather->request(), std::move(message.groups[i]), message.require_stable,
        [gather, i](Shard& there, const AnsweredGroup& group) { gather->put(there, i, group); });
  }
  gather->all_asked();
}

}  // namespace tributary::broker
