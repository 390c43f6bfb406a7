// One run of the group simulation: clients of a coordinator whose batches become visible late, fail, or are
// lost with the coordinator, which comes back over what was visible and perhaps more. Then the faults end,
// and every client has to be served. Everything follows from the seed.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "group/memory_environment.h"
#include "group_client.h"

namespace tributary::sim {

class GroupRun {
 public:
  GroupRun(uint64_t seed, bool trace);
  // False, with the reason on stderr, at the first thing that must not be.
  bool run(int steps);
  uint64_t crashes() const { return crashes_; }

 private:
  void step();
  void disturb_client();
  void crash();
  void start();
  void fail_appends();
  void delete_group();
  void expire();
  void heal();
  void check_healed();
  void fault(const std::string& why);

  Random random_;
  uint64_t seed_;
  bool trace_;
  bool failed_ = false;
  uint64_t crashes_ = 0;
  group::CoordinatorConfig config_;
  group::CoordinatorProbe probe_;
  group::MemoryEnvironment environment_;
  GroupModel model_;
  GroupWorld world_;
  std::vector<std::unique_ptr<GroupClient>> clients_;
  std::unique_ptr<group::Coordinator> coordinator_;
};

}  // namespace tributary::sim
