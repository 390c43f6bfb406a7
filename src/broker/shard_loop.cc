#include "shard_loop.h"

#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace tributary::broker {

namespace {
constexpr int kPostedAtOnce = 256;
}

ShardLoop::ShardLoop(std::function<void()> end_turn)
    : end_turn_(std::move(end_turn)), io_(1), work_(boost::asio::make_work_guard(io_)) {}

Status ShardLoop::open() {
  epoll_ = Descriptor(::epoll_create1(EPOLL_CLOEXEC));
  wake_ = Descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  epoll_event event{};
  event.events = EPOLLIN;
  if (!epoll_ || !wake_ || ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) < 0)
    return fail(Errc::kIo, fmt::format("epoll: {}", std::strerror(errno)));
  return {};
}

void ShardLoop::run() {
  thread_.store(std::this_thread::get_id());
  while (!stopped_) {
    wait();
    timers_.fire(TimerQueue::Clock::now());
    if (posted_.load(std::memory_order_relaxed) && posted_.exchange(false)) do_posted();
    if (!stopped_ && std::exchange(turn_due_, false)) end_turn_();
  }
}

// Work that posts more work does not keep descriptors and deadlines waiting.
void ShardLoop::do_posted() {
  int done = 0;
  while (done < kPostedAtOnce && io_.poll_one() > 0) ++done;
  if (done == kPostedAtOnce) posted_.store(true);
}

void ShardLoop::stop() {
  stopped_ = true;
  io_.stop();
}

void ShardLoop::drop_handlers() {
  timers_.stop();
  io_.drop_handlers();
}

Status ShardLoop::watch(int descriptor, uint32_t events, Watcher& watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0) return {};
  return fail(Errc::kIo, fmt::format("epoll: {}", std::strerror(errno)));
}

void ShardLoop::change(int descriptor, uint32_t events, Watcher& watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &event);
}

void ShardLoop::wake() const {
  // Full means that it is awake.
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

void ShardLoop::wait() {
  std::array<epoll_event, 128> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout_ms());
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    if (event.data.ptr != nullptr) {
      static_cast<Watcher*>(event.data.ptr)->on_ready(event.events);
      continue;
    }
    uint64_t wakes = 0;
    [[maybe_unused]] const ssize_t received = ::read(wake_.get(), &wakes, sizeof wakes);
  }
}

int ShardLoop::timeout_ms() const {
  if (turn_due_ || posted_.load()) return 0;
  const auto next = timers_.next();
  if (!next) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - TimerQueue::Clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, INT32_MAX));
}

}  // namespace tributary::broker
