#include "tributary/config/machine.h"

#include <gtest/gtest.h>

#include "surroundings.h"

namespace tributary::config {
namespace {

constexpr uint64_t kGibibyte = 1 << 30;
constexpr Machine kBig{.cpus = 16, .memory_bytes = 64 * kGibibyte, .open_files = 1024};

TEST(Machine, NoLimits_StaysAsItIs) { EXPECT_EQ(apply_limits(kBig, FakeMachine().surroundings()), kBig); }

TEST(Machine, CgroupV2_LimitsAtAnyLevel) {
  FakeMachine machine;
  machine.files = {{"/proc/self/cgroup", "0::/a/b\n"},
                   {"/sys/fs/cgroup/a/cpu.max", "250000 100000\n"},
                   {"/sys/fs/cgroup/a/b/cpu.max", "max 100000\n"},
                   {"/sys/fs/cgroup/a/b/memory.max", "2147483648\n"},
                   {"/sys/fs/cgroup/memory.max", "max\n"}};
  EXPECT_EQ(apply_limits(kBig, machine.surroundings()), (Machine{2, 2 * kGibibyte, 1024}));
}

TEST(Machine, CgroupV2OfAContainer_IsFoundAtTheRoot) {
  FakeMachine machine;
  machine.files = {{"/proc/self/cgroup", "0::/\n"},
                   {"/sys/fs/cgroup/cpu.max", "50000 100000"},
                   {"/sys/fs/cgroup/memory.max", "1073741824"}};
  EXPECT_EQ(apply_limits(kBig, machine.surroundings()), (Machine{1, kGibibyte, 1024}));
}

TEST(Machine, CgroupV1_Limits) {
  FakeMachine machine;
  machine.files = {{"/proc/self/cgroup", "5:memory:/m/x\n4:cpu,cpuacct:/c/x\n"},
                   {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "400000\n"},
                   {"/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"},
                   {"/sys/fs/cgroup/cpu/c/x/cpu.cfs_quota_us", "-1\n"},
                   {"/sys/fs/cgroup/cpu/c/x/cpu.cfs_period_us", "100000\n"},
                   {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"},
                   {"/sys/fs/cgroup/memory/m/x/memory.limit_in_bytes", "1073741824\n"}};
  EXPECT_EQ(apply_limits(kBig, machine.surroundings()), (Machine{4, kGibibyte, 1024}));
}

TEST(Machine, Marathon_Limits) {
  FakeMachine machine;
  machine.environment = {{"MARATHON_APP_RESOURCE_CPUS", "2.5"}, {"MARATHON_APP_RESOURCE_MEM", "2048.0"}};
  EXPECT_EQ(apply_limits(kBig, machine.surroundings()), (Machine{2, 2 * kGibibyte, 1024}));
}

TEST(Machine, Nonsense_IsIgnored) {
  FakeMachine machine;
  machine.environment = {{"MARATHON_APP_RESOURCE_CPUS", "-1"}, {"MARATHON_APP_RESOURCE_MEM", "many"}};
  machine.files = {{"/proc/self/cgroup", "x\n::\n0::/a"},
                   {"/sys/fs/cgroup/a/cpu.max", "1"},
                   {"/sys/fs/cgroup/a/memory.max", ""}};
  EXPECT_EQ(apply_limits(kBig, machine.surroundings()), kBig);
}

TEST(Machine, Detected_HasSomethingOfEach) {
  const Machine machine = detect_machine(real_surroundings());
  EXPECT_GE(machine.cpus, 1);
  EXPECT_GT(machine.memory_bytes, 0u);
  EXPECT_GT(machine.open_files, 0u);
}

}  // namespace
}  // namespace tributary::config
