// The broker's one view of consumer groups, shared by all partitions of __consumer_offsets here. Opened on
// the disk pool by who needs it first; a broker without groups has none.
//
// Flushed in rounds: the shards stop applying to it (ShardGroups::hold), sync the logs it was made from up to
// what was applied, then it is flushed, then they go on. So what RocksDB holds on disk is always held by the
// logs too. A view found damaged is replaced in such a round, and all partitions load anew.
//
// Any thread, but for what is said.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "tributary/base/metrics.h"
#include "tributary/group/view.h"

namespace tributary::broker {

struct BrokerContext;

using ViewPtr = std::shared_ptr<group::View>;

class GroupView {
 public:
  GroupView(BrokerContext& context, std::string directory);

  // On the pool: may open it first.
  Result<ViewPtr> open();
  // Null if nobody opened it.
  ViewPtr opened() const;

  // Work on one partition of the view is done under its lock, by the newest of those that claimed it: what
  // was begun before a reload, or for a deleted topic of the same name, does nothing any more, however late
  // the pool comes to it, and the lock is not owned.
  using Lock = std::unique_lock<std::mutex>;
  using Claimant = uint64_t;  // later ones are larger
  Claimant next_claimant() { return next_claimant_.fetch_add(1); }
  Lock claim(int32_t partition, Claimant by);
  Lock enter(int32_t partition, Claimant by);

  // After each change, from the pool. True: flush_soon() is due.
  bool note_applied(const group::View& view);
  // Begins a round, or another when the one under way has ended; none if nothing was applied since the last.
  void flush_soon();
  // If that was the view's damage, it is begun anew.
  void note_failure(const Error& error);
  // Shards and pool stopped, logs synced.
  Status finish();

  Counter flushes;
  Counter failed_flushes;
  Counter replacements;

 private:
  struct Round;
  enum class RoundEnd { kFlushed, kReplaced };
  struct Claim {
    std::mutex mutex;
    Claimant by = 0;
  };

  void begin_wanted_round();
  void end_round(const Status& outcome, RoundEnd end);
  void hold_all();
  void all_held(const Round& round);
  Status replace();
  Claim& claim_of(int32_t partition);
  std::string directory_of(int number) const;

  BrokerContext& context_;
  const std::string directory_;  // holds the views' own, by number; the last counts
  const group::View::Options options_;
  mutable std::mutex mutex_;
  ViewPtr view_;
  int number_ = 0;
  std::map<int32_t, Claim> claims_;
  std::atomic<Claimant> next_claimant_{1};
  std::atomic<bool> changed_{false};
  std::atomic<bool> damaged_{false};
  std::atomic<bool> in_round_{false};
  std::atomic<bool> round_wanted_{false};  // while another is under way
};

}  // namespace tributary::broker
