// Answers that only say what went wrong, in the shape of each API and version, and the error codes clients
// know for what can happen to a batch. Pure functions.
#pragma once
#include <string_view>

#include "tributary/group/coordinator.h"

namespace tributary::group {

using FetchedGroup = wire::OffsetFetchRequest::OffsetFetchRequestGroup;
using FetchedOffsets = wire::OffsetFetchResponse::OffsetFetchResponseGroup;
using DescribedGroup = wire::DescribeGroupsResponse::DescribedGroup;
using DeletedGroup = wire::DeleteGroupsResponse::DeletableGroupResult;

// For requests that end because a batch could not be appended (Kafka's
// appendGroupMetadataErrorToResponseError).
wire::ErrorCode append_error_for_client(wire::ErrorCode error);

wire::JoinGroupResponse refuse_join(const RequestInfo& info, const wire::JoinGroupRequest& request,
                                    wire::ErrorCode error);
wire::SyncGroupResponse refuse_sync(const RequestInfo& info, const wire::SyncGroupRequest& request,
                                    wire::ErrorCode error);
wire::HeartbeatResponse refuse_heartbeat(const RequestInfo& info, const wire::HeartbeatRequest& request,
                                         wire::ErrorCode error);
wire::LeaveGroupResponse refuse_leave(const RequestInfo& info, const wire::LeaveGroupRequest& request,
                                      wire::ErrorCode error);
wire::OffsetCommitResponse refuse_commit(const RequestInfo& info, const wire::OffsetCommitRequest& request,
                                         wire::ErrorCode error);
FetchedOffsets refuse_fetch(const RequestInfo& info, const FetchedGroup& request, wire::ErrorCode error);
wire::OffsetDeleteResponse refuse_offset_delete(const RequestInfo& info,
                                                const wire::OffsetDeleteRequest& request,
                                                wire::ErrorCode error);
DescribedGroup refuse_describe(const RequestInfo& info, std::string_view group, wire::ErrorCode error);
DeletedGroup refuse_delete(const RequestInfo& info, std::string_view group, wire::ErrorCode error);

// The protocol's name as this version has it: before 7 there was no null, since then there is no empty one.
std::optional<std::string_view> protocol_name_for(int16_t join_version, std::optional<std::string_view> name);

}  // namespace tributary::group
