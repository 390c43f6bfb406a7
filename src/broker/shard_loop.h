// The loop of one shard: descriptors, work posted to it, deadlines, and after each batch of those the end of
// the turn.
//
// Descriptors are watched level-triggered: told to the kernel once, not for each wait. Asio's reactor arms a
// descriptor anew for every wait and polls once more for what a handler posts, which are two of the six
// system calls of a small request. Posted work still goes by an io_context, which has no reactor here.
#pragma once
#include <sys/epoll.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <thread>

#include "broker_context.h"
#include "descriptor.h"
#include "timer_queue.h"
#include "tributary/base/result.h"

namespace tributary::broker {

class ShardLoop {
 public:
  // Called on the shard's thread. May still be called for an event found before the descriptor was closed, so
  // it lives until the turn has ended.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    virtual void on_ready(uint32_t events) = 0;
  };

  explicit ShardLoop(std::function<void()> end_turn);

  Status open();  // before anything else
  // On its thread, until stop().
  void run();
  void stop();  // on its thread: what is left is not done any more
  // Once run() has returned: drops posted work and deadlines.
  void drop_handlers();

  // Any thread.
  template <typename Work>
  void post(Work&& work) {
    boost::asio::post(io_, std::forward<Work>(work));
    if (!posted_.exchange(true) && std::this_thread::get_id() != thread_.load()) wake();
  }

  // `events` of epoll. Closing the descriptor ends it.
  Status watch(int descriptor, uint32_t events, Watcher& watcher);
  void change(int descriptor, uint32_t events, Watcher& watcher);
  TimerQueue& timers() { return timers_; }
  // end_turn is called once what is ready now is done.
  void begin_turn() { turn_due_ = true; }

 private:
  void wake() const;
  void wait();
  void do_posted();
  int timeout_ms() const;

  const std::function<void()> end_turn_;
  Descriptor epoll_;
  Descriptor wake_;
  EventLoop io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::atomic<bool> posted_{false};
  std::atomic<std::thread::id> thread_;
  TimerQueue timers_;
  bool turn_due_ = false;
  bool stopped_ = false;
};

}  // namespace tributary::broker
