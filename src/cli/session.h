// What one run of the program has: its global options, its output, and the cluster, which is reached when a
// verb first needs it. One thread.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "cluster.h"
#include "output.h"
#include "tributary/base/ids.h"

namespace tributary::cli {

struct GlobalOptions {
  std::string brokers = "127.0.0.1:9092";
  std::string output = "table";
  std::string timeout = "30s";
  bool verbose = false;
};

class Session {
 public:
  GlobalOptions options;
  Output out;

  // Checks the global options and prepares the cluster; nothing is sent yet.
  Status open();
  Cluster& cluster() { return *cluster_; }
  TimestampMs now() const;

  // The verb that the command line chose.
  std::function<Status(Session&)> verb;

 private:
  std::unique_ptr<Cluster> cluster_;
};

}  // namespace tributary::cli
