// The daemon's whole life: directories, metadata, logs, shards, listeners. Made, started and stopped by main,
// from one thread; metrics(), ready() and alive() from the admin thread.
#pragma once
#include <atomic>
#include <memory>
#include <string>

#include "tributary/base/clock.h"
#include "tributary/base/result.h"
#include "tributary/config/machine.h"
#include "tributary/config/values.h"

namespace tributary::broker {

enum class BrokerState { kStarting, kRecovering, kServing, kStopping, kStopped };

struct BrokerOptions {
  const config::Values* values = nullptr;  // outlives the broker
  const Clock* clock = nullptr;            // outlives the broker
  config::Machine machine;
};

class Broker {
 public:
  explicit Broker(BrokerOptions options);
  ~Broker();

  // Returns when clients are served, or with what prevents it. kInvalidArgument: the configuration does not
  // fit the directories; kBusy: they are in use; kCancelled: by cancel_start.
  Status start();
  // Any thread: a start under way returns kCancelled as soon as it can be left, one past recovery goes on.
  void cancel_start();
  // Closes listeners and logs; what was acknowledged is on the disk when it returns. Idempotent.
  void stop();

  // A configuration read anew: what may change at run time does, soon after; the rest stays. While serving.
  void reload(const config::Values& loaded);

  BrokerState state() const { return state_.load(); }
  // Every shard's event loop turns: false if one did not answer within a second.
  bool alive() const;
  std::string metrics() const;
  // What /readyz says: "serving", or how far recovery is.
  std::string describe_state() const;
  // Address of the first client listener, as bound.
  std::string bootstrap() const;

 private:
  struct Impl;
  BrokerOptions options_;
  std::atomic<BrokerState> state_{BrokerState::kStarting};
  std::unique_ptr<Impl> impl_;
};

}  // namespace tributary::broker
