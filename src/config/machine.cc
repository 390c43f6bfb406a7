#include "tributary/config/machine.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

#include "text.h"
#include "units.h"

namespace tributary::config {
namespace {

constexpr uint64_t kMebibyte = 1 << 20;

std::optional<std::string> read_trimmed(const Surroundings& surroundings, const std::string& path) {
  const auto text = surroundings.read_file(path);
  if (!text) return std::nullopt;
  return std::string(trim(*text));
}

std::optional<int64_t> read_number(const Surroundings& surroundings, const std::string& path) {
  const auto text = read_trimmed(surroundings, path);
  return text ? parse_integer(*text) : std::nullopt;
}

// The group of this process: in the line "0::/path" for v2, "n:a,cpu,b:/path" for v1.
std::string group_of(const Surroundings& surroundings, std::string_view controller) {
  const auto text = surroundings.read_file("/proc/self/cgroup");
  if (!text) return "";
  std::string_view rest = *text;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(rest.size(), end + 1));
    const size_t first = line.find(':');
    const size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const auto controllers = split_list(line.substr(first + 1, second - first - 1));
    const bool mine = controller.empty() ? controllers.empty()
                                         : std::ranges::find(controllers, controller) != controllers.end();
    if (mine) return std::string(line.substr(second + 1));
  }
  return "";
}

// A limit may stand at the group or any above it. Inside a container the group's path is often that of the
// host and not to be found; the mount's root is the container's own group then.
template <typename Visit>
void each_level(const std::string& mount, std::string group, Visit visit) {
  while (!group.empty() && group != "/") {
    visit(mount + group);
    group.erase(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
  }
  visit(mount);
}

void limit_cpus(Machine& machine, double cpus) {
  if (cpus <= 0 || cpus >= machine.cpus) return;
  machine.cpus = std::max(1, static_cast<int>(cpus));
}

void limit_memory(Machine& machine, int64_t bytes) {
  if (bytes > 0) machine.memory_bytes = std::min(machine.memory_bytes, static_cast<uint64_t>(bytes));
}

void limit_by_v2(Machine& machine, const Surroundings& surroundings) {
  each_level("/sys/fs/cgroup", group_of(surroundings, ""), [&](const std::string& path) {
    if (const auto text = read_trimmed(surroundings, path + "/cpu.max")) {
      const size_t blank = text->find(' ');
      const auto quota = parse_integer(std::string_view(*text).substr(0, blank));
      const auto period = blank == std::string::npos ? std::nullopt : parse_integer(text->substr(blank + 1));
      if (quota && period && *period > 0)
        limit_cpus(machine, static_cast<double>(*quota) / static_cast<double>(*period));
    }
    if (const auto bytes = read_number(surroundings, path + "/memory.max")) limit_memory(machine, *bytes);
  });
}

void limit_by_v1(Machine& machine, const Surroundings& surroundings) {
  each_level("/sys/fs/cgroup/cpu", group_of(surroundings, "cpu"), [&](const std::string& path) {
    const auto quota = read_number(surroundings, path + "/cpu.cfs_quota_us");
    const auto period = read_number(surroundings, path + "/cpu.cfs_period_us");
    if (quota && period && *period > 0)
      limit_cpus(machine, static_cast<double>(*quota) / static_cast<double>(*period));
  });
  each_level("/sys/fs/cgroup/memory", group_of(surroundings, "memory"), [&](const std::string& path) {
    if (const auto bytes = read_number(surroundings, path + "/memory.limit_in_bytes"))
      limit_memory(machine, *bytes);
  });
}

void limit_by_marathon(Machine& machine, const Surroundings& surroundings) {
  const auto number = [&](const std::string& name) {
    return parse_double(trim(surroundings.environment(name).value_or("")));
  };
  if (const auto cpus = number("MARATHON_APP_RESOURCE_CPUS")) limit_cpus(machine, *cpus);
  constexpr double kAbsurd = 1e12;
  if (const auto mebibytes = number("MARATHON_APP_RESOURCE_MEM");
      mebibytes && *mebibytes > 0 && *mebibytes < kAbsurd)
    limit_memory(machine, static_cast<int64_t>(*mebibytes * static_cast<double>(kMebibyte)));
}

}  // namespace

Machine apply_limits(Machine machine, const Surroundings& surroundings) {
  limit_by_v2(machine, surroundings);
  limit_by_v1(machine, surroundings);
  limit_by_marathon(machine, surroundings);
  return machine;
}

Machine detect_machine(const Surroundings& surroundings) {
  Machine machine;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) machine.cpus = std::max(1, CPU_COUNT(&set));
  struct sysinfo info = {};
  if (sysinfo(&info) == 0) machine.memory_bytes = static_cast<uint64_t>(info.totalram) * info.mem_unit;
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) machine.open_files = limit.rlim_cur;
  return apply_limits(machine, surroundings);
}

}  // namespace tributary::config
