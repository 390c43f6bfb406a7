#include "answers.h"

namespace tributary::group {

using wire::ErrorCode;

ErrorCode append_error_for_client(ErrorCode error) {
  switch (error) {
    case ErrorCode::kUnknownTopicOrPartition:
    case ErrorCode::kNotEnoughReplicas:
    case ErrorCode::kNotEnoughReplicasAfterAppend:
    case ErrorCode::kRequestTimedOut:
      return ErrorCode::kCoordinatorNotAvailable;
    case ErrorCode::kNotLeaderOrFollower:
    case ErrorCode::kKafkaStorageError:
      return ErrorCode::kNotCoordinator;
    case ErrorCode::kMessageTooLarge:
    case ErrorCode::kRecordListTooLarge:
    case ErrorCode::kInvalidFetchSize:
      return ErrorCode::kUnknownServerError;
    default:
      return error;
  }
}

std::optional<std::string_view> protocol_name_for(int16_t join_version,
                                                  std::optional<std::string_view> name) {
  constexpr int16_t kNullableSince = 7;
  if (join_version < kNullableSince) return name.value_or("");
  return name == "" ? std::nullopt : name;
}

wire::JoinGroupResponse refuse_join(const RequestInfo& info, const wire::JoinGroupRequest& request,
                                    ErrorCode error) {
  wire::JoinGroupResponse response;
  response.error_code = error;
  response.protocol_name = protocol_name_for(info.version, std::nullopt);
  response.member_id = request.member_id;
  return response;
}

wire::SyncGroupResponse refuse_sync(const RequestInfo&, const wire::SyncGroupRequest&, ErrorCode error) {
  wire::SyncGroupResponse response;
  response.error_code = error;
  return response;
}

wire::HeartbeatResponse refuse_heartbeat(const RequestInfo&, const wire::HeartbeatRequest&, ErrorCode error) {
  wire::HeartbeatResponse response;
  // Its session begins anew when the group is loaded, so there is nothing to tell the member.
  response.error_code = error == ErrorCode::kCoordinatorLoadInProgress ? ErrorCode::kNone : error;
  return response;
}

wire::LeaveGroupResponse refuse_leave(const RequestInfo&, const wire::LeaveGroupRequest&, ErrorCode error) {
  wire::LeaveGroupResponse response;
  response.error_code = error;
  return response;
}

wire::OffsetCommitResponse refuse_commit(const RequestInfo&, const wire::OffsetCommitRequest& request,
                                         ErrorCode error) {
  wire::OffsetCommitResponse response;
  for (const auto& topic : request.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    out.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
      auto& answer = out.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      answer.error_code = error;
    }
  }
  return response;
}

FetchedOffsets refuse_fetch(const RequestInfo& info, const FetchedGroup& request, ErrorCode error) {
  constexpr int16_t kGroupErrorSince = 2;
  FetchedOffsets response;
  response.group_id = request.group_id;
  if (info.version >= kGroupErrorSince || !request.topics) {
    response.error_code = error;
    return response;
  }
  for (const auto& topic : *request.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const int32_t index : topic.partition_indexes) {
      auto& answer = out.partitions.emplace_back();
      answer.partition_index = index;
      answer.committed_offset = -1;
      answer.error_code = error;
    }
  }
  return response;
}

wire::OffsetDeleteResponse refuse_offset_delete(const RequestInfo&, const wire::OffsetDeleteRequest&,
                                                ErrorCode error) {
  wire::OffsetDeleteResponse response;
  response.error_code = error;
  return response;
}

DescribedGroup refuse_describe(const RequestInfo&, std::string_view group, ErrorCode error) {
  DescribedGroup response;
  response.group_id = group;
  response.error_code = error;
  return response;
}

DeletedGroup refuse_delete(const RequestInfo&, std::string_view group, ErrorCode error) {
  DeletedGroup response;
  response.group_id = group;
  response.error_code = error;
  return response;
}

}  // namespace tributary::group
