// max.connection.creation.rate: so many new connections in a second, with a second's worth at once after a
// quiet time. What comes faster waits in the kernel's queue, as in Kafka. One thread; time is handed in.
#pragma once
#include <algorithm>
#include <cstdint>

namespace tributary::broker {

class ConnectionRate {
 public:
  // Counts one connection; how long to wait before the next is taken.
  int64_t take(int64_t now_ns, int64_t per_second) {
    paid_until_ns_ = std::max(paid_until_ns_, now_ns - kSecond) + kSecond / std::max<int64_t>(per_second, 1);
    return std::max<int64_t>(0, paid_until_ns_ - now_ns);
  }

 private:
  static constexpr int64_t kSecond = 1'000'000'000;
  int64_t paid_until_ns_ = -kSecond;
};

}  // namespace tributary::broker
