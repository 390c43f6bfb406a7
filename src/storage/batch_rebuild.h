// Changes to a batch on its way into a log. Any thread.
#pragma once
#include <vector>

#include "tributary/wire/record_batch.h"

namespace tributary::storage {

struct RebuildPlan {
  wire::Codec codec;
  int level;
  bool keep_offsets;  // else the records get new deltas 0, 1, 2, ...
};

// `plain` are the batch's records, uncompressed; `out` gets the batch with them in the other codec.
Status rebuild_batch(const wire::BatchView& batch, ByteView plain, const RebuildPlan& plan,
                     std::vector<uint8_t>& out);

// LogAppendTime puts `now` into the header; CreateTime the records' largest timestamp, if it is another. The
// CRC follows.
void stamp_timestamps(MutableBytes batch, wire::TimestampType type, TimestampMs max_timestamp,
                      TimestampMs now);

}  // namespace tributary::storage
