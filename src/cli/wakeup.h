// Waiting for input, for librdkafka and for SIGINT or SIGTERM at once, without polling any of them: all of
// them write to one pipe. One per process, for it owns the signals' handlers from its creation on. One
// thread.
#pragma once
#include <chrono>

#include "tributary/base/result.h"

namespace tributary::cli {

class Wakeup {
 public:
  static Result<Wakeup*> install();  // never freed: a signal may come at any time

  // For rd_kafka_queue_io_event_enable: a byte written to it ends a wait.
  int write_end() const { return pipe_[1]; }
  // True once a signal has come.
  bool stopping() const;
  // Waits until a byte was written, a signal came, the time is over, or the descriptor can be read, or can no
  // longer be written because its reader has gone. True in the last two cases.
  enum class Watch { kReadable, kReaderGone };
  bool wait(int descriptor, Watch watch, std::chrono::milliseconds at_most);

 private:
  int pipe_[2] = {-1, -1};
};

}  // namespace tributary::cli
