// The classic group protocol: members join, get a generation and their assignment, prove that they live, and
// leave. Moves the state machine of ClassicGroup, parks and answers requests, and keeps the timers. Every
// request is for a group that is ready. One thread.
//
//   Empty -> PreparingRebalance (waits for members to join) -> CompletingRebalance (waits for the leader's
//   assignment) -> Stable, and from each of them back to PreparingRebalance when members come, go or change.
#pragma once
#include <string>
#include <string_view>

#include "groups.h"

namespace tributary::group {

class Membership {
 public:
  explicit Membership(Groups& groups) : groups_(groups) {}

  void join(Group& group, const RequestInfo& info, const wire::JoinGroupRequest& request,
            Reply<wire::JoinGroupResponse> reply);
  void sync(Group& group, const RequestInfo& info, const wire::SyncGroupRequest& request,
            Reply<wire::SyncGroupResponse> reply);
  void heartbeat(Group& group, const RequestInfo& info, const wire::HeartbeatRequest& request,
                 const Reply<wire::HeartbeatResponse>& reply);
  void leave(Group& group, const RequestInfo& info, const wire::LeaveGroupRequest& request,
             Reply<wire::LeaveGroupResponse> reply);

  // The group has come from the view: the sessions of its members begin.
  void loaded(Group& group);
  void renew_session(Group& group, Member& member);
  // The group was deleted.
  void reset(Group& group);
  // The coordinator goes: answers all that is parked in members.
  void abandon(Group& group);

 private:
  struct Joining;  // joining.h
  struct Terms;    // static_member.cc

  // join.cc
  bool has_room(const ClassicGroup& group, std::string_view member_id) const;
  void turn_away(Group& group, const Joining& joining);
  void join_new(Group& group, Joining joining);
  void join_known(Group& group, Joining joining);
  void add_pending(Group& group, const Joining& joining, std::string id);
  void add_member(Group& group, Joining joining, std::string id);
  void update_member(Group& group, Member& member, Joining& joining);
  void rejoin(Group& group, Member& member, Joining joining);
  void park_join(Group& group, Member& member, Reply<wire::JoinGroupResponse> reply, int16_t version);
  void create(Group& group);

  // static_member.cc
  void replace_static(Group& group, Member& member, Joining joining, std::string id);
  void store_replacement(Group& group, Member& member, Terms earlier);
  void replacement_stored(Group& group, const std::string& id, int32_t generation, Terms&& earlier,
                          wire::ErrorCode error);

  // rebalance.cc
  void prepare_rebalance(Group& group);
  void rebalance_or_complete(Group& group);
  void schedule_initial_join(Group& group, int32_t delay_ms, int32_t remaining_ms);
  void schedule_join(Group& group);
  void complete_join_if_all_joined(Group& group);
  void complete_join(Group& group);
  void begin_sync_phase(Group& group);
  void drop_absent(Group& group);
  void arm_rebalance_timer(Group& group, int32_t delay_ms, std::function<void()> action);

  // sync.cc
  void take_assignments(Group& group, const wire::SyncGroupRequest& request);
  void assignments_stored(Group& group, int32_t generation, wire::ErrorCode error);
  void synced(Group& group, Member& member);
  void answer_syncs(Group& group, wire::ErrorCode error);
  void expire_syncs(Group& group);

  // leave.cc
  wire::ErrorCode leave_one(Group& group, std::string_view member_id,
                            const std::optional<std::string_view>& instance_id);
  // Takes the member out and answers what is parked in it with UNKNOWN_MEMBER_ID.
  void drop(Group& group, Member& member);

  // session.cc
  void arm_session(Group& group, Session& session, int64_t timeout_ms, std::function<void()> expired);
  void begin_session(Group& group, Member& member, int64_t timeout_ms);
  void session_expired(Group& group, Member& member);
  void pending_expired(Group& group, const std::string& id);

  Groups& groups_;
};

// Answers a parked or present join as a member of the current generation. `with_members`: the leader's.
wire::JoinGroupResponse joined(const ClassicGroup& group, const Member& member, int16_t version,
                               bool with_members);

}  // namespace tributary::group
