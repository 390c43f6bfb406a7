// JoinGroup.
#include "answers.h"
#include "joining.h"
#include "tributary/base/assert.h"

namespace tributary::group {

using wire::ErrorCode;

namespace {

// Kafka's: in this time a new member that has lost its connection is found out.
constexpr int64_t kNewMemberJoinTimeoutMs = 5 * 60 * 1000;
// A member id is asked for before it is used since this version (KIP-394).
constexpr int16_t kMemberIdRequiredSince = 4;
// Ids that were handed out and not used; over it the client has to come again.
constexpr size_t kMaxPendingMembers = 10'000;

std::string uuid_text(const Uuid& id) {
  std::string text;
  for (size_t i = 0; i < id.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", id.bytes[i]);
  }
  return text;
}

}  // namespace

wire::JoinGroupResponse joined(const ClassicGroup& group, const Member& member, int16_t version,
                               bool with_members) {
  wire::JoinGroupResponse response;
  response.generation_id = group.generation();
  response.protocol_type = group.protocol_type();
  response.protocol_name = protocol_name_for(version, group.protocol());
  response.leader = group.leader()->id;
  response.member_id = member.id;
  if (!with_members) return response;
  response.members.reserve(group.members().size());
  for (const auto& [id, other] : group.members()) {
    auto& entry = response.members.emplace_back();
    entry.member_id = id;
    entry.group_instance_id = other->instance_id;
    if (const auto* protocol = find(other->protocols, *group.protocol())) entry.metadata = protocol->metadata;
  }
  return response;
}

void Membership::join(Group& group, const RequestInfo& info, const wire::JoinGroupRequest& request,
                      Reply<wire::JoinGroupResponse> reply) {
  const OfferedProtocols protocols = distinct(request.protocols);
  Joining joining{info, request, protocols, std::move(reply)};
  const bool is_known = !request.member_id.empty();
  if (group.foreign) {
    auto response = refuse_join(info, request, ErrorCode::kInconsistentGroupProtocol);
    response.member_id = "";
    return joining.reply(response);
  }
  if (!group.exists && is_known) return joining.refuse(ErrorCode::kUnknownMemberId);
  const bool begins = !group.has_members();
  if (begins && groups_.active() > groups_.config().max_active_groups) {
    return joining.refuse(ErrorCode::kCoordinatorNotAvailable);
  }
  if (!has_room(group.classic, request.member_id)) return turn_away(group, joining);
  if (!group.classic.supports(request.protocol_type, protocols)) {
    return joining.refuse(ErrorCode::kInconsistentGroupProtocol);
  }
  if (is_known) return join_known(group, std::move(joining));
  join_new(group, std::move(joining));
  if (!group.exists && group.has_members()) create(group);
}

bool Membership::has_room(const ClassicGroup& group, std::string_view member_id) const {
  const auto limit = static_cast<size_t>(groups_.config().max_group_size);
  const Member* member = group.find(member_id);
  switch (group.state()) {
    case GroupState::kEmpty:
      return true;
    case GroupState::kPreparingRebalance:
      // By those who have joined already, so that a group that is too large loses the last to come.
      return (member != nullptr && member->awaits_join()) || group.awaiting_join() < limit;
    case GroupState::kCompletingRebalance:
    case GroupState::kStable:
      return member != nullptr || group.members().size() < limit;
  }
  return false;
}

void Membership::turn_away(Group& group, const Joining& joining) {
  // Whoever it was, it is no member any more, and nobody has to wait for it.
  leave_one(group, joining.request.member_id, std::nullopt);
  auto response = refuse_join(joining.info, joining.request, ErrorCode::kGroupMaxSizeReached);
  response.member_id = "";
  joining.reply(response);
  complete_join_if_all_joined(group);
}

// Kafka's coordinators expect a record of every group, also of one that has no generation yet. If it is lost
// nothing is: the group is written again with its first generation.
void Membership::create(Group& group) {
  group.exists = true;
  StoredMetadata metadata;
  metadata.state_timestamp = group.classic.state_timestamp();
  groups_.append(group, {group_metadata_record(group.id, metadata)}, [](ErrorCode) {});
}

void Membership::join_new(Group& group, Joining joining) {
  const auto& instance_id = joining.request.group_instance_id;
  std::string id(instance_id ? *instance_id : joining.info.client_id);
  id += '-';
  id += uuid_text(groups_.environment().random_id());
  if (id.size() > INT16_MAX) return joining.refuse(ErrorCode::kInvalidRequest);
  if (instance_id) {
    Member* member = group.classic.find_static(*instance_id);
    if (member != nullptr) return replace_static(group, *member, std::move(joining), std::move(id));
    return add_member(group, std::move(joining), std::move(id));
  }
  if (joining.info.version >= kMemberIdRequiredSince) return add_pending(group, joining, std::move(id));
  add_member(group, std::move(joining), std::move(id));
}

void Membership::add_pending(Group& group, const Joining& joining, std::string id) {
  auto& pending = group.classic.pending();
  if (pending.size() >= kMaxPendingMembers) return joining.refuse(ErrorCode::kCoordinatorNotAvailable);
  auto& [key, session] = *pending.try_emplace(std::move(id)).first;
  const int32_t timeout_ms = joining.request.session_timeout_ms;
  session.deadline_ms = groups_.environment().monotonic_ms() + timeout_ms;
  arm_session(group, session, timeout_ms, [this, &group, &id = key] { pending_expired(group, id); });
  auto response = refuse_join(joining.info, joining.request, ErrorCode::kMemberIdRequired);
  response.member_id = key;
  joining.reply(response);
}

void Membership::add_member(Group& group, Joining joining, std::string id) {
  const auto& request = joining.request;
  auto made = std::make_unique<Member>();
  made->id = std::move(id);
  made->instance_id = request.group_instance_id;
  made->client_id = joining.info.client_id;
  made->client_host = joining.info.client_host;
  made->is_new = true;
  made->rebalance_timeout_ms = joining.rebalance_timeout_ms();
  made->session_timeout_ms = request.session_timeout_ms;
  made->protocols = owned(joining.protocols);
  const bool initial = group.classic.state() == GroupState::kPreparingRebalance &&
                       group.classic.previous_state() == GroupState::kEmpty;
  if (initial) group.member_added = true;
  Member& member = group.classic.add(std::move(made), request.protocol_type);
  park_join(group, member, std::move(joining.reply), joining.info.version);
  if (const auto pending = group.classic.pending().find(member.id);
      pending != group.classic.pending().end()) {
    group.classic.pending().erase(pending);
  }
  begin_session(group, member, kNewMemberJoinTimeoutMs);
  rebalance_or_complete(group);
}

void Membership::join_known(Group& group, Joining joining) {
  const auto& request = joining.request;
  if (group.classic.pending().contains(request.member_id) && !request.group_instance_id) {
    return add_member(group, std::move(joining), std::string(request.member_id));
  }
  if (const ErrorCode error = group.classic.validate(request.member_id, request.group_instance_id);
      error != ErrorCode::kNone) {
    return joining.refuse(error);
  }
  rejoin(group, *group.classic.find(request.member_id), std::move(joining));
}

void Membership::rejoin(Group& group, Member& member, Joining joining) {
  const ClassicGroup& classic = group.classic;
  const bool leads = classic.leader() == &member;
  const bool unchanged = same(member.protocols, joining.protocols);
  // A member that missed the answer to its join gets it again. The leader of a stable group asks for a
  // rebalance by joining: topics may have changed.
  const bool repeats = (classic.state() == GroupState::kCompletingRebalance && unchanged) ||
                       (classic.state() == GroupState::kStable && unchanged && !leads);
  if (repeats) return joining.reply(joined(classic, member, joining.info.version, leads));
  update_member(group, member, joining);
  rebalance_or_complete(group);
}

void Membership::update_member(Group& group, Member& member, Joining& joining) {
  group.classic.set_protocols(member, owned(joining.protocols));
  member.rebalance_timeout_ms = joining.rebalance_timeout_ms();
  member.session_timeout_ms = joining.request.session_timeout_ms;
  park_join(group, member, std::move(joining.reply), joining.info.version);
}

void Membership::park_join(Group& group, Member& member, Reply<wire::JoinGroupResponse> reply,
                           int16_t version) {
  const int16_t earlier_version = member.join_version;
  const auto earlier = group.classic.park_join(member, std::move(reply), version);
  if (earlier == nullptr) return;
  // The client has asked again, so it will not look at this.
  wire::JoinGroupResponse response;
  response.error_code = ErrorCode::kRebalanceInProgress;
  response.protocol_name = protocol_name_for(earlier_version, std::nullopt);
  response.member_id = member.id;
  earlier(response);
}

}  // namespace tributary::group
