// Time is handed in. Core code takes `now` as an argument or a Clock; the only real clock is made in main.
#pragma once
#include <cstdint>

#include "tributary/base/ids.h"

namespace tributary {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimestampMs wall_ms() const = 0;   // may jump
  virtual int64_t monotonic_ns() const = 0;  // never goes back
};

class SystemClock final : public Clock {
 public:
  TimestampMs wall_ms() const override;
  int64_t monotonic_ns() const override;
};

// For tests and the simulator: stands still until told to move.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimestampMs start_ms = 1'700'000'000'000) : wall_ms_(start_ms) {}
  TimestampMs wall_ms() const override { return wall_ms_; }
  int64_t monotonic_ns() const override { return monotonic_ns_; }
  void advance_ms(int64_t ms) {
    wall_ms_ += ms;
    monotonic_ns_ += ms * 1'000'000;
  }
  void set_wall_ms(TimestampMs ms) { wall_ms_ = ms; }

 private:
  TimestampMs wall_ms_;
  int64_t monotonic_ns_ = 0;
};

}  // namespace tributary
