// SyncGroup: the leader's assignments in, each member's own out.
#include "membership.h"

#include "answers.h"

namespace tributary::group {

using wire::ErrorCode;

namespace {

// Since this version a member names the protocol it believes the group uses.
constexpr int16_t kProtocolNamedSince = 5;

bool contradicts(const std::optional<std::string_view>& said, const std::optional<std::string>& is) {
  return said && said != is;
}

ErrorCode verdict(const Group& group, const RequestInfo& info, const wire::SyncGroupRequest& request) {
  const bool named = request.protocol_type && request.protocol_name;
  if (info.version >= kProtocolNamedSince && !named) return ErrorCode::kInconsistentGroupProtocol;
  const ClassicGroup& classic = group.classic;
  if (!group.is_classic() || classic.state() == GroupState::kEmpty) return ErrorCode::kUnknownMemberId;
  const ErrorCode error = classic.validate(request.member_id, request.group_instance_id);
  if (error != ErrorCode::kNone) return error;
  if (request.generation_id != classic.generation()) return ErrorCode::kIllegalGeneration;
  if (contradicts(request.protocol_type, classic.protocol_type()) ||
      contradicts(request.protocol_name, classic.protocol())) {
    return ErrorCode::kInconsistentGroupProtocol;
  }
  const bool rebalances = classic.state() == GroupState::kPreparingRebalance;
  return rebalances ? ErrorCode::kRebalanceInProgress : ErrorCode::kNone;
}

wire::SyncGroupResponse assigned(const ClassicGroup& group, const Member& member) {
  wire::SyncGroupResponse response;
  response.protocol_type = group.protocol_type();
  response.protocol_name = group.protocol();
  response.assignment = member.assignment;
  return response;
}

}  // namespace

void Membership::sync(Group& group, const RequestInfo& info, const wire::SyncGroupRequest& request,
                      Reply<wire::SyncGroupResponse> reply) {
  if (const ErrorCode error = verdict(group, info, request); error != ErrorCode::kNone) {
    return reply(refuse_sync(info, request, error));
  }
  Member& member = *group.classic.find(request.member_id);
  if (group.classic.state() == GroupState::kStable) {
    synced(group, member);
    return reply(assigned(group.classic, member));
  }
  if (const auto earlier = std::exchange(member.sync_reply, std::move(reply))) {
    earlier(
        refuse_sync(info, request, ErrorCode::kRebalanceInProgress));  // asked again: nobody looks at this
  }
  synced(group, member);
  const bool written = group.assigning == group.classic.generation();
  if (group.classic.leader() == &member && !written) take_assignments(group, request);
}

void Membership::synced(Group& group, Member& member) {
  group.classic.owe_sync(member, false);
  if (group.classic.owing_sync() == 0) group.rebalance_timer.reset();
}

// Members see their assignments when the record is visible; until then the state says CompletingRebalance.
void Membership::take_assignments(Group& group, const wire::SyncGroupRequest& request) {
  for (const auto& [id, member] : group.classic.members()) member->assignment.clear();
  for (const auto& assignment : request.assignments) {
    if (Member* member = group.classic.find(assignment.member_id)) {
      member->assignment.assign(assignment.assignment.begin(), assignment.assignment.end());
    }
  }
  const int32_t generation = group.assigning = group.classic.generation();
  groups_.append(
      group, {group_metadata_record(group.id, group.classic.to_stored())},
      [this, &group, generation](ErrorCode error) { assignments_stored(group, generation, error); });
}

void Membership::assignments_stored(Group& group, int32_t generation, ErrorCode error) {
  ClassicGroup& classic = group.classic;
  if (group.assigning == generation) group.assigning = -1;
  // Members may have come or gone meanwhile.
  if (classic.state() != GroupState::kCompletingRebalance || classic.generation() != generation) return;
  if (error != ErrorCode::kNone) {
    answer_syncs(group, append_error_for_client(error));
    return prepare_rebalance(group);
  }
  classic.transition(GroupState::kStable, groups_.environment().wall_ms());
  groups_.probe().completed_rebalances.add_unshared();
  answer_syncs(group, ErrorCode::kNone);
}

// With an error nobody has an assignment any more.
void Membership::answer_syncs(Group& group, ErrorCode error) {
  for (const auto& [id, member] : group.classic.members()) {
    if (error != ErrorCode::kNone) member->assignment.clear();
    const auto reply = std::exchange(member->sync_reply, nullptr);
    if (reply == nullptr) continue;
    // The session stood still while it waited.
    renew_session(group, *member);
    wire::SyncGroupResponse response = assigned(group.classic, *member);
    if (error != ErrorCode::kNone) response = refuse_sync({}, {}, error);
    reply(response);
  }
}

void Membership::expire_syncs(Group& group) {
  std::vector<Member*> late;
  for (const auto& [id, member] : group.classic.members()) {
    if (member->owes_sync) late.push_back(member.get());
  }
  if (late.empty()) return;
  for (Member* member : late) drop(group, *member);
  prepare_rebalance(group);
}

}  // namespace tributary::group
