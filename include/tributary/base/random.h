// A seeded source of random numbers: the same seed gives the same numbers, so a failing run can be replayed.
#pragma once
#include <cstdint>
#include <random>

namespace tributary {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  static Random from_system();

  uint64_t next() { return engine_(); }
  // Uniform in [0, bound); bound > 0.
  uint64_t below(uint64_t bound) { return std::uniform_int_distribution<uint64_t>(0, bound - 1)(engine_); }
  bool one_in(uint64_t n) { return below(n) == 0; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace tributary
