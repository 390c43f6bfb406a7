// Batches of __consumer_offsets made into changes of the view. Pure but for the log lines about records that
// cannot be used; any thread.
#pragma once
#include <optional>

#include "tributary/group/view.h"

namespace tributary::broker {

struct ReplayCount {
  uint64_t records = 0;
  uint64_t bytes = 0;
  uint64_t unusable = 0;  // corrupt, or of a version this build does not know: passed over
  std::string first_fault;

  void add(const ReplayCount& more);
};

struct ReplayRange {
  Offset from = 0;
  Offset end = 0;                          // batches that begin at it or above are left
  LeaderEpoch end_epoch = kNoLeaderEpoch;  // of the offset before it
};

// The last offset and epoch of the batches taken; null if there were none. kCorruption: bytes that are no
// batches.
Result<std::optional<group::ViewPosition>> replay(ByteView batches, const ReplayRange& range,
                                                  group::View::Changes& changes, ReplayCount& count);

}  // namespace tributary::broker
