// What the machine, or the container around the process, gives: read once at start.
#pragma once
#include <cstdint>

#include "tributary/config/load.h"

namespace tributary::config {

struct Machine {
  int cpus = 1;
  uint64_t memory_bytes = 0;
  uint64_t open_files = 0;  // the soft limit

  bool operator==(const Machine&) const = default;
};

// The smallest of: `machine` as the kernel gave it, the cgroup's limits (v1 or v2),
// MARATHON_APP_RESOURCE_CPUS and _MEM (MiB). A fraction of a CPU counts as one, 2.5 as 2.
Machine apply_limits(Machine machine, const Surroundings& surroundings);

// apply_limits of what sched_getaffinity, sysinfo and getrlimit say.
Machine detect_machine(const Surroundings& surroundings);

}  // namespace tributary::config
