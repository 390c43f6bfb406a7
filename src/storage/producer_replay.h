// Producer state brought up to an offset: from the newest snapshot that can be read, then from the batches
// behind it.
#pragma once
#include <vector>

#include "log_impl.h"

namespace tributary::storage {

// Replaces `log.producers` by the state at `upto`, from snapshots at or below it and the log's segments, the
// active one included. Snapshots that cannot be read are removed. With `believe_absence`, a log without any
// snapshot is taken to have no producers.
Status load_producers(Log::Impl& log, Offset upto, bool believe_absence);

}  // namespace tributary::storage
