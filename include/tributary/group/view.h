// The materialised view of __consumer_offsets in RocksDB: for each partition of it that this broker holds,
// the newest state of every group, as of an offset of the log. A cache of the log and nothing more: written
// without a WAL, used only where it provably belongs to the log that is there, else dropped and rebuilt.
//
// Keys begin with the partition, so that one partition is dropped or listed by range. The position (applied
// offset, its leader epoch, the topic id) is in the same write batch as what was applied. Unknown record
// types are kept as they are.
// kCorruption from anything but Changes::add says that the database is damaged: begin anew.
//
// Blocking: called on a pool. Different partitions may be used from different threads; calls for one
// partition come one at a time.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tributary/base/result.h"
#include "tributary/group/record.h"
#include "tributary/group/stored_group.h"

namespace tributary::group {

// How far a partition's view has come.
struct ViewPosition {
  Offset applied = -1;                        // of the last batch applied: its last offset
  LeaderEpoch leader_epoch = kNoLeaderEpoch;  // of that batch
  Uuid topic_id;
  bool operator==(const ViewPosition&) const = default;
};

// What the log has, to hold a position against.
struct LogState {
  Uuid topic_id;
  Offset start = 0;
  Offset end = 0;
  // Everything below it may have been cleaned, tombstones removed; 0 if the cleaner never ran.
  Offset cleaned_to = 0;
  // The largest leader epoch <= asked and where the next one starts: Log::end_offset_for_epoch.
  std::function<Offset(LeaderEpoch)> end_of_epoch;
};
// Null if a view at `position` can go on from the record after it; else why it has to be rebuilt.
std::optional<std::string> view_fault(const ViewPosition& position, const LogState& log);

struct LogRecord {
  Offset offset = 0;  // of two commits for a partition the later one holds, whenever its marker came
  ByteView key;
  std::optional<ByteView> value;
  ProducerId transaction = kNoProducer;  // a transactional record's producer
};
struct LogMarker {
  ProducerId producer;
  bool commit;
};

struct GroupSummary {
  std::string id;
  std::string protocol_type;
  bool has_members = false;
  bool foreign = false;
  TimestampMs state_timestamp = kNoTimestamp;  // since when it has none, if it has none
};

// What may be too old (KIP-211).
struct Expiry {
  TimestampMs now = 0;
  int64_t retention_ms = 0;
};

class View {
 public:
  struct Options {
    // Of what is applied and not flushed: when the caller should flush. At three times as much nothing is
    // applied any more (kBusy) until it has.
    size_t write_buffer_bytes = 16 << 20;
    size_t block_cache_bytes = 16 << 20;
  };
  // Opens or creates; a corrupt or foreign database is removed and begun anew. kBusy: another process has it.
  static Result<std::unique_ptr<View>> open(const std::string& directory, const Options& options);
  virtual ~View() = default;

  // Why what was in the directory was thrown away at open; empty if it was not.
  virtual const std::string& reset_reason() const = 0;

  virtual std::optional<ViewPosition> position(int32_t partition) = 0;
  virtual Status drop(int32_t partition) = 0;

  // Collects what one write batch shall hold.
  class Changes {
   public:
    virtual ~Changes() = default;
    // An error says what is wrong with the record, which is left out; of the view only apply() tells.
    virtual Status add(const LogRecord& record) = 0;
    virtual Status add(const LogMarker& marker) = 0;
    virtual size_t bytes() const = 0;
  };
  virtual std::unique_ptr<Changes> begin(int32_t partition) = 0;
  // All of it or nothing, with the position it leads to. kBusy: flush first.
  virtual Status apply(Changes& changes, const ViewPosition& position) = 0;

  virtual Result<StoredGroup> load(int32_t partition, std::string_view group) = 0;
  // Those that had members.
  virtual Result<std::vector<std::string>> groups_with_members(int32_t partition) = 0;
  // In order of id, from behind `after`; `visit` returns false to stop.
  using VisitGroup = std::function<bool(const GroupSummary&)>;
  virtual Status for_each_group(int32_t partition, const std::optional<std::string>& after,
                                const VisitGroup& visit) = 0;
  // Of those, the ones with an offset that may have expired, or with nothing in them any more.
  virtual Status for_each_expired(int32_t partition, const std::optional<std::string>& after,
                                  const Expiry& expiry, const VisitGroup& visit) = 0;
  // Of those, the ones with an offset of one of the topics.
  virtual Status for_each_with_topic(int32_t partition, const std::optional<std::string>& after,
                                     const std::vector<std::string>& topics, const VisitGroup& visit) = 0;

  // What has been applied since the last flush and lives in memory only. At the write buffer's size the
  // caller lets nothing more be applied, syncs the logs up to what was, then flushes: so the view on disk is
  // never ahead of its logs.
  virtual size_t unflushed_bytes() const = 0;
  virtual Status flush() = 0;
  virtual uint64_t disk_bytes() const = 0;
};

}  // namespace tributary::group
