// The replicated metadata log (__cluster_metadata) as the controller sees it. SingleVoterQuorum is the quorum
// of one; a Raft quorum takes the same place: appends go to the leader, what is committed comes back through
// the Listener, on the leader as on everyone else, so there is one way into the image. One thread (control).
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tributary/base/bytes.h"
#include "tributary/base/ids.h"
#include "tributary/base/result.h"
#include "tributary/base/uuid.h"

namespace tributary::quorum {

// The place behind a record: end offset (exclusive) and the epoch of the record before it.
struct OffsetAndEpoch {
  Offset offset = 0;
  LeaderEpoch epoch{0};
  auto operator<=>(const OffsetAndEpoch&) const = default;
};

struct LeaderAndEpoch {
  NodeId leader = kNoNode;
  LeaderEpoch epoch = kNoLeaderEpoch;
};

struct Endpoint {
  std::string name;
  std::string host;
  uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};

struct Voter {
  NodeId id = kNoNode;
  Uuid directory_id;
  std::vector<Endpoint> endpoints;
  int16_t min_kraft_version = 0;
  int16_t max_kraft_version = 1;
  bool operator==(const Voter&) const = default;
};

// What a replica is known to hold; for DescribeQuorum.
struct ReplicaFacts {
  NodeId id = kNoNode;
  Uuid directory_id;
  Offset log_end_offset = -1;
  TimestampMs last_fetch = kNoTimestamp;
  TimestampMs last_caught_up = kNoTimestamp;
};

struct QuorumFacts {
  LeaderAndEpoch leader;
  Offset high_watermark = -1;
  std::vector<ReplicaFacts> voters;
  std::vector<ReplicaFacts> observers;
  std::vector<Voter> nodes;  // where the voters can be reached
};

// One batch at or below the high watermark. Views are valid during the call.
struct CommittedBatch {
  Offset base_offset = 0;
  Offset last_offset = 0;
  LeaderEpoch epoch = kNoLeaderEpoch;
  TimestampMs timestamp = kNoTimestamp;
  size_t size_bytes = 0;
  std::span<const ByteView> values;  // of the records; empty for a batch of control records
};

struct SnapshotContent {
  OffsetAndEpoch end;
  TimestampMs last_contained_timestamp = kNoTimestamp;
  std::span<const ByteView> values;
};

// Where committed state goes. An error ends what called it: state that cannot be understood is not skipped.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual Status on_snapshot(const SnapshotContent& snapshot) = 0;  // replaces everything before
  virtual Status on_commit(const CommittedBatch& batch) = 0;
  // What the directory held when it was opened has been delivered. Nothing has been written yet: an error
  // leaves the directory as it was.
  virtual Status on_read(int16_t /*kraft_version*/) { return {}; }
  virtual Status on_leader(LeaderAndEpoch leader) = 0;  // all batches of earlier epochs have been delivered
};

// Calls `take` once for each record value of a snapshot, in order.
using SnapshotSource = std::function<Status(const std::function<Status(ByteView)>& take)>;

class Quorum {
 public:
  virtual ~Quorum() = default;

  virtual LeaderAndEpoch leader() const = 0;
  virtual Offset high_watermark() const = 0;  // exclusive
  // One batch, taken whole or not at all; the offset of its last record. Committed once on_commit has shown
  // that offset, which a quorum of one does before this returns. kTooLarge over kMaxBatchBytes; kBusy if not
  // the leader. After kIo from a sync nothing more is taken: what reached the disk is not known.
  virtual Result<Offset> append(std::span<const ByteView> values, TimestampMs now) = 0;

  virtual OffsetAndEpoch latest_snapshot() const = 0;  // 0-0 if none but the bootstrap one
  // `content` is the state as of `end`, which is at or below the high watermark.
  virtual Status write_snapshot(OffsetAndEpoch end, TimestampMs last_contained_timestamp, TimestampMs now,
                                const SnapshotSource& content) = 0;
  // Drops old snapshots, and log that a snapshot covers, over the limits of retention.
  virtual Status clean(TimestampMs now) = 0;

  virtual QuorumFacts describe(TimestampMs now) const = 0;
  virtual Status close() = 0;
};

inline constexpr size_t kMaxBatchBytes = 8 << 20;
inline constexpr std::string_view kMetadataDirectory = "__cluster_metadata-0";

}  // namespace tributary::quorum
