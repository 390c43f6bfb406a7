// A static member that comes back under a new member id (KIP-345): takes the place of the one before, which
// is fenced, and in a stable group keeps its assignment without a rebalance.
#include "joining.h"

namespace tributary::group {

using wire::ErrorCode;

namespace {

// Since this version the leader is told that it need not assign (KIP-814). Before, it is told of the leader
// that was, so that it does not take itself for one.
constexpr int16_t kSkipAssignmentSince = 9;

}  // namespace

// What the member was before it was replaced.
struct Membership::Terms {
  std::string id;
  Protocols protocols;
  int32_t rebalance_timeout_ms;
  int32_t session_timeout_ms;
  std::string leader;  // of the group
};

void Membership::replace_static(Group& group, Member& member, Joining joining, std::string id) {
  ClassicGroup& classic = group.classic;
  if (const auto reply = classic.take_join(member)) {
    wire::JoinGroupResponse response;
    response.error_code = ErrorCode::kFencedInstanceId;
    response.protocol_name = protocol_name_for(member.join_version, std::nullopt);
    response.member_id = member.id;
    reply(response);
  }
  if (const auto reply = std::exchange(member.sync_reply, nullptr)) {
    reply(refuse_sync({}, {}, ErrorCode::kFencedInstanceId));
  }
  Terms earlier{member.id, member.protocols, member.rebalance_timeout_ms, member.session_timeout_ms,
                classic.leader()->id};
  classic.rename(member, std::move(id));
  member.is_new = false;
  update_member(group, member, joining);
  renew_session(group, member);
  switch (classic.state()) {
    case GroupState::kStable:
      if (classic.select_protocol() == classic.protocol())
        return store_replacement(group, member, std::move(earlier));
      return prepare_rebalance(group);
    case GroupState::kCompletingRebalance:
      // The leader may be assigning to the old id.
      return prepare_rebalance(group);
    default:
      complete_join_if_all_joined(group);
  }
}

void Membership::store_replacement(Group& group, Member& member, Terms earlier) {
  groups_.append(
      group, {group_metadata_record(group.id, group.classic.to_stored())},
      [this, &group, id = member.id, generation = group.classic.generation(), earlier = std::move(earlier)](
          ErrorCode error) mutable { replacement_stored(group, id, generation, std::move(earlier), error); });
}

void Membership::replacement_stored(Group& group, const std::string& id, int32_t generation, Terms&& earlier,
                                    ErrorCode error) {
  ClassicGroup& classic = group.classic;
  Member* member = classic.find(id);
  // Else it has been replaced again, or has a rebalance to wait for, which answers it.
  const bool waits = member != nullptr && member->awaits_join() && classic.state() == GroupState::kStable &&
                     classic.generation() == generation;
  if (!waits) return;
  const auto reply = classic.take_join(*member);
  const int16_t version = member->join_version;
  const bool leads = classic.leader() == member;
  const bool skips = version >= kSkipAssignmentSince;
  wire::JoinGroupResponse response = joined(classic, *member, version, leads && skips);
  response.skip_assignment = leads && skips;
  if (!skips) response.leader = earlier.leader;
  if (error == ErrorCode::kNone) return reply(response);

  // The log knows the member by its old id, so that is what it is.
  response = joined(classic, *member, version, false);
  response.error_code = append_error_for_client(error);
  response.leader = earlier.leader;
  response.member_id = "";
  reply(response);
  classic.set_protocols(*member, std::move(earlier.protocols));
  member->rebalance_timeout_ms = earlier.rebalance_timeout_ms;
  member->session_timeout_ms = earlier.session_timeout_ms;
  classic.rename(*member, std::move(earlier.id));
  renew_session(group, *member);
}

}  // namespace tributary::group
