// The broker's one view of consumer groups, shared by all partitions of __consumer_offsets here. Opened on
// the disk pool by who needs it first; a broker without groups has none.
//
// Flushed in rounds: the shards stop applying to it (ShardGroups::hold), sync the logs it was made from up to
// what was applied, then it is flushed, then they go on. So what RocksDB holds on disk is always held by the
// logs too. Any thread, but for what is said.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "tributary/base/metrics.h"
#include "tributary/group/view.h"

namespace tributary::broker {

struct BrokerContext;

class GroupView {
 public:
  GroupView(BrokerContext& context, std::string directory);

  // On the pool: may open it first. Whether a database that could not be used was thrown away then stands in
  // its reset_reason.
  Result<group::View*> open();
  // What the last open gave, null if there was none.
  group::View* opened() const { return ready_.load(std::memory_order_acquire); }

  // After each change, from the pool. True: flush_soon() is due.
  bool note_applied();
  // Begins a round, unless one is under way or nothing was applied since the last.
  void flush_soon();
  // Shards and pool stopped, logs synced.
  Status finish();

  Counter flushes;
  Counter failed_flushes;

 private:
  struct Round;

  void hold_all();
  void all_held(const Round& round);
  void end_round(const Status& outcome);

  BrokerContext& context_;
  const std::string directory_;
  const group::View::Options options_;
  std::mutex opening_;
  Status open_error_;
  std::unique_ptr<group::View> view_;
  std::atomic<group::View*> ready_{nullptr};
  std::atomic<bool> changed_{false};
  std::atomic<bool> flushing_{false};
};

}  // namespace tributary::broker
