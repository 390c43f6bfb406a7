// The state of one log and its operations, which are spread over several files by subject. See log.h for the
// contract.
#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "active_segment.h"
#include "leader_epoch_cache.h"
#include "producer_state.h"
#include "segment.h"
#include "tributary/storage/log.h"

namespace tributary::storage {

struct CleaningBond;

struct StagedBatch {
  ByteView bytes;
  BatchHeader header;
  TimestampMs now;
  bool has_undo;
};

struct Log::Impl {
  explicit Impl(LogOptions options);

  // log_append.cc
  tl::expected<AppendInfo, AppendError> append(MutableBytes batch, LeaderEpoch epoch, AppendOrigin origin,
                                               TimestampMs now);
  Status append_as_follower(ByteView batches);
  Offset next_offset() const { return staged.empty() ? end_offset : staged.back().header.last_offset + 1; }
  void stage(ByteView bytes, const BatchHeader& header, const std::optional<EndMarker>& marker,
             TimestampMs now);

  // log_write.cc
  Status write_staged();
  Status repair_tail();
  Offset next_segment_base(const BatchHeader& first) const;
  bool must_roll_before(const StagedBatch& next) const;
  Status write_group(size_t first, size_t count);
  Status write_bytes(size_t first, size_t count, uint64_t& position);
  Status write_aborted_entries(size_t first, size_t count);
  // One more entry of the segment's transaction index, which is made if need be.
  Status append_aborted(ActiveSegment& segment, const CompletedTxn& completed);
  // Cuts or removes what the index file has beyond the segment's entries.
  Status settle_txn_index(ActiveSegment& segment);
  void commit_group(size_t first, size_t count);
  void take_back(size_t first);
  Status save_epochs();
  const std::optional<CompletedTxn>& completed_by(size_t staged_index) const;

  // log_roll.cc
  Status roll(Offset base, size_t first_unwritten);
  // Without what the `pending` batches changed.
  Status write_snapshot(Offset at, std::span<const ProducerState::Undo> pending = {});
  Result<std::shared_ptr<File>> create_segment_file(Offset base);
  void set_active(Offset base, std::shared_ptr<File> file, TimestampMs created);
  void set_jitter();
  void replace_sealed(SegmentList list) { sealed = std::make_shared<const SegmentList>(std::move(list)); }

  // log_read.cc
  Result<ReadPlan> plan_read(const ReadRequest& request, Offset high_watermark);
  Result<TimestampLookup> plan_timestamp_lookup(TimestampMs timestamp, Offset upper_bound);
  Result<TimestampLookup> plan_max_timestamp_lookup();
  void note_sealed_use(const std::shared_ptr<const Segment>& segment);
  Offset first_unstable(Offset high_watermark) const;

  // log_truncate.cc
  Status truncate_to(Offset offset);
  Status truncate_fully_and_start_at(Offset offset);
  Status cut_active(Offset offset);
  Status reopen_as_active(const std::shared_ptr<const Segment>& segment);
  Status remove_files(const std::vector<Offset>& bases);
  void lower_recovery_point(Offset offset);
  Status forget_snapshots_above(Offset offset);

  // log_retention.cc
  Result<bool> advance_start_offset(Offset offset, Offset high_watermark);
  Result<SegmentRemoval> apply_retention(TimestampMs now, Offset high_watermark);
  size_t count_expired(TimestampMs now, Offset high_watermark) const;
  Result<SegmentRemoval> drop_oldest(size_t count);

  // log_cleaning.cc
  Offset first_dirty_offset() const { return std::max(first_dirty, start_offset); }
  std::shared_ptr<const SegmentList> sealed_from_start() const;
  CleanableLog cleanable(TimestampMs now, Offset high_watermark) const;
  Result<std::unique_ptr<Cleaning>> begin_cleaning(const CleaningOptions& options, Offset high_watermark);
  Result<SegmentRemoval> swap_cleaned(Cleaning& cleaning);
  void end_cleaning(Cleaning& cleaning);
  void cancel_cleaning();
  Offset cleaning_bound(TimestampMs now, Offset high_watermark) const;

  // log_sync.cc
  void note_directory_change();
  std::optional<SyncTicket> begin_sync();
  Status sync_done(const SyncTicket& ticket);
  bool sync_due(TimestampMs now);
  Status close(CloseSync sync);
  Status sync_all();

  uint64_t size_bytes() const;
  Status check_open() const;

  FileSystem& fs;
  std::shared_ptr<const std::string> directory;
  TopicPartition name;
  LogConfig config;
  LogProbe* probe;
  const Clock* clock;
  std::optional<Uuid> topic_id;

  Offset start_offset = 0;
  Offset end_offset = 0;
  std::shared_ptr<const SegmentList> sealed = std::make_shared<const SegmentList>();
  std::unique_ptr<ActiveSegment> active;
  LeaderEpochCache epochs;
  ProducerState producers;
  std::vector<Offset> snapshots;  // rising

  std::vector<StagedBatch> staged;
  std::vector<ProducerState::Undo> undo;            // of the staged batches that have producers, in order
  std::vector<std::vector<uint8_t>> staged_copies;  // batches that were rebuilt

  // Syncing. A generation is what lies between two truncations: a ticket of an older one proves nothing any
  // more.
  Offset recovery_point = 0;
  uint64_t generation = 0;
  std::vector<std::shared_ptr<File>> unsynced;  // besides the active segment's log
  bool directory_pending = false;   // the last of `unsynced` that syncs the directory is in no ticket yet
  bool touched = false;             // since it was opened: close has to write indexes and a snapshot
  TimestampMs unsynced_since = -1;  // -1: nothing unsynced
  TimestampMs last_now = 0;

  Offset first_dirty = 0;
  Offset checkpointed_recovery = 0;
  Offset opened_end = 0;                   // of the log as it was loaded
  std::shared_ptr<CleaningBond> cleaning;  // null: no pass under way

  bool torn_tail = false;  // a failed write may have left bytes behind active->size
  bool closed = false;
  std::vector<std::shared_ptr<const Segment>>
      in_use;  // sealed segments with open files, least recently used first
};

}  // namespace tributary::storage
