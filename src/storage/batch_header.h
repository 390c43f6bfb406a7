// The fixed part of a record batch, read without the records.
#pragma once
#include "tributary/wire/record_batch.h"

namespace tributary::storage {

struct BatchHeader {
  Offset base_offset = 0;
  uint64_t size = 0;  // of the whole batch
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  int16_t attributes = 0;
  Offset last_offset = 0;
  TimestampMs base_timestamp = kNoTimestamp;
  TimestampMs max_timestamp = kNoTimestamp;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t base_sequence = wire::kNoSequence;
  int32_t record_count = 0;

  // `bytes` holds at least kBatchHeaderSize bytes. kCorruption if they cannot begin a batch of magic 2.
  static Result<BatchHeader> decode(ByteView bytes);

  bool is_transactional() const { return (attributes & 0x10) != 0; }
  bool is_control() const { return (attributes & 0x20) != 0; }
  bool has_producer() const { return producer_id >= 0; }
  int32_t last_sequence() const;
};

// Sequence numbers wrap from 2^31-1 to 0.
int32_t advance_sequence(int32_t sequence, int32_t by);

}  // namespace tributary::storage
