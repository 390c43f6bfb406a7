// group_sim [--first S] [--seeds N] [--steps K] [--trace 1]: runs N seeds from S on and stops at the first
// that fails. A failing seed replays exactly.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "group_run.h"

int main(int argc, char** argv) {
  uint64_t first = 1;
  uint64_t seeds = 1000;
  int steps = 400;
  bool trace = false;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    const uint64_t value = std::strtoull(argv[i + 1], nullptr, 10);
    if (option == "--first") first = value;
    if (option == "--seeds") seeds = value;
    if (option == "--trace") trace = value != 0;
    if (option == "--steps") steps = static_cast<int>(value);
  }
  uint64_t crashes = 0;
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    tributary::sim::GroupRun run(seed, trace);
    if (!run.run(steps)) return 1;
    crashes += run.crashes();
  }
  std::printf("%llu seeds, %llu crashes, every client served, nothing taken back\n",
              static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(crashes));
  return 0;
}
