// A classic consumer group's members, generation and state, without the way they get there: keeps what must
// agree in agreement (leader and members, counts and parked requests, names and protocols). Answers nobody
// and arms no timer; Membership (membership.h) does. Owned by one group of the coordinator; one thread.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "member.h"
#include "protocols.h"
#include "tributary/group/stored_group.h"
#include "tributary/wire/error_code.h"

namespace tributary::group {

enum class GroupState : uint8_t { kEmpty, kPreparingRebalance, kCompletingRebalance, kStable };
std::string_view state_name(GroupState state);  // Kafka's

class ClassicGroup {
 public:
  using Members = std::map<std::string_view, std::unique_ptr<Member>>;  // keys are the members' ids

  explicit ClassicGroup(TimestampMs now) : state_timestamp_(now) {}
  // A record of the log: Stable with its members, or Empty.
  explicit ClassicGroup(StoredMetadata&& stored);

  GroupState state() const { return state_; }
  GroupState previous_state() const { return previous_state_; }
  TimestampMs state_timestamp() const { return state_timestamp_; }
  int32_t generation() const { return generation_; }
  const std::optional<std::string>& protocol_type() const { return protocol_type_; }
  const std::optional<std::string>& protocol() const { return protocol_; }
  const Member* leader() const { return leader_; }
  const Members& members() const { return members_; }
  std::map<std::string, Session, std::less<>>& pending() { return pending_; }
  const std::map<std::string, Session, std::less<>>& pending() const { return pending_; }

  Member* find(std::string_view id) const;
  Member* find_static(std::string_view instance_id) const;
  // Whether a request may speak for this member: kNone, FENCED_INSTANCE_ID or UNKNOWN_MEMBER_ID.
  wire::ErrorCode validate(std::string_view id, const std::optional<std::string_view>& instance_id) const;
  // Whether members of this kind can be in the group together with those that are.
  bool supports(std::string_view protocol_type, const OfferedProtocols& protocols) const;

  // The instance id, if it has one, is not in the group.
  Member& add(std::unique_ptr<Member> member, std::string_view protocol_type);
  // The caller answers what is parked in it.
  std::unique_ptr<Member> remove(Member& member);
  void rename(Member& member, std::string id);
  void set_protocols(Member& member, Protocols protocols);

  // Returns the reply that was parked before, if there was one.
  Reply<wire::JoinGroupResponse> park_join(Member& member, Reply<wire::JoinGroupResponse> reply,
                                           int16_t version);
  Reply<wire::JoinGroupResponse> take_join(Member& member);
  size_t awaiting_join() const { return awaiting_join_; }
  bool all_joined() const { return awaiting_join_ == members_.size() && pending_.empty(); }
  // Makes a member that has joined the leader, if the leader has not; false if none has.
  bool elect_joined_leader();

  void owe_sync(Member& member, bool owes);
  size_t owing_sync() const { return owing_sync_; }

  void transition(GroupState state, TimestampMs now);
  // The next generation: CompletingRebalance, or Empty if there are no members.
  void next_generation(TimestampMs now);
  // The protocol most members prefer among those all of them know. There are members.
  std::string_view select_protocol() const;

  int32_t max_rebalance_timeout_ms() const;
  bool is_consumer() const { return protocol_type_ == "consumer"; }
  // Topics that consumers of this generation subscribe to; none if that cannot be told.
  std::optional<std::set<std::string, std::less<>>> subscribed_topics() const;

  StoredMetadata to_stored() const;

 private:
  GroupState state_ = GroupState::kEmpty;
  GroupState previous_state_ = GroupState::kEmpty;
  TimestampMs state_timestamp_;
  int32_t generation_ = 0;
  std::optional<std::string> protocol_type_;
  std::optional<std::string> protocol_;
  Members members_;
  std::map<std::string_view, Member*> statics_;  // by instance id
  std::map<std::string, Session, std::less<>> pending_;
  ProtocolCounts protocol_counts_;
  Member* leader_ = nullptr;
  size_t awaiting_join_ = 0;
  size_t owing_sync_ = 0;
};

}  // namespace tributary::group
