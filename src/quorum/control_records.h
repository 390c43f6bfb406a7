// Kafka's control records of a metadata log: key = int16 version 0 and int16 type, value = the message, which
// begins with its own version (KIP-595, KIP-630, KIP-853). Pure functions.
#pragma once
#include <optional>
#include <vector>

#include "tributary/quorum/quorum.h"
#include "tributary/wire/record_batch.h"

namespace tributary::quorum {

struct VoterSet {
  int16_t kraft_version = 0;  // 0: the voters stand in the configuration, not in the log
  std::optional<std::vector<Voter>> voters;
  bool operator==(const VoterSet&) const = default;
};

// What one control batch says; parts that are not in it stay empty.
struct ControlBatch {
  std::optional<NodeId> leader;  // of a LeaderChange
  std::vector<NodeId> leader_voters;
  std::optional<int16_t> kraft_version;
  std::optional<std::vector<Voter>> voters;
  std::optional<TimestampMs> snapshot_header;  // its last contained log timestamp
  bool snapshot_footer = false;
};

Result<ControlBatch> read_control_batch(const wire::BatchView& batch);

// Whole batches, ready to be written. With `voters` the voter set follows.
std::vector<uint8_t> leader_change_batch(const wire::BatchOptions& at, TimestampMs now, NodeId leader,
                                         const std::vector<Voter>& electorate, const VoterSet* voters);
std::vector<uint8_t> snapshot_header_batch(const wire::BatchOptions& at, TimestampMs now,
                                           TimestampMs last_contained_timestamp, const VoterSet& voters);
std::vector<uint8_t> snapshot_footer_batch(const wire::BatchOptions& at, TimestampMs now);

}  // namespace tributary::quorum
