// Sessions and heartbeats.
#include "answers.h"
#include "membership.h"

namespace tributary::group {

using wire::ErrorCode;

void Membership::heartbeat(Group& group, const RequestInfo&, const wire::HeartbeatRequest& request,
                           const Reply<wire::HeartbeatResponse>& reply) {
  const auto verdict = [&] {
    if (!group.is_classic()) return ErrorCode::kUnknownMemberId;
    if (const ErrorCode error = group.classic.validate(request.member_id, request.group_instance_id);
        error != ErrorCode::kNone) {
      return error;
    }
    if (request.generation_id != group.classic.generation()) return ErrorCode::kIllegalGeneration;
    renew_session(group, *group.classic.find(request.member_id));
    const bool rejoin = group.classic.state() == GroupState::kPreparingRebalance;
    return rejoin ? ErrorCode::kRebalanceInProgress : ErrorCode::kNone;
  };
  wire::HeartbeatResponse response;
  response.error_code = verdict();
  reply(response);
}

void Membership::loaded(Group& group) {
  for (const auto& [id, member] : group.classic.members()) {
    if (member->session.timer == nullptr) renew_session(group, *member);
  }
  const bool crowded = group.classic.members().size() > static_cast<size_t>(groups_.config().max_group_size);
  if (crowded && group.classic.state() == GroupState::kStable) prepare_rebalance(group);
}

void Membership::renew_session(Group& group, Member& member) {
  begin_session(group, member, member.session_timeout_ms);
}

void Membership::begin_session(Group& group, Member& member, int64_t timeout_ms) {
  Session& session = member.session;
  session.deadline_ms = groups_.environment().monotonic_ms() + timeout_ms;
  // Most often the timer is armed already, for an earlier time, and will see the new deadline then.
  if (session.timer != nullptr && session.armed_for_ms <= session.deadline_ms) return;
  arm_session(group, session, timeout_ms, [this, &group, &member] { session_expired(group, member); });
}

void Membership::arm_session(Group& group, Session& session, int64_t timeout_ms,
                             std::function<void()> expired) {
  session.armed_for_ms = session.deadline_ms;
  session.timer = groups_.environment().after(
      std::chrono::milliseconds(timeout_ms), [this, &group, &session, expired = std::move(expired)] {
        const int64_t left = session.deadline_ms - groups_.environment().monotonic_ms();
        if (left > 0) return arm_session(group, session, left, expired);
        session.timer = nullptr;
        expired();
        groups_.settle(group);
      });
}

void Membership::session_expired(Group& group, Member& member) {
  // A member that waits for others lives; its session goes on when it is answered.
  if (!member.is_new && (member.awaits_join() || member.awaits_sync())) return;
  groups_.probe().expired_members.add_unshared();
  drop(group, member);
  if (group.classic.state() != GroupState::kPreparingRebalance) return prepare_rebalance(group);
  if (group.classic.all_joined()) complete_join(group);
}

void Membership::pending_expired(Group& group, const std::string& id) {
  groups_.probe().expired_members.add_unshared();
  group.classic.pending().erase(group.classic.pending().find(id));
  if (group.classic.state() == GroupState::kPreparingRebalance && group.classic.all_joined())
    complete_join(group);
}

void Membership::reset(Group& group) {
  group.rebalance_timer.reset();
  group.classic = ClassicGroup(groups_.environment().wall_ms());
  group.exists = false;
}

void Membership::abandon(Group& group) {
  group.rebalance_timer.reset();
  for (const auto& [id, member] : group.classic.members()) {
    member->session.timer.reset();
    if (const auto reply = group.classic.take_join(*member)) {
      wire::JoinGroupResponse response;
      response.error_code = ErrorCode::kNotCoordinator;
      response.protocol_name = protocol_name_for(member->join_version, std::nullopt);
      response.member_id = member->id;
      reply(response);
    }
  }
  group.classic.pending().clear();
  answer_syncs(group, ErrorCode::kNotCoordinator);
}

}  // namespace tributary::group
