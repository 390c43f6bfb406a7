#include "timer_queue.h"

namespace tributary::broker {

TimerQueue::Handle& TimerQueue::Handle::operator=(Handle&& other) noexcept {
  if (this == &other) return *this;
  cancel();
  queue_ = std::exchange(other.queue_, nullptr);
  key_ = other.key_;
  return *this;
}

void TimerQueue::Handle::cancel() {
  if (auto* queue = std::exchange(queue_, nullptr)) queue->timers_.erase(key_);
}

TimerQueue::Handle TimerQueue::after(std::chrono::nanoseconds delay, std::function<void()> action) {
  const Key key{Clock::now() + delay, next_id_++};
  timers_.emplace(key, std::move(action));
  return {*this, key};
}

std::optional<TimerQueue::TimePoint> TimerQueue::next() const {
  return timers_.empty() ? std::nullopt : std::optional(timers_.begin()->first.first);
}

void TimerQueue::fire(TimePoint now) {
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto due = timers_.extract(timers_.begin());
    due.mapped()();
  }
}

void TimerQueue::stop() {
  // Actions may own handles, which look for themselves in the queue as they go.
  const auto dropped = std::exchange(timers_, {});
}

}  // namespace tributary::broker
