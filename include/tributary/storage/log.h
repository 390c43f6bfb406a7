// One partition's log in Kafka's on-disk format: segments with their indexes, producer state, leader epochs,
// the offsets that bound it. One thread (the shard that owns the partition), except ReadPlan, SyncTicket and
// SegmentRemoval, which are made here and carried out anywhere. No clock, no thread, no network inside.
//
// Appends have two steps. `append` validates a batch, stamps its offset and epoch into the caller's bytes and
// stages it; `write_staged` writes everything staged with one call. Between the two the caller keeps the
// bytes alive. So the batches of several requests that arrived together cost one write. Until write_staged
// has succeeded, no staged offset may be answered or read: end_offset() does not count it.
//
// A failed write takes the staged batches back (file cut, producer state restored); the answer is
// KAFKA_STORAGE_ERROR, reads go on, and the next append tries anew. Only what had filled a segment before the
// failure stays: those batches are below end_offset(), and a repeat of them is known as a duplicate.
#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tributary/base/clock.h"
#include "tributary/base/metrics.h"
#include "tributary/base/uuid.h"
#include "tributary/storage/file_system.h"
#include "tributary/storage/log_config.h"
#include "tributary/wire/error_code.h"
#include "tributary/wire/record_batch.h"

namespace tributary::storage {

struct TopicPartition {
  std::string topic;
  int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

// Shared by all logs of one shard: counted here, shown by the broker.
struct LogProbe {
  Histogram append_stall_us;  // time a write call held the shard
  Counter appended_batches;
  Counter appended_bytes;
  Counter corrupt_batches;  // CRC failures seen by reads or recovery
  Counter write_failures;
  Counter truncated_bytes;    // by recovery
  Counter evicted_producers;  // over max_producers
};

// Why a batch was refused, as the client is told.
struct AppendError {
  struct Record {
    int32_t index;
    std::string message;
  };
  wire::ErrorCode code;
  std::string message;
  std::vector<Record> records;   // those at fault, where the error has such (KIP-467)
  Offset log_start_offset = -1;  // where the log itself refused the batch for what it says
  // DUPLICATE_SEQUENCE_NUMBER that matched one of the last five batches is no error to the client:
  // it is answered with what the first attempt got.
};

struct AppendInfo {
  Offset first_offset = -1;
  Offset last_offset = -1;
  TimestampMs log_append_time = kNoTimestamp;  // -1 unless the topic uses LogAppendTime
  Offset log_start_offset = 0;
  // An exact repeat of one of the producer's last five batches; nothing was staged. The first one may be
  // staged still: the answer holds only once end_offset() is above last_offset.
  bool duplicate = false;
};

enum class AppendOrigin {
  kClient,       // every rule of the produce path
  kCoordinator,  // our own records and markers: control batches allowed
};

// What a read may see.
enum class Isolation {
  kLogEnd,         // followers
  kHighWatermark,  // read_uncommitted
  kCommitted,      // up to the last stable offset, with the aborted transactions of the range
};

struct AbortedTransaction {
  ProducerId producer_id;
  Offset first_offset;
};

// A read that can be carried out on any thread, once or again: it holds the segment's files and the bounds as
// they were when it was made. Reads whole batches, the first of them containing the asked offset.
class ReadPlan {
 public:
  struct Outcome {
    size_t bytes = 0;  // filled in the buffer: whole batches, but for a last one cut off by max_bytes (never
                       // the first if min_one_batch)
    Offset next_offset = -1;                  // behind the last of them
    std::vector<AbortedTransaction> aborted;  // by first offset; only for Isolation::kCommitted
  };
  // How much buffer execute wants: bounded by max_bytes, or the first batch's size if that is larger and
  // min_one_batch. 0: nothing to read. kWouldBlock in kCached mode.
  Result<size_t> size(ReadMode mode);
  // kCorruption: the bytes are not batches of this range. kWouldBlock: repeat in kBlocking mode.
  Result<Outcome> execute(MutableBytes buffer, ReadMode mode);

  struct State;
  explicit ReadPlan(std::shared_ptr<State> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<State> state_;
};

struct ReadRequest {
  Offset offset = 0;
  size_t max_bytes = 0;
  Isolation isolation = Isolation::kHighWatermark;
  bool min_one_batch = false;
};

// A pending fdatasync of everything written when it was made. run() on any thread; then Log::sync_done.
class SyncTicket {
 public:
  Status run();
  Offset up_to() const { return up_to_; }

  SyncTicket(std::vector<std::shared_ptr<File>> files, Offset up_to, uint64_t generation)
      : files_(std::move(files)), up_to_(up_to), generation_(generation) {}
  const std::vector<std::shared_ptr<File>>& files() const { return files_; }
  uint64_t generation() const { return generation_; }

 private:
  std::vector<std::shared_ptr<File>> files_;
  Offset up_to_;
  uint64_t generation_;  // truncations of the log before it; a ticket from before one proves nothing after it
};

// Segments that left the log (renamed *.deleted); run() removes their files, after file.delete.delay.ms.
class SegmentRemoval {
 public:
  void run();
  explicit SegmentRemoval(FileSystem& fs, std::vector<std::string> paths)
      : fs_(&fs), paths_(std::move(paths)) {}
  bool empty() const { return paths_.empty(); }

 private:
  FileSystem* fs_;
  std::vector<std::string> paths_;
};

struct OffsetAndTimestamp {
  Offset offset = -1;
  TimestampMs timestamp = kNoTimestamp;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
};

// A look-up by time; carried out on any thread like a ReadPlan.
class TimestampLookup {
 public:
  // The first record with a timestamp >= the asked one; offset -1 if none.
  Result<OffsetAndTimestamp> execute(ReadMode mode);
  struct State;
  explicit TimestampLookup(std::shared_ptr<State> state) : state_(std::move(state)) {}
  State& state() { return *state_; }

 private:
  std::shared_ptr<State> state_;
};

struct EpochEndOffset {
  LeaderEpoch epoch = kNoLeaderEpoch;
  Offset end_offset = -1;
};

struct ActiveProducer {  // for DescribeProducers
  ProducerId producer_id;
  int32_t producer_epoch;
  int32_t last_sequence;
  TimestampMs last_timestamp;
  int32_t coordinator_epoch;
  Offset current_transaction_start;  // -1 if none
};

struct CleanableLog;  // cleaner.h
struct CleaningOptions;
class Cleaning;

enum class CloseSync { kNow, kLater };

struct LogOptions {
  FileSystem* fs = nullptr;  // outlives the log
  std::string directory;     // <log.dir>/<topic>-<partition>
  TopicPartition name;
  LogConfig config;
  LogProbe* probe = nullptr;     // outlives the log
  const Clock* clock = nullptr;  // outlives the log; measures append_stall_us where it is set
  TimestampMs now = 0;
  // Everything below it was synced: recovery reads only from there. 0 to check all.
  Offset recovery_point = 0;
  Offset log_start_offset = 0;               // from the checkpoint
  std::optional<Offset> first_dirty_offset;  // from the cleaner's checkpoint; null: nothing was ever cleaned
  bool clean_shutdown = false;  // the directory had the clean marker: indexes and tail are believed
  const std::atomic<bool>* cancelled =
      nullptr;                   // once true, recovery ends at its next segment with kCancelled
  std::optional<Uuid> topic_id;  // written to partition.metadata when the log is new
};

class Log {
 public:
  struct Impl;
  // Opens or creates; recovers where the shutdown was not clean: CRC-checks every batch from the recovery
  // point, cuts the torn tail, rebuilds indexes and producer state. May take long; run it on a pool, then
  // hand it to its shard.
  static Result<std::unique_ptr<Log>> open(LogOptions options);
  ~Log();

  const TopicPartition& name() const;
  const std::string& directory() const;
  std::optional<Uuid> topic_id() const;
  const LogConfig& config() const;
  void set_config(const LogConfig& config);

  Offset start_offset() const;
  Offset end_offset() const;  // next offset to be given out, staged batches not counted
  Offset last_stable_offset(Offset high_watermark) const;  // min(first unstable offset, high watermark)
  Offset recovery_point() const;                           // everything below is known to be on the disk
  LeaderEpoch latest_epoch() const;                        // kNoLeaderEpoch if none
  uint64_t size_bytes() const;
  size_t segment_count() const;
  TimestampMs max_timestamp_so_far() const;

  // Records (epoch, end_offset) in the epoch cache before the first append of a leader.
  Status begin_epoch(LeaderEpoch epoch);

  // Leader: exactly one batch. `batch` must stay alive and unmoved until write_staged. If the topic's config
  // asks for another codec, or the batch must be rebuilt, a copy owned by the log is staged instead.
  tl::expected<AppendInfo, AppendError> append(MutableBytes batch, LeaderEpoch epoch, AppendOrigin origin,
                                               TimestampMs now);
  // Follower, and logs replayed from elsewhere: whole batches as they are, offsets and epochs included. Size
  // limits are not applied (KAFKA-9617).
  Status append_as_follower(ByteView batches);
  bool has_staged() const;
  Status write_staged();  // nothing staged: no-op

  // Nothing there to read at `offset` gives a plan of size 0. kOutOfRange below start or above the log end.
  Result<ReadPlan> plan_read(const ReadRequest& request, Offset high_watermark) const;

  Result<TimestampLookup> plan_timestamp_lookup(TimestampMs timestamp, Offset upper_bound) const;
  // The record with the largest timestamp (ListOffsets -3); offset -1 if the log is empty.
  Result<TimestampLookup> plan_max_timestamp_lookup() const;
  // OffsetForLeaderEpoch: the largest epoch <= asked and where the next one starts; {-1, -1} if unknown.
  EpochEndOffset end_offset_for_epoch(LeaderEpoch asked) const;
  LeaderEpoch epoch_for_offset(Offset offset) const;

  // Follower truncation; offsets >= `offset` go. A batch that spans it goes whole, and the log then ends
  // behind the last batch that stays. Durable on return; the caller writes the recovery point down before
  // anything is appended.
  Status truncate_to(Offset offset);
  Status truncate_fully_and_start_at(Offset offset);

  // DeleteRecords and retention by a leader's word; false if it was not ahead.
  Result<bool> advance_start_offset(Offset offset, Offset high_watermark);
  // Retention by time, size and log start; rolls an expired lone active segment first. Never past
  // high_watermark.
  Result<SegmentRemoval> apply_retention(TimestampMs now, Offset high_watermark);

  // Sync: null if nothing is unsynced below end_offset().
  std::optional<SyncTicket> begin_sync();
  Status sync_done(const SyncTicket& ticket);  // moves the recovery point
  // flush.messages or flush.ms ask for one now.
  bool sync_due(TimestampMs now) const;

  // Compaction; see cleaner.h. Every record below it may have been cleaned: superseded records are gone, and
  // tombstones and markers may be. None of these have gone from above it, at no time, crashes included, as
  // long as it is written to the cleaner's checkpoint before it is set here.
  Offset first_dirty_offset() const;
  void set_first_dirty_offset(Offset offset);
  // The recovery point now stands in its checkpoint. Nothing above it is cleaned: a recovery reads from
  // there.
  void note_checkpointed(Offset recovery_point);
  // Closed segments wait for that to be cleaned.
  bool checkpoint_lags() const;
  CleanableLog cleanable(TimestampMs now, Offset high_watermark) const;
  // One pass at a time (kBusy), until end_cleaning. kNotFound if there is nothing to clean.
  Result<std::unique_ptr<Cleaning>> begin_cleaning(const CleaningOptions& options, Offset high_watermark);
  // The group that step() gave takes the place of its sources, whose files are to be removed later. An error
  // leaves the log as it was; if the disk does not even allow that, the log takes nothing any more, and the
  // next opening finishes the swap.
  Result<SegmentRemoval> swap_cleaned(Cleaning& cleaning);
  void end_cleaning(Cleaning& cleaning);
  bool is_being_cleaned() const;
  // The pass under way, if there is one, ends with its next step.
  void cancel_cleaning();

  std::vector<ActiveProducer> active_producers() const;
  size_t producer_count() const;
  size_t expire_producers(TimestampMs now);
  // 2^63-1 if no transaction is open.
  Offset first_unstable_offset(Offset high_watermark) const;
  // Markers above the high watermark still hold the LSO back until replicated.

  // Writes the clean state: indexes trimmed, snapshot at the end, everything synced. The log takes nothing
  // afterwards.
  // With kLater nothing is synced: LogDirectory::write_clean_marker does that for all logs at once.
  Status close(CloseSync sync = CloseSync::kNow);
  // Renames the directory to <topic>-<partition>.<uuid>-delete; the log takes nothing afterwards.
  Result<std::string> mark_deleted(const Uuid& unique);

 private:
  explicit Log(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tributary::storage
