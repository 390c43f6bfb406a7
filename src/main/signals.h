// The signals the process answers, taken by a thread of its own from the first moment on, so that a long
// start can be left. Others never see one: block_signals runs before any thread is made. Made and asked by
// main.
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace tributary {

void block_signals();

class Signals {
 public:
  // `on_stop` runs on that thread, at the first SIGTERM or SIGINT; further ones change nothing.
  explicit Signals(std::function<void()> on_stop);
  ~Signals();

  // Returns once a SIGTERM or SIGINT has come. SIGHUP calls `reload`, here.
  void wait_for_stop(const std::function<void()>& reload);

 private:
  void take(const std::function<void()>& on_stop);

  std::mutex mutex_;
  std::condition_variable came_;
  bool stop_ = false;    // mutex_
  bool reload_ = false;  // mutex_
  std::thread thread_;
};

}  // namespace tributary
