// A partition as its leader keeps it: the log, the leader epoch, the high watermark, and everyone who waits
// for an offset to become visible. Lives on one shard; no IO but the log's own appends, no clock, no network.
//
// An append is staged, then written by flush() together with whatever else was staged in the same turn, then,
// where acks=all and flush.messages=1 ask for it, synced (KIP-101 for epochs; docs/architecture.md for the
// order of things). The high watermark is the log end, or with flush.messages=1 the end of what is synced, so
// that consumers never see what a power cut may take back.
#pragma once
#include <boost/intrusive/list.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "tributary/storage/log.h"

namespace tributary::replica {

class Partition;

// Told once per accepted append how it ended. Called on the partition's shard.
class AppendObserver {
 public:
  virtual ~AppendObserver() = default;
  virtual void on_append_done(uint32_t slot, wire::ErrorCode error, const storage::AppendInfo& info) = 0;
};

// Told each time the high watermark or the last stable offset moves, the log start moves, or the partition
// goes away. The hook unlinks itself when destroyed. on_progress must not destroy hooks of this partition; it
// may note what to do.
struct ProgressHook;
class ProgressObserver {
 public:
  virtual ~ProgressObserver() = default;
  virtual void on_progress(Partition& partition, ProgressHook& hook) = 0;
};

struct ProgressHook
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  ProgressObserver* observer = nullptr;
  uint64_t seen_bytes = 0;  // the observer's own note of visible_bytes()
};

enum class Acks : int16_t { kAll = -1, kNone = 0, kLeader = 1 };

struct PartitionCounters {
  Counter bytes_in;
  Counter messages_in;
  Counter bytes_out;
};

class Partition {
 public:
  Partition(Uuid topic_id, std::unique_ptr<storage::Log> log, LeaderEpoch leader_epoch);

  const storage::TopicPartition& name() const { return log_->name(); }
  const Uuid& topic_id() const { return topic_id_; }
  LeaderEpoch leader_epoch() const { return leader_epoch_; }
  // A newer epoch of the same leader; older ones are ignored.
  void set_leader_epoch(LeaderEpoch epoch);
  storage::Log& log() { return *log_; }
  const storage::Log& log() const { return *log_; }

  Offset high_watermark() const { return high_watermark_; }
  Offset last_stable_offset() const { return log_->last_stable_offset(high_watermark_); }
  // Bytes ever made visible by this process: the difference of two readings is what came in between.
  uint64_t visible_bytes() const { return visible_bytes_; }

  // FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH if a request's idea of the epoch is not ours; -1 skips
  // (KIP-320).
  wire::ErrorCode check_epoch(int32_t current_leader_epoch) const;

  // Stages one batch. An error is returned at once and the observer is not called; otherwise it is called
  // exactly once, from flush() or later. `batch` stays alive until flush().
  tl::expected<void, storage::AppendError> append(
      MutableBytes batch, Acks acks, TimestampMs now, std::shared_ptr<AppendObserver> observer, uint32_t slot,
      storage::AppendOrigin origin = storage::AppendOrigin::kClient);
  // Writes what is staged, moves the high watermark, answers who can be answered.
  Status flush();

  // A sync to be run elsewhere, if one is due and none is under way; then sync_finished.
  std::optional<storage::SyncTicket> begin_sync(TimestampMs now, bool force = false);
  void sync_finished(const storage::SyncTicket& ticket, const Status& status);
  bool sync_in_progress() const { return sync_in_progress_; }
  // `done` is called once, here or when a sync has reached the end of `up_to`, or failed, or the partition is
  // given up; the caller sees to it that one is begun.
  using SyncDone = std::function<void(const Status&)>;
  void when_synced(Offset up_to, SyncDone done);

  void add_hook(ProgressHook& hook) { hooks_.push_back(hook); }
  // DeleteRecords; error OFFSET_OUT_OF_RANGE above the high watermark. -1 means the high watermark.
  wire::ErrorCode delete_records_before(Offset offset);
  void notify_progress();

  // Fails everyone who waits with `error` and lets go of the hooks; nothing may be appended afterwards, and
  // the partition may be handed to another thread.
  void abandon(wire::ErrorCode error);
  bool abandoned() const { return abandoned_; }

  PartitionCounters& counters() { return counters_; }

  // The shard's own note that flush() is due at the end of its turn.
  bool write_scheduled = false;

 private:
  struct Waiting {
    storage::AppendInfo info;
    Acks acks;
    uint32_t slot;
    uint32_t bytes;
    std::shared_ptr<AppendObserver> observer;
  };

  bool synced_acks() const { return log_->config().flush_messages == 1; }
  struct SyncWaiter {
    Offset up_to;
    SyncDone done;
  };

  void advance_high_watermark();
  void answer_committed();
  bool synced_up_to(Offset offset) const;
  void answer_synced(const Status& status);
  void fail_all(std::deque<Waiting>& waiting, wire::ErrorCode error);

  Uuid topic_id_;
  std::unique_ptr<storage::Log> log_;
  LeaderEpoch leader_epoch_;
  Offset high_watermark_;
  Offset visible_stable_offset_;
  uint64_t visible_bytes_ = 0;
  uint64_t appended_bytes_ = 0;
  uint64_t bytes_in_sync_ = 0;  // appended when the sync under way began
  uint64_t synced_bytes_ = 0;
  std::deque<Waiting> staged_;
  std::deque<Waiting> uncommitted_;  // written, waiting for the high watermark; by offset
  std::vector<SyncWaiter> awaiting_sync_;
  boost::intrusive::list<ProgressHook, boost::intrusive::constant_time_size<false>> hooks_;
  bool sync_in_progress_ = false;
  bool rolled_since_sync_ = false;
  bool abandoned_ = false;
  PartitionCounters counters_;
};

}  // namespace tributary::replica
