// LeaveGroup, and taking members out.
#include "answers.h"
#include "membership.h"

namespace tributary::group {

using wire::ErrorCode;

namespace {

// Before this version a request was for one member, and its error that of the answer.
constexpr int16_t kBatchesSince = 3;

}  // namespace

void Membership::leave(Group& group, const RequestInfo& info, const wire::LeaveGroupRequest& request,
                       Reply<wire::LeaveGroupResponse> reply) {
  wire::LeaveGroupResponse response;
  bool left = false;
  const auto take = [&](std::string_view id, const std::optional<std::string_view>& instance_id) {
    const ErrorCode error = leave_one(group, id, instance_id);
    left |= error == ErrorCode::kNone;
    return error;
  };
  if (info.version < kBatchesSince) {
    response.error_code = take(request.member_id, std::nullopt);
  } else {
    response.members.reserve(request.members.size());
    for (const auto& member : request.members) {
      auto& answer = response.members.emplace_back();
      answer.member_id = member.member_id;
      answer.group_instance_id = member.group_instance_id;
      answer.error_code = take(member.member_id, member.group_instance_id);
    }
  }
  if (left && group.classic.state() != GroupState::kEmpty) rebalance_or_complete(group);
  groups_.when_visible(group, [response = std::move(response), reply = std::move(reply)](ErrorCode error) {
    if (error == ErrorCode::kNone) return reply(response);
    reply(refuse_leave({}, {}, append_error_for_client(error)));
  });
}

ErrorCode Membership::leave_one(Group& group, std::string_view member_id,
                                const std::optional<std::string_view>& instance_id) {
  ClassicGroup& classic = group.classic;
  if (!group.is_classic()) return ErrorCode::kUnknownMemberId;
  if (member_id.empty()) {
    // An operator removes a static member by its instance id.
    Member* member = instance_id ? classic.find_static(*instance_id) : nullptr;
    if (member == nullptr) return ErrorCode::kUnknownMemberId;
    drop(group, *member);
    return ErrorCode::kNone;
  }
  if (const auto pending = classic.pending().find(member_id); pending != classic.pending().end()) {
    classic.pending().erase(pending);
    return ErrorCode::kNone;
  }
  const ErrorCode error = classic.validate(member_id, instance_id);
  if (error == ErrorCode::kNone) drop(group, *classic.find(member_id));
  return error;
}

void Membership::drop(Group& group, Member& member) {
  const std::unique_ptr<Member> gone = group.classic.remove(member);
  if (gone->awaits_join()) {
    wire::JoinGroupResponse response;
    response.error_code = ErrorCode::kUnknownMemberId;
    response.protocol_name = protocol_name_for(gone->join_version, std::nullopt);
    gone->join_reply(response);
  }
  if (gone->awaits_sync()) gone->sync_reply(refuse_sync({}, {}, ErrorCode::kUnknownMemberId));
}

}  // namespace tributary::group
