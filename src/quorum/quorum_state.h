// The file quorum-state: the epoch this node has seen and whom it voted for in it. Kafka's JSON,
// data_version 1.
#pragma once
#include <string>

#include "tributary/base/ids.h"
#include "tributary/base/uuid.h"
#include "tributary/storage/file_system.h"

namespace tributary::quorum {

struct QuorumState {
  NodeId leader = kNoNode;
  LeaderEpoch epoch{0};
  NodeId voted = kNoNode;
  Uuid voted_directory;
  bool operator==(const QuorumState&) const = default;
};

// The state of a node that has seen nothing if there is no file. kCorruption: not what Kafka or we write.
// kUnsupported: a newer data_version.
Result<QuorumState> read_quorum_state(storage::FileSystem& fs, const std::string& directory);
// On the disk when it returns.
Status write_quorum_state(storage::FileSystem& fs, const std::string& directory, const QuorumState& state);

}  // namespace tributary::quorum
