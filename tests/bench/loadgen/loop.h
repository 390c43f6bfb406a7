// One thread, one epoll: connections to the broker and the actors that use them.
#pragma once
#include <sys/epoll.h>

#include <functional>
#include <string>

#include "encode.h"

namespace tributary::bench {

struct Address {
  std::string host;
  uint16_t port = 0;
  static Address parse(std::string_view text);
};

uint64_t now_ns();  // monotonic

// Asked by the loop. An actor is done when it waits for nothing more; the run ends when all are.
class Actor {
 public:
  virtual ~Actor() = default;
  virtual void begin(uint64_t now) = 0;
  // When it wants tick(); UINT64_MAX for never.
  virtual uint64_t next_tick() const { return UINT64_MAX; }
  virtual void tick(uint64_t) {}
  virtual bool done() const = 0;
};

class Connection;

class Loop {
 public:
  explicit Loop(bool spin) : epoll_(epoll_create1(EPOLL_CLOEXEC)), spin_(spin) {}
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  int epoll() const { return epoll_; }
  void add(Actor& actor) { actors_.push_back(&actor); }
  void run();

 private:
  bool all_done() const;
  uint64_t tick_all();
  void wait(uint64_t until);

  int epoll_;
  bool spin_;  // never sleep: the client's own wake-ups stay out of the latency
  std::vector<Actor*> actors_;
};

// A non-blocking connection that sends frames and hands over whole answers. A broken connection ends the
// program.
class Connection {
 public:
  using OnFrame = std::function<void(int32_t correlation_id, ByteView body)>;

  Connection(Loop& loop, const Address& address, size_t receive_buffer = 64 << 10);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void on_frame(OnFrame handler) { on_frame_ = std::move(handler); }
  // `frame` may be reused at once: what the socket does not take is copied.
  void send(ByteView frame);
  bool backlogged() const { return !backlog_.empty(); }

  void ready(uint32_t events);

 private:
  void watch(uint32_t events);
  void flush();
  void receive();
  size_t parse(size_t from);

  Loop& loop_;
  int fd_;
  Buffer in_;
  size_t filled_ = 0;
  Buffer backlog_;
  size_t sent_ = 0;
  OnFrame on_frame_;
};

}  // namespace tributary::bench
