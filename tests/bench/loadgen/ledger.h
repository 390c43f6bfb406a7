// An idempotent acks=all producer that writes numbers, outlives its broker, and in the end holds the log
// against what was acknowledged: every number once, in order, at the offset it was acknowledged with.
#pragma once
#include <deque>

#include "requests.h"
#include "socket.h"

namespace tributary::bench {

class Ledger {
 public:
  Ledger(const Address& broker, const std::string& topic, int32_t partitions, int depth);

  // Writes until stdin ends, reconnecting and resending whatever is not acknowledged. Ends the program if
  // nothing is acknowledged for a minute, or at once if an offset is not the one that must come next.
  void write();
  // Reads all partitions and ends the program at the first number that is missing, repeated or out of order.
  void verify() const;

  int64_t acknowledged() const;
  int64_t sessions() const { return sessions_; }

 private:
  struct Pending {
    int64_t first = 0;
    int64_t count = 0;
    Buffer frame;
  };
  struct Partition {
    int64_t next = 0;   // number to write
    int64_t acked = 0;  // all below are
    std::deque<Pending> window;
  };

  bool writing();
  bool drained() const;
  void add_batch(int32_t partition);
  bool send(Socket& socket, size_t partition, const Pending& pending);
  bool resend(Socket& socket);
  bool fill(Socket& socket);
  bool take_answer(Socket& socket);
  void session();
  void verify(int32_t partition) const;

  Address broker_;
  std::string topic_;
  size_t depth_;
  Producer producer_;
  std::vector<Partition> partitions_;
  std::deque<size_t> in_flight_;  // partitions, in the order of the requests on the connection
  int64_t sessions_ = 0;
  uint64_t last_progress_ = 0;  // when something was acknowledged last
  int16_t last_error_ = 0;
  uint32_t batches_ = 0;
  bool writing_ = true;
};

}  // namespace tributary::bench
