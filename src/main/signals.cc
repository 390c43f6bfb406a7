#include "signals.h"

#include <pthread.h>

#include <csignal>

namespace tributary {
namespace {

sigset_t handled() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

void block_signals() {
  const sigset_t set = handled();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

Signals::Signals(std::function<void()> on_stop)
    : thread_([this, on_stop = std::move(on_stop)] { take(on_stop); }) {}

Signals::~Signals() {
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

void Signals::take(const std::function<void()>& on_stop) {
  const sigset_t set = handled();
  for (;;) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    const bool stop = signal != SIGHUP;
    {
      const std::lock_guard lock(mutex_);
      (stop ? stop_ : reload_) = true;
    }
    came_.notify_one();
    if (stop) return on_stop();
  }
}

void Signals::wait_for_stop(const std::function<void()>& reload) {
  std::unique_lock lock(mutex_);
  for (;;) {
    came_.wait(lock, [this] { return stop_ || reload_; });
    if (stop_) return;
    reload_ = false;
    lock.unlock();
    reload();
    lock.lock();
  }
}

}  // namespace tributary
