// A batch with some of its records left out. Any thread.
#pragma once
#include <vector>

#include "tributary/wire/record_batch.h"

namespace tributary::storage {

// A record that stays, as it stands in its batch.
struct KeptRecord {
  wire::RecordView record;
  ByteView bytes;
};

// Appends the batch with only `kept` in it. With a horizon, that becomes the base timestamp, and the records'
// deltas follow.
Status rewrite_batch(const wire::BatchView& batch, const std::vector<KeptRecord>& kept,
                     std::optional<TimestampMs> horizon, std::vector<uint8_t>& out);
// Appends the batch without records, for what its header tells.
void write_empty_batch(const wire::BatchView& batch, std::vector<uint8_t>& out);

}  // namespace tributary::storage
