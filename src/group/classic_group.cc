#include "classic_group.h"

#include <algorithm>

#include "subscription.h"
#include "tributary/base/assert.h"

namespace tributary::group {

std::string_view state_name(GroupState state) {
  switch (state) {
    case GroupState::kEmpty:
      return "Empty";
    case GroupState::kPreparingRebalance:
      return "PreparingRebalance";
    case GroupState::kCompletingRebalance:
      return "CompletingRebalance";
    case GroupState::kStable:
      return "Stable";
  }
  return "";
}

ClassicGroup::ClassicGroup(StoredMetadata&& stored)
    : state_timestamp_(stored.state_timestamp),
      generation_(stored.generation),
      protocol_(std::move(stored.protocol)) {
  if (!stored.protocol_type.empty()) protocol_type_ = stored.protocol_type;
  for (StoredMember& from : stored.members) {
    // What a coordinator never writes: the first one of a name counts.
    if (find(from.id) != nullptr || (from.instance_id && find_static(*from.instance_id) != nullptr)) continue;
    auto member = std::make_unique<Member>();
    member->id = std::move(from.id);
    member->instance_id = std::move(from.instance_id);
    member->client_id = std::move(from.client_id);
    member->client_host = std::move(from.client_host);
    member->rebalance_timeout_ms = from.rebalance_timeout_ms;
    member->session_timeout_ms = from.session_timeout_ms;
    member->protocols.push_back({protocol_.value_or(""), std::move(from.subscription)});
    member->assignment = std::move(from.assignment);
    add(std::move(member), stored.protocol_type);
  }
  if (members_.empty()) return;
  state_ = GroupState::kStable;
  if (!protocol_) protocol_ = "";
  if (Member* leader = stored.leader ? find(*stored.leader) : nullptr) leader_ = leader;
}

Member* ClassicGroup::find(std::string_view id) const {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : found->second.get();
}

Member* ClassicGroup::find_static(std::string_view instance_id) const {
  const auto found = statics_.find(instance_id);
  return found == statics_.end() ? nullptr : found->second;
}

wire::ErrorCode ClassicGroup::validate(std::string_view id,
                                       const std::optional<std::string_view>& instance_id) const {
  if (instance_id) {
    const Member* member = find_static(*instance_id);
    if (member == nullptr) return wire::ErrorCode::kUnknownMemberId;
    if (member->id != id) return wire::ErrorCode::kFencedInstanceId;
  }
  return members_.contains(id) ? wire::ErrorCode::kNone : wire::ErrorCode::kUnknownMemberId;
}

bool ClassicGroup::supports(std::string_view protocol_type, const OfferedProtocols& protocols) const {
  if (state_ == GroupState::kEmpty) return !protocol_type.empty() && !protocols.empty();
  return protocol_type_ == protocol_type && std::ranges::any_of(protocols, [this](const auto* protocol) {
           return protocol_counts_.of(protocol->name) == members_.size();
         });
}

Member& ClassicGroup::add(std::unique_ptr<Member> member, std::string_view protocol_type) {
  Member& added = *member;
  if (members_.empty()) protocol_type_ = std::string(protocol_type);
  if (leader_ == nullptr) leader_ = &added;
  protocol_counts_.add(added.protocols);
  if (added.instance_id) statics_.emplace(*added.instance_id, &added);
  const bool is_new = members_.emplace(added.id, std::move(member)).second;
  TRIBUTARY_ASSERT(is_new);
  return added;
}

std::unique_ptr<Member> ClassicGroup::remove(Member& member) {
  if (member.awaits_join()) --awaiting_join_;
  owe_sync(member, false);
  protocol_counts_.remove(member.protocols);
  if (member.instance_id) statics_.erase(*member.instance_id);
  auto node = members_.extract(member.id);
  if (leader_ == &member) leader_ = members_.empty() ? nullptr : members_.begin()->second.get();
  return std::move(node.mapped());
}

void ClassicGroup::rename(Member& member, std::string id) {
  auto node = members_.extract(member.id);
  member.id = std::move(id);
  node.key() = member.id;
  members_.insert(std::move(node));
}

void ClassicGroup::set_protocols(Member& member, Protocols protocols) {
  protocol_counts_.remove(member.protocols);
  member.protocols = std::move(protocols);
  protocol_counts_.add(member.protocols);
}

Reply<wire::JoinGroupResponse> ClassicGroup::park_join(Member& member, Reply<wire::JoinGroupResponse> reply,
                                                       int16_t version) {
  if (!member.awaits_join()) ++awaiting_join_;
  member.join_version = version;
  return std::exchange(member.join_reply, std::move(reply));
}

Reply<wire::JoinGroupResponse> ClassicGroup::take_join(Member& member) {
  if (member.awaits_join()) --awaiting_join_;
  return std::exchange(member.join_reply, nullptr);
}

bool ClassicGroup::elect_joined_leader() {
  if (leader_ == nullptr) return false;
  if (leader_->awaits_join()) return true;
  for (const auto& [id, member] : members_) {
    if (!member->awaits_join()) continue;
    leader_ = member.get();
    return true;
  }
  return false;
}

void ClassicGroup::owe_sync(Member& member, bool owes) {
  if (member.owes_sync == owes) return;
  member.owes_sync = owes;
  owes ? ++owing_sync_ : --owing_sync_;
}

void ClassicGroup::transition(GroupState state, TimestampMs now) {
  previous_state_ = std::exchange(state_, state);
  state_timestamp_ = now;
}

void ClassicGroup::next_generation(TimestampMs now) {
  generation_ = generation_ == INT32_MAX ? 1 : generation_ + 1;
  if (members_.empty()) {
    protocol_.reset();
  } else {
    protocol_ = std::string(select_protocol());
  }
  transition(members_.empty() ? GroupState::kEmpty : GroupState::kCompletingRebalance, now);
}

std::string_view ClassicGroup::select_protocol() const {
  std::map<std::string_view, size_t> votes;
  for (const auto& [id, member] : members_) {
    const auto choice = std::ranges::find_if(member->protocols, [this](const Protocol& protocol) {
      return protocol_counts_.of(protocol.name) == members_.size();
    });
    TRIBUTARY_ASSERT(choice != member->protocols.end());
    ++votes[choice->name];
  }
  return std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; })->first;
}

int32_t ClassicGroup::max_rebalance_timeout_ms() const {
  int32_t longest = 0;
  for (const auto& [id, member] : members_) longest = std::max(longest, member->rebalance_timeout_ms);
  return longest;
}

std::optional<std::set<std::string, std::less<>>> ClassicGroup::subscribed_topics() const {
  if (!is_consumer()) return std::nullopt;
  std::set<std::string, std::less<>> topics;
  for (const auto& [id, member] : members_) {
    const Protocol* protocol = protocol_ ? group::find(member->protocols, *protocol_) : nullptr;
    if (protocol == nullptr || !add_subscribed_topics(protocol->metadata, topics)) return std::nullopt;
  }
  return topics;
}

StoredMetadata ClassicGroup::to_stored() const {
  StoredMetadata stored{.protocol_type = protocol_type_.value_or(""),
                        .generation = generation_,
                        .protocol = protocol_,
                        .leader = std::nullopt,
                        .state_timestamp = state_timestamp_,
                        .members = {}};
  if (leader_ != nullptr) stored.leader = leader_->id;
  stored.members.reserve(members_.size());
  for (const auto& [id, member] : members_) {
    const Protocol* protocol = group::find(member->protocols, protocol_.value_or(""));
    TRIBUTARY_ASSERT(protocol != nullptr);
    stored.members.push_back({.id = member->id,
                              .instance_id = member->instance_id,
                              .client_id = member->client_id,
                              .client_host = member->client_host,
                              .rebalance_timeout_ms = member->rebalance_timeout_ms,
                              .session_timeout_ms = member->session_timeout_ms,
                              .subscription = protocol->metadata,
                              .assignment = member->assignment});
  }
  return stored;
}

}  // namespace tributary::group
