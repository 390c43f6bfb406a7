// The groups in memory: loads them from the view when asked for, writes their records and tells when they are
// visible, forgets the ones that have been idle the longest. One thread.
//
// A batch that fails may have changed offsets in memory, so after it the group's offsets are loaded again,
// once nothing is under way for it; requests wait meanwhile. Membership stays as it is.
#pragma once
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "group.h"
#include "tributary/group/coordinator.h"

namespace tributary::group {

class Groups {
 public:
  Groups(const CoordinatorConfig& config, Environment& environment, CoordinatorProbe& probe);
  ~Groups();
  Groups(const Groups&) = delete;
  Groups& operator=(const Groups&) = delete;

  const CoordinatorConfig& config() const { return config_; }
  Environment& environment() { return environment_; }
  CoordinatorProbe& probe() { return probe_; }

  // Called when a group has been loaded, before those who wait for it.
  void on_loaded(std::function<void(Group&)> action) { on_loaded_ = std::move(action); }

  Group* find(std::string_view id) const;
  // Perhaps not ready: then wait(). Else settle() has to follow what is done to it.
  Group& get(std::string_view id);
  void wait(Group& group, Group::Waiter waiter);
  void load(Group& group);
  // After whatever was done to a group, which may be forgotten by it.
  void settle(Group& group);

  // As one batch.
  void append(Group& group, std::vector<Record> records, PendingAppend::Finish finish);
  // As several batches if there are too many for one; `finish` gets the first error.
  void append_in_pieces(Group& group, std::vector<Record> records, const PendingAppend::Finish& finish);
  // `reader` gets kNone when all that was written for the group is visible, at once if it is.
  void when_visible(Group& group, PendingAppend::Finish reader);
  // What memory has of the offsets may not be true.
  void distrust(Group& group) { group.knowledge = Group::Knowledge::kUnknown; }

  // The coordinator goes: all that waits here is refused with NOT_COORDINATOR.
  void abandon();
  void for_each(const std::function<void(Group&)>& visit) const;
  size_t size() const { return groups_.size(); }
  size_t active() const { return busy_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view id) const { return std::hash<std::string_view>()(id); }
  };

  void appended(wire::ErrorCode error);
  void loaded(Group& group, Result<StoredGroup> stored);
  void take(Group& group, StoredGroup&& stored);
  void account(Group& group);
  void count_state(const std::optional<GroupState>& state, int64_t change);
  void evict();

  const CoordinatorConfig& config_;
  Environment& environment_;
  CoordinatorProbe& probe_;
  std::function<void(Group&)> on_loaded_;
  std::unordered_map<std::string_view, std::unique_ptr<Group>, Hash, std::equal_to<>> groups_;
  std::list<Group*> busy_;
  std::list<Group*> idle_;  // the one used last in front
  size_t idle_weight_ = 0;
  std::deque<PendingAppend> appends_;
  std::shared_ptr<const bool> alive_ =
      std::make_shared<const bool>(true);  // callbacks look whether it is gone
};

}  // namespace tributary::group
