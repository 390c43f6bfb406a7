// Sends one kind of request over one connection: so many in flight (closed loop), or so many a second
// whatever the broker does (open loop), timed from the moment each was due.
#pragma once
#include <deque>
#include <memory>

#include "histogram.h"
#include "loop.h"

namespace tributary::bench {

struct Totals {
  uint64_t requests = 0;
  uint64_t records = 0;
  uint64_t bytes = 0;  // of batches, produced or fetched
  uint64_t errors = 0;
  int16_t first_error = 0;
  Histogram latency;
};

// Where frames come from and answers go to.
class Traffic {
 public:
  virtual ~Traffic() = default;
  // Valid until the next call.
  virtual MutableBytes next_frame() = 0;
  virtual void answered(ByteView body, Totals& totals) = 0;
  // Counts a frame for which no answer comes.
  virtual void unanswered(Totals&) {}
};

struct Pace {
  uint64_t requests = UINT64_MAX;  // to send in all
  uint64_t deadline = UINT64_MAX;  // none is sent after that
  int depth = 1;
  double rate = 0;       // per second; 0 is a closed loop
  bool one_way = false;  // no answers (acks=0); a last request that has one shows that all were taken
};

class Sender : public Actor {
 public:
  Sender(Loop& loop, const Address& address, std::unique_ptr<Traffic> traffic, Pace pace, Totals& totals);

  void begin(uint64_t now) override;
  uint64_t next_tick() const override;
  void tick(uint64_t now) override;
  bool done() const override { return finished_; }

 private:
  bool may_send(uint64_t now) const { return sent_ < pace_.requests && now < pace_.deadline; }
  void send(uint64_t due);
  void answer(int32_t correlation_id, ByteView body);
  void tick_one_way(uint64_t now);
  void finish_if_idle(uint64_t now);

  Connection connection_;
  std::unique_ptr<Traffic> traffic_;
  Pace pace_;
  Totals& totals_;
  uint64_t sent_ = 0;
  uint64_t due_ = 0;  // open loop: of the next request
  std::deque<uint64_t> in_flight_;
  int32_t expected_id_ = 0;
  bool closing_ = false;
  bool finished_ = false;
};

}  // namespace tributary::bench
