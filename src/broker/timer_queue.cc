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
  // An armed timer for a cancelled deadline fires into nothing: cheaper than arming anew for every answered
  // fetch.
  if (auto* queue = std::exchange(queue_, nullptr)) queue->timers_.erase(key_);
}

TimerQueue::Handle TimerQueue::after(std::chrono::nanoseconds delay, std::function<void()> action) {
  const Key key{std::chrono::steady_clock::now() + delay, next_id_++};
  timers_.emplace(key, std::move(action));
  arm();
  return {*this, key};
}

void TimerQueue::arm() {
  if (timers_.empty() || timers_.begin()->first.first >= armed_for_) return;
  armed_for_ = timers_.begin()->first.first;
  timer_.expires_at(armed_for_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) fire();
  });
}

void TimerQueue::fire() {
  armed_for_ = TimePoint::max();
  const TimePoint now = std::chrono::steady_clock::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto due = timers_.extract(timers_.begin());
    due.mapped()();
  }
  arm();
}

void TimerQueue::stop() {
  // Actions may own handles, which look for themselves in the queue as they go.
  const auto dropped = std::exchange(timers_, {});
  timer_.cancel();
}

}  // namespace tributary::broker
