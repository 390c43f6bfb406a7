// A group in the coordinator's memory: membership, offsets, and what is under way for it. Owned by Groups;
// one thread.
#pragma once
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "classic_group.h"
#include "tributary/group/environment.h"
#include "tributary/group/stored_group.h"

namespace tributary::group {

struct Group;

// A batch on its way to be visible: what to do with those who wait for it.
struct PendingAppend {
  using Finish = std::function<void(wire::ErrorCode)>;
  Group* group;
  Finish finish;
  std::vector<Finish> readers;
};

struct Group {
  Group(std::string_view name, TimestampMs now) : id(name), classic(now) {}

  // kUnknown: the view has to be asked, for the first time or because a batch failed.
  enum class Knowledge : uint8_t { kUnknown, kLoading, kReady };
  // Called with kNone when the group is ready, else with why it never was.
  using Waiter = std::function<void(Group&, wire::ErrorCode)>;

  const std::string id;
  Knowledge knowledge = Knowledge::kUnknown;
  bool exists = false;
  bool foreign = false;       // of a protocol that is not served here
  bool member_added = false;  // since the initial rebalance was last put off
  int32_t assigning = -1;     // generation whose assignments are being written
  ClassicGroup classic;
  std::unique_ptr<Timer> rebalance_timer;  // end of the join phase, or of the wait for syncs

  OffsetMap offsets;
  std::map<ProducerId, OffsetMap> transactional_offsets;

  std::vector<Waiter> waiting;
  size_t appends_under_way = 0;
  PendingAppend* newest_append = nullptr;  // good while there are any

  // How Groups has it in its books.
  struct Entry {
    std::list<Group*>::iterator place;
    size_t idle_weight = 0;  // 0: not idle
    size_t offsets = 0;
    std::optional<GroupState> state;  // none: it does not exist
  } entry;

  bool ready() const { return knowledge == Knowledge::kReady; }
  bool has_members() const { return !classic.members().empty() || !classic.pending().empty(); }
  // Nothing is lost by forgetting it.
  bool idle() const {
    return !has_members() && classic.state() == GroupState::kEmpty && appends_under_way == 0 &&
           waiting.empty() && knowledge != Knowledge::kLoading;
  }
  bool is_classic() const { return exists && !foreign; }
  bool has_open_transaction(const TopicPartitionView& partition) const;
};

}  // namespace tributary::group
