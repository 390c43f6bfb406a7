// The requests that concern one group: JoinGroup, SyncGroup, Heartbeat, LeaveGroup, OffsetCommit,
// OffsetDelete. Each goes to the group's coordinator as it is.
#include "group_call.h"
#include "handlers.h"

namespace tributary::broker {
namespace {

using group::Coordinator;
using wire::ErrorCode;

constexpr int16_t kFirstCommitById = 10;

wire::JoinGroupResponse refusal(const wire::JoinGroupRequest& message, ErrorCode error, int16_t version) {
  wire::JoinGroupResponse response;
  response.error_code = error;
  response.member_id = message.member_id;
  if (version >= 7) response.protocol_name = std::nullopt;
  return response;
}

wire::SyncGroupResponse refusal(const wire::SyncGroupRequest&, ErrorCode error, int16_t) {
  wire::SyncGroupResponse response;
  response.error_code = error;
  return response;
}

wire::HeartbeatResponse refusal(const wire::HeartbeatRequest&, ErrorCode error, int16_t) {
  wire::HeartbeatResponse response;
  response.error_code = error;
  return response;
}

wire::LeaveGroupResponse refusal(const wire::LeaveGroupRequest&, ErrorCode error, int16_t) {
  wire::LeaveGroupResponse response;
  response.error_code = error;
  return response;
}

wire::OffsetCommitResponse refusal(const wire::OffsetCommitRequest& message, ErrorCode error, int16_t) {
  wire::OffsetCommitResponse response;
  for (const auto& asked : message.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = asked.name;
    topic.topic_id = asked.topic_id;
    for (const auto& partition : asked.partitions) {
      auto& refused = topic.partitions.emplace_back();
      refused.partition_index = partition.partition_index;
      refused.error_code = error;
    }
  }
  return response;
}

wire::OffsetDeleteResponse refusal(const wire::OffsetDeleteRequest&, ErrorCode error, int16_t) {
  wire::OffsetDeleteResponse response;
  response.error_code = error;
  return response;
}

template <auto kAsk, typename Response, typename Message>
void pass_on(RequestPtr request, Message message) {
  Shard& home = request->shard();
  const std::string_view group = message.group_id;
  at_coordinator(home, group,
                 [request = std::move(request), message = std::move(message)](
                     Shard& there, Coordinator* coordinator, ErrorCode error) {
                   if (coordinator == nullptr)
                     return answer_from(there, request, refusal(message, error, request->version()));
                   (coordinator->*kAsk)(info_of(*request), message,
                                        [request, &there](const Response& response) {
                                          answer_from(there, request, response);
                                        });
                 });
}

}  // namespace

void join_group(RequestPtr request, wire::JoinGroupRequest& message) {
  pass_on<&Coordinator::join_group, wire::JoinGroupResponse>(std::move(request), std::move(message));
}

void sync_group(RequestPtr request, wire::SyncGroupRequest& message) {
  pass_on<&Coordinator::sync_group, wire::SyncGroupResponse>(std::move(request), std::move(message));
}

void heartbeat(RequestPtr request, wire::HeartbeatRequest& message) {
  pass_on<&Coordinator::heartbeat, wire::HeartbeatResponse>(std::move(request), std::move(message));
}

void leave_group(RequestPtr request, wire::LeaveGroupRequest& message) {
  pass_on<&Coordinator::leave_group, wire::LeaveGroupResponse>(std::move(request), std::move(message));
}

void offset_commit(RequestPtr request, wire::OffsetCommitRequest& message) {
  if (request->version() >= kFirstCommitById) {
    for (auto& topic : message.topics) topic.name = topic_name_of(*request, topic.topic_id);
  }
  pass_on<&Coordinator::offset_commit, wire::OffsetCommitResponse>(std::move(request), std::move(message));
}

void offset_delete(RequestPtr request, wire::OffsetDeleteRequest& message) {
  pass_on<&Coordinator::offset_delete, wire::OffsetDeleteResponse>(std::move(request), std::move(message));
}

}  // namespace tributary::broker
