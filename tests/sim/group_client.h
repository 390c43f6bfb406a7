// A consumer that does what Java's does: joins, syncs, heartbeats, commits and fetches, and goes back to the
// step that an error asks for. One request of membership and one of offsets may be under way. It can die at
// any time and come back as a new process; answers to the old one are nobody's. One thread.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "group_model.h"
#include "tributary/base/random.h"
#include "tributary/group/coordinator.h"

namespace tributary::sim {

// What clients share.
struct GroupWorld {
  Random& random;
  GroupModel& model;
  group::Coordinator* coordinator = nullptr;  // null while it is down
  uint64_t unanswered = 0;
  std::function<void(const std::string&)> fault;
  std::function<void(const std::string&)> trace;
};

class GroupClient {
 public:
  GroupClient(GroupWorld& world, std::string name, std::string group, bool is_static)
      : world_(world), name_(std::move(name)), group_(std::move(group)), static_(is_static) {}

  // The next thing it has to do, if it is not waiting for an answer.
  void act();
  // An operator takes it out, whatever it is doing.
  void remove();
  // Loses its connection, and with it the answers it waits for.
  void reconnect();
  // Dies and begins anew.
  void restart();
  // Stays away for good.
  void stop() { restart(), stopped_ = true; }

  bool is_assigned() const { return step_ == Step::kAssigned && !assignment_.empty(); }
  bool stopped() const { return stopped_; }
  const std::string& group() const { return group_; }
  int32_t generation() const { return generation_; }
  const std::string& name() const { return name_; }

 private:
  enum class Step { kJoin, kSync, kAssigned };

  void join();
  void joined(const wire::JoinGroupResponse& response);
  void sync();
  void synced(const wire::SyncGroupResponse& response);
  void heartbeat();
  void commit();
  void fetch();
  // What an error asks for.
  void back_off(wire::ErrorCode error);

  // A reply that is counted, checked to come once, and forgotten if this process has died.
  template <typename Response, typename Take>
  group::Reply<Response> reply(bool& waiting, Take take);
  group::RequestInfo info(int16_t version) const {
    return {.version = version, .client_id = name_, .client_host = "/sim"};
  }

  GroupWorld& world_;
  const std::string name_;
  const std::string group_;
  const bool static_;
  std::shared_ptr<const int> process_ = std::make_shared<const int>(0);
  Step step_ = Step::kJoin;
  std::string member_id_;
  int32_t generation_ = -1;
  std::string leader_;
  std::string assignment_;
  std::vector<std::string> members_;
  uint64_t tokens_ = 0;
  bool membership_under_way_ = false;
  bool offsets_under_way_ = false;
  bool removal_under_way_ = false;
  bool stopped_ = false;
};

}  // namespace tributary::sim
