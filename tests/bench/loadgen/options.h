// The command line: `tributary_loadgen MODE --key value ...`.
#pragma once
#include <map>
#include <string>

#include "loop.h"
#include "requests.h"
#include "sender.h"

namespace tributary::bench {

struct Options {
  std::string mode;
  Address broker;
  std::string topic = "bench";
  int32_t topics = 1;
  int32_t partitions = 1;
  int32_t partitions_per_request = 1;
  int connections = 1;
  int consumers = 0;
  int records = 1;  // a batch
  size_t batch_bytes = 1024;
  int16_t acks = 1;
  bool idempotent = false;
  bool create = false;
  bool spin = false;
  FetchLimits fetch;
  uint64_t bytes = 0;  // to consume, each consumer
  double seconds = 0;  // 0: until `requests`
  uint64_t since = 0;  // monotonic ns from which first-produce counts
  Pace pace;

  static Options parse(int argc, char** argv);
  static std::string usage();
};

}  // namespace tributary::bench
