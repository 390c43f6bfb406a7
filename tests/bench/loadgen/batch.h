// Canned record batches: built once, sent again and again. Base offset and leader epoch lie outside the CRC's
// range, so only an idempotent producer's batch needs a new CRC each time.
#pragma once
#include <functional>
#include <span>

#include "encode.h"

namespace tributary::bench {

struct Producer {
  int64_t id = -1;
  int16_t epoch = -1;
};

// `records` records, together about `bytes` long (at least what the records need).
Buffer make_batch(int32_t records, size_t bytes, Producer producer = {});

// The same with one record for each value, numbered from `base_sequence`.
Buffer make_batch(std::span<const Buffer> values, Producer producer, int32_t base_sequence);

void patch_sequence(MutableBytes batch, int32_t base_sequence);

// Walks over the batches of a fetched record set, which may end in the middle of one.
struct BatchSpan {
  int64_t next_offset = -1;  // -1: no whole batch
  int64_t records = 0;
};
BatchSpan walk_batches(ByteView records);
// Calls visit(offset, value) for every record of the whole batches, which must not be compressed.
void each_record(ByteView records, const std::function<void(int64_t, ByteView)>& visit);
// Ends the program if a whole batch in there has a wrong CRC.
void verify_batches(ByteView records);

}  // namespace tributary::bench
