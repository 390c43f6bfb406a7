// A metadata quorum of one voter: append, write, sync, committed. The directory is Kafka's, file for file
// (kraft.version 1): log segments, quorum-state, bootstrap snapshot, snapshots; a Kafka controller could go
// on with it.
#pragma once
#include <memory>

#include "tributary/quorum/quorum.h"
#include "tributary/storage/file_system.h"

namespace tributary::quorum {

struct SingleVoterOptions {
  storage::FileSystem* fs = nullptr;  // outlives the quorum
  std::string log_dir;                // holds __cluster_metadata-0
  Voter self;
  TimestampMs now = 0;
  int64_t segment_bytes = 1 << 30;
  int64_t segment_ms = 7LL * 24 * 3600 * 1000;
  int64_t max_retention_bytes = 100LL << 20;
  int64_t max_retention_ms = 7LL * 24 * 3600 * 1000;
};

// Opens or creates the directory, gives `listener` the newest snapshot that is whole and the log behind it,
// then begins a new epoch with this node as leader. `listener` outlives the quorum. kCorruption: no snapshot
// and log together give the state. kUnsupported: the directory belongs to a quorum with other voters. Errors
// of the listener come through as they are.
Result<std::unique_ptr<Quorum>> open_single_voter(SingleVoterOptions options, Listener& listener);

}  // namespace tributary::quorum
