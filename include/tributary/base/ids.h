// The field's numbers as types of their own, so that one cannot be passed for another. They carry no
// arithmetic; `raw` gives the number back for the wire.
#pragma once
#include <cstdint>
#include <type_traits>

namespace tributary {

using Offset = int64_t;       // place of a record in a partition
using TimestampMs = int64_t;  // milliseconds since the Unix epoch, -1 for none

enum class NodeId : int32_t {};
enum class PartitionIndex : int32_t {};
enum class LeaderEpoch : int32_t {};
enum class ProducerId : int64_t {};

inline constexpr TimestampMs kNoTimestamp = -1;
inline constexpr NodeId kNoNode{-1};
inline constexpr LeaderEpoch kNoLeaderEpoch{-1};
inline constexpr ProducerId kNoProducer{-1};

template <typename Id>
constexpr std::underlying_type_t<Id> raw(Id id) {
  return static_cast<std::underlying_type_t<Id>>(id);
}

}  // namespace tributary
