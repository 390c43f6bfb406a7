#include "groups.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "tributary/base/assert.h"

namespace tributary::group {

using wire::ErrorCode;

bool Group::has_open_transaction(const TopicPartitionView& partition) const {
  return std::ranges::any_of(transactional_offsets,
                             [&](const auto& open) { return open.second.contains(partition); });
}

Groups::Groups(const CoordinatorConfig& config, Environment& environment, CoordinatorProbe& probe)
    : config_(config), environment_(environment), probe_(probe) {}

Groups::~Groups() {
  for (const auto& [id, group] : groups_) {
    probe_.cached_groups.add(-1);
    probe_.cached_offsets.add(-static_cast<int64_t>(group->entry.offsets));
    count_state(group->entry.state, -1);
  }
}

Group* Groups::find(std::string_view id) const {
  const auto found = groups_.find(id);
  return found == groups_.end() ? nullptr : found->second.get();
}

Group& Groups::get(std::string_view id) {
  if (Group* known = find(id)) return *known;
  auto made = std::make_unique<Group>(id, environment_.wall_ms());
  Group& group = *made;
  group.entry.place = busy_.insert(busy_.end(), &group);
  groups_.emplace(group.id, std::move(made));
  probe_.cached_groups.add(1);
  return group;
}

void Groups::wait(Group& group, Group::Waiter waiter) {
  if (group.waiting.size() >= config_.max_requests_per_loading_group) {
    return waiter(group, ErrorCode::kCoordinatorLoadInProgress);
  }
  group.waiting.push_back(std::move(waiter));
  load(group);
  settle(group);
}

void Groups::load(Group& group) {
  if (group.knowledge != Group::Knowledge::kUnknown || group.appends_under_way > 0) return;
  group.knowledge = Group::Knowledge::kLoading;
  environment_.load(group.id, [this, alive = std::weak_ptr(alive_), &group](Result<StoredGroup> stored) {
    if (!alive.expired()) loaded(group, std::move(stored));
  });
}

void Groups::loaded(Group& group, Result<StoredGroup> stored) {
  ErrorCode error = ErrorCode::kNone;
  if (stored) {
    take(group, std::move(*stored));
    group.knowledge = Group::Knowledge::kReady;
    on_loaded_(group);
  } else {
    group.knowledge = Group::Knowledge::kUnknown;  // the next request asks again
    error = ErrorCode::kCoordinatorNotAvailable;
  }
  for (const auto& waiter : std::exchange(group.waiting, {})) waiter(group, error);
  settle(group);
}

void Groups::take(Group& group, StoredGroup&& stored) {
  const bool exists = stored.exists();
  group.offsets = std::move(stored.offsets);
  group.transactional_offsets = std::move(stored.pending_offsets);
  // What membership did since, or is about to write, is newer than what the view says.
  if (group.has_members() || group.appends_under_way > 0 || group.classic.state() != GroupState::kEmpty)
    return;
  group.exists = exists;
  group.foreign = stored.foreign && !stored.metadata;
  group.classic =
      stored.metadata ? ClassicGroup(std::move(*stored.metadata)) : ClassicGroup(environment_.wall_ms());
}

void Groups::append(Group& group, std::vector<Record> records, PendingAppend::Finish finish) {
  if (alive_ == nullptr) return finish(ErrorCode::kNotCoordinator);
  ++group.appends_under_way;
  group.newest_append = &appends_.emplace_back(PendingAppend{&group, std::move(finish), {}});
  environment_.append(std::move(records), [this, alive = std::weak_ptr(alive_)](ErrorCode error) {
    if (!alive.expired()) appended(error);
  });
}

void Groups::append_in_pieces(Group& group, std::vector<Record> records,
                              const PendingAppend::Finish& finish) {
  // Tombstones of the longest names still fit a batch of the default max.message.bytes.
  constexpr size_t kPieceBytes = 256 << 10;
  const auto first_error = std::make_shared<ErrorCode>(ErrorCode::kNone);
  for (auto from = records.begin(); from != records.end();) {
    size_t bytes = 0;
    const auto piece_end = std::find_if(from, records.end(), [&](const Record& record) {
      return (bytes += record.key.size() + 32) > kPieceBytes;
    });
    const auto to = piece_end == from ? from + 1 : piece_end;
    const bool last = to == records.end();
    append(group, {std::make_move_iterator(from), std::make_move_iterator(to)},
           [first_error, last, finish](ErrorCode error) {
             if (*first_error == ErrorCode::kNone) *first_error = error;
             if (last) finish(*first_error);
           });
    from = to;
  }
}

void Groups::when_visible(Group& group, PendingAppend::Finish reader) {
  if (group.appends_under_way == 0) return reader(ErrorCode::kNone);
  group.newest_append->readers.push_back(std::move(reader));
}

void Groups::appended(ErrorCode error) {
  const PendingAppend append = std::move(appends_.front());
  appends_.pop_front();
  Group& group = *append.group;
  --group.appends_under_way;
  append.finish(error);
  for (const auto& reader : append.readers) reader(error);
  if (!group.waiting.empty()) load(group);
  settle(group);
}

void Groups::abandon() {
  alive_.reset();
  for (const PendingAppend& append : std::exchange(appends_, {})) {
    append.finish(ErrorCode::kNotCoordinator);
    for (const auto& reader : append.readers) reader(ErrorCode::kNotCoordinator);
  }
  for_each([](Group& group) {
    for (const auto& waiter : std::exchange(group.waiting, {})) waiter(group, ErrorCode::kNotCoordinator);
  });
}

void Groups::for_each(const std::function<void(Group&)>& visit) const {
  for (const auto& [id, group] : groups_) visit(*group);
}

void Groups::settle(Group& group) {
  account(group);
  std::list<Group*>& from = group.entry.idle_weight > 0 ? idle_ : busy_;
  idle_weight_ -= group.entry.idle_weight;
  group.entry.idle_weight = group.idle() ? group.offsets.size() + 1 : 0;
  idle_weight_ += group.entry.idle_weight;
  std::list<Group*>& to = group.entry.idle_weight > 0 ? idle_ : busy_;
  to.splice(to.begin(), from, group.entry.place);
  evict();
}

void Groups::account(Group& group) {
  std::optional<GroupState> state;
  if (group.is_classic()) state = group.classic.state();
  if (state != group.entry.state) {
    count_state(group.entry.state, -1);
    count_state(state, 1);
    group.entry.state = state;
  }
  if (group.offsets.size() != group.entry.offsets) {
    probe_.cached_offsets.add(static_cast<int64_t>(group.offsets.size()) -
                              static_cast<int64_t>(group.entry.offsets));
    group.entry.offsets = group.offsets.size();
  }
}

void Groups::count_state(const std::optional<GroupState>& state, int64_t change) {
  if (!state) return;
  switch (*state) {
    case GroupState::kEmpty:
      return probe_.empty.add(change);
    case GroupState::kPreparingRebalance:
      return probe_.preparing_rebalance.add(change);
    case GroupState::kCompletingRebalance:
      return probe_.completing_rebalance.add(change);
    case GroupState::kStable:
      return probe_.stable.add(change);
  }
}

// The one used last stays, however large: else each request of it would load it again.
void Groups::evict() {
  while (idle_weight_ > config_.max_cached_offsets && idle_.size() > 1) {
    Group& group = *idle_.back();
    TRIBUTARY_ASSERT(group.idle());
    idle_.pop_back();
    idle_weight_ -= group.entry.idle_weight;
    probe_.evicted_groups.add_unshared();
    probe_.cached_groups.add(-1);
    probe_.cached_offsets.add(-static_cast<int64_t>(group.entry.offsets));
    count_state(group.entry.state, -1);
    groups_.erase(groups_.find(std::string_view(group.id)));
  }
}

}  // namespace tributary::group
