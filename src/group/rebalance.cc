// From the wish for a rebalance to a new generation.
#include <algorithm>

#include "membership.h"

namespace tributary::group {

using wire::ErrorCode;

void Membership::arm_rebalance_timer(Group& group, int32_t delay_ms, std::function<void()> action) {
  group.rebalance_timer = groups_.environment().after(std::chrono::milliseconds(delay_ms),
                                                      [this, &group, action = std::move(action)] {
                                                        group.rebalance_timer = nullptr;
                                                        action();
                                                        groups_.settle(group);
                                                      });
}

void Membership::rebalance_or_complete(Group& group) {
  if (group.classic.state() != GroupState::kPreparingRebalance) return prepare_rebalance(group);
  complete_join_if_all_joined(group);
}

void Membership::prepare_rebalance(Group& group) {
  ClassicGroup& classic = group.classic;
  if (classic.state() == GroupState::kCompletingRebalance)
    answer_syncs(group, ErrorCode::kRebalanceInProgress);
  for (const auto& [id, member] : classic.members()) classic.owe_sync(*member, false);
  group.rebalance_timer.reset();
  const bool initial = classic.state() == GroupState::kEmpty;
  classic.transition(GroupState::kPreparingRebalance, groups_.environment().wall_ms());
  if (initial) {
    const int32_t delay_ms = groups_.config().initial_rebalance_delay_ms;
    return schedule_initial_join(group, delay_ms, std::max(classic.max_rebalance_timeout_ms() - delay_ms, 0));
  }
  if (classic.all_joined()) return complete_join(group);
  schedule_join(group);
}

void Membership::schedule_join(Group& group) {
  arm_rebalance_timer(group, group.classic.max_rebalance_timeout_ms(),
                      [this, &group] { complete_join(group); });
}

// A group that begins gives others time to come, and again as long as they do come, up to the rebalance
// timeout.
void Membership::schedule_initial_join(Group& group, int32_t delay_ms, int32_t remaining_ms) {
  arm_rebalance_timer(group, delay_ms, [this, &group, delay_ms, remaining_ms] {
    if (!group.member_added || remaining_ms == 0) return complete_join(group);
    group.member_added = false;
    schedule_initial_join(group, std::min(groups_.config().initial_rebalance_delay_ms, remaining_ms),
                          std::max(remaining_ms - delay_ms, 0));
  });
}

void Membership::complete_join_if_all_joined(Group& group) {
  const ClassicGroup& classic = group.classic;
  const bool initial = classic.previous_state() == GroupState::kEmpty;  // waits for its timer
  if (classic.state() != GroupState::kPreparingRebalance || initial || !classic.all_joined()) return;
  complete_join(group);
}

void Membership::complete_join(Group& group) {
  ClassicGroup& classic = group.classic;
  group.rebalance_timer.reset();
  drop_absent(group);
  if (!classic.elect_joined_leader() && !classic.members().empty()) {
    return schedule_join(group);  // only static members are left and none has come: until their sessions end
  }
  classic.next_generation(groups_.environment().wall_ms());
  if (classic.state() == GroupState::kCompletingRebalance) return begin_sync_phase(group);
  // If this is lost, members of the generation before come back with a restart, and their sessions end again.
  groups_.append(group, {group_metadata_record(group.id, classic.to_stored())}, [](ErrorCode) {});
}

void Membership::drop_absent(Group& group) {
  std::vector<Member*> absent;
  for (const auto& [id, member] : group.classic.members()) {
    if (!member->awaits_join() && !member->instance_id) absent.push_back(member.get());
  }
  for (Member* member : absent) drop(group, *member);
}

void Membership::begin_sync_phase(Group& group) {
  ClassicGroup& classic = group.classic;
  for (const auto& [id, member] : classic.members()) {
    member->is_new = false;
    classic.owe_sync(*member, true);
    renew_session(group, *member);
    if (const auto reply = classic.take_join(*member)) {
      reply(joined(classic, *member, member->join_version, classic.leader() == member.get()));
    }
  }
  arm_rebalance_timer(group, classic.max_rebalance_timeout_ms(), [this, &group] { expire_syncs(group); });
}

}  // namespace tributary::group
