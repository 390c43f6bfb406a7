// Keys of the records in control batches: int16 version, int16 type. Their values are in records/control.h;
// the value of an end-of-transaction marker has an int16 version in front. Pure functions: any thread.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "tributary/base/bytes.h"

namespace tributary::wire {

// Transaction markers (KIP-98) and the metadata log's own records (KIP-595, KIP-630, KIP-853).
enum class ControlType : int16_t {
  kAbort = 0,
  kCommit = 1,
  kLeaderChange = 2,
  kSnapshotHeader = 3,
  kSnapshotFooter = 4,
  kKRaftVersion = 5,
  kVoters = 6,
};

inline constexpr size_t kControlKeySize = 4;

std::array<uint8_t, kControlKeySize> control_key(ControlType type);
// Null for a key that is too short, of a negative version, or of a type not listed above: such records are
// passed over.
std::optional<ControlType> parse_control_key(ByteView key);

// The value of an end-of-transaction marker, and the coordinator epoch in one; null if malformed.
std::vector<uint8_t> end_txn_value(int32_t coordinator_epoch);
std::optional<int32_t> parse_end_txn_value(ByteView value);

}  // namespace tributary::wire
