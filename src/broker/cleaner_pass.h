// One pass of the log cleaner on its way: steps on a worker's thread, swaps on the shard that owns the log.
// Kept alive by the work that is posted for it; tells once how it ended, on the worker's thread.
#pragma once
#include <functional>
#include <memory>

#include "broker_context.h"
#include "io_throttle.h"
#include "tributary/base/uuid.h"
#include "tributary/storage/cleaner.h"

namespace tributary::broker {

// A log that could be cleaned, as its shard saw it.
struct CleanerCandidate {
  Uuid topic_id;
  size_t shard = 0;
  storage::TopicPartition name;
  std::string directory;
  storage::CleanableLog found;
  int64_t overdue_ms = 0;
  bool checkpoint_lags = false;
};

class CleanerPass : public std::enable_shared_from_this<CleanerPass> {
 public:
  using Ended = std::function<void(std::shared_ptr<CleanerPass>, Status)>;
  CleanerPass(BrokerContext& context, WorkerPool& pool, IoThrottle& throttle, CleanerCandidate candidate,
              std::unique_ptr<storage::Cleaning> cleaning, Ended ended);

  void start();
  // From any thread: no further step is begun. The owner of the pool then waits for it.
  void stop() { stopping_ = true; }
  // On the shard: the log takes the next pass.
  void release(std::function<void(storage::Log&)> before, std::function<void()> then);

  const CleanerCandidate& candidate() const { return candidate_; }
  storage::Cleaning& cleaning() { return *cleaning_; }
  int64_t begun_ns() const { return begun_ns_; }

 private:
  void run();
  void step_on();
  void wait(int64_t delay_ns);
  void swap();
  void swap_here();
  void end(Status status);

  BrokerContext& context_;
  WorkerPool& pool_;
  IoThrottle& throttle_;
  const CleanerCandidate candidate_;
  std::unique_ptr<storage::Cleaning> cleaning_;
  Ended ended_;
  const int64_t begun_ns_;
  uint64_t bytes_paid_ = 0;  // for which there was a delay
  std::atomic<bool> stopping_{false};
};

}  // namespace tributary::broker
