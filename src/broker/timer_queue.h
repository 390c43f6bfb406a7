// Deadlines of one shard: ordered, cancellable in O(log n), one steady_timer for the earliest; with no
// deadline no timer is armed. One thread.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <utility>

namespace tributary::broker {

class TimerQueue {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
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

  explicit TimerQueue(boost::asio::io_context& io) : timer_(io) {}
  // `action` runs once on the shard.
  [[nodiscard]] Handle after(std::chrono::nanoseconds delay, std::function<void()> action);
  void stop();

 private:
  void arm();
  void fire();

  boost::asio::steady_timer timer_;
  std::map<Key, std::function<void()>> timers_;
  TimePoint armed_for_ = TimePoint::max();
  uint64_t next_id_ = 0;
};

}  // namespace tributary::broker
