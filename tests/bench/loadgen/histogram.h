// Counts of durations in buckets 1/64 apart, from 1 ns to some minutes: no allocation while it counts.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace tributary::bench {

class Histogram {
 public:
  void add(uint64_t ns) {
    ++counts_[bucket(ns)];
    ++total_;
    max_ = std::max(max_, ns);
  }
  uint64_t total() const { return total_; }
  double max_us() const { return double(max_) / 1000; }
  // The duration that `share` of all do not exceed, in microseconds; 0 if there are none.
  double quantile_us(double share) const {
    uint64_t wanted = uint64_t(share * double(total_)), seen = 0;
    for (size_t i = 0; i < counts_.size() && total_ > 0; ++i)
      if ((seen += counts_[i]) > wanted) return double(std::min(upper(i), max_)) / 1000;
    return max_us();
  }

 private:
  static constexpr int kBits = 6, kOctaves = 34;
  static size_t bucket(uint64_t ns) {
    int octave = std::max(0, int(std::bit_width(ns)) - kBits - 1);
    return std::min(kCount - 1, (size_t(octave) << kBits) + size_t(ns >> octave));
  }
  static uint64_t upper(size_t index) {
    size_t octave = index < (2U << kBits) ? 0 : (index >> kBits) - 1;
    return (uint64_t(index - (octave << kBits)) + 1) << octave;
  }
  static constexpr size_t kCount = size_t(kOctaves + 2) << kBits;

  std::array<uint64_t, kCount> counts_{};
  uint64_t total_ = 0, max_ = 0;
};

}  // namespace tributary::bench
