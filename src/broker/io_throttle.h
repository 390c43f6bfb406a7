// Keeps reads and writes under a rate: who has done some is told how long to wait before the next. Any
// thread.
#pragma once
#include <algorithm>
#include <cstdint>
#include <mutex>

namespace tributary::broker {

class IoThrottle {
 public:
  void set_rate(double bytes_per_second) {
    const std::lock_guard lock(mutex_);
    rate_ = bytes_per_second;
  }
  int64_t delay_ns(uint64_t bytes, int64_t now_ns) {
    const std::lock_guard lock(mutex_);
    if (rate_ <= 0) return kLongestDelayNs;
    const double cost_ns = std::min(static_cast<double>(bytes) * 1e9 / rate_, double{kLongestDelayNs});
    free_at_ns_ = std::max(free_at_ns_, now_ns) + static_cast<int64_t>(cost_ns);
    return std::min(free_at_ns_ - now_ns, kLongestDelayNs);
  }

 private:
  // So that a higher rate is soon felt.
  static constexpr int64_t kLongestDelayNs = 10'000'000'000;

  std::mutex mutex_;
  double rate_ = 0;
  int64_t free_at_ns_ = 0;
};

}  // namespace tributary::broker
