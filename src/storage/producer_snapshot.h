// The producer state of a log at an offset, as a file: {version i16 = 1, CRC-32C u32 of what follows, count
// i32, entries of 46 bytes}. Of the five remembered batches only the last one is kept, as Kafka does.
#pragma once
#include <vector>

#include "producer_state.h"

namespace tributary::storage {

// The state as it was before the `pending` batches were applied.
std::vector<uint8_t> encode_snapshot(const ProducerState& state,
                                     std::span<const ProducerState::Undo> pending);
// Adds the entries to `state`, without producers idle for `idle_ms`. kCorruption for a bad CRC or size.
Status decode_snapshot(ByteView bytes, TimestampMs now, int64_t idle_ms, ProducerState& state);

}  // namespace tributary::storage
