// Deadlines of one shard: ordered, cancellable in O(log n); the shard's loop sleeps until the earliest. One
// thread.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace tributary::broker {

class TimerQueue {
 public:
  using Clock = std::chrono::steady_clock;
  using TimePoint = Clock::time_point;
  using Key = std::pair<TimePoint, uint64_t>;

  // Cancels when destroyed; must not outlive the queue.
  class Handle {
   public:
    Handle() = default;
    Handle(TimerQueue& queue, Key key) : queue_(&queue), key_(key) {}
    Handle(Handle&& other) noexcept
        : queue_(std::exchange(other.queue_, nullptr)), key_(std::move(other.key_)) {}
    Handle& operator=(Handle&& other) noexcept;
    ~Handle() { cancel(); }
    void cancel();
    bool armed() const { return queue_ != nullptr; }

   private:
    TimerQueue* queue_ = nullptr;
    Key key_;
  };

  // `action` runs once on the shard.
  [[nodiscard]] Handle after(std::chrono::nanoseconds delay, std::function<void()> action);
  std::optional<TimePoint> next() const;
  // Runs what is due.
  void fire(TimePoint now);
  // Forgets all.
  void stop();

 private:
  std::map<Key, std::function<void()>> timers_;
  uint64_t next_id_ = 0;
};

}  // namespace tributary::broker
