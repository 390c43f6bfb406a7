#include "batch_header.h"

namespace tributary::storage {

int32_t advance_sequence(int32_t sequence, int32_t by) {
  if (sequence > INT32_MAX - by) return by - (INT32_MAX - sequence) - 1;
  return sequence + by;
}

Result<BatchHeader> BatchHeader::decode(ByteView bytes) {
  const uint8_t* at = bytes.data();
  BatchHeader header;
  header.base_offset = load_be<int64_t>(at);
  const int32_t length = load_be<int32_t>(at + 8);
  const int32_t last_delta = load_be<int32_t>(at + 23);
  const bool possible = length >= int32_t{wire::kBatchHeaderSize - wire::kBatchPrefixSize} &&
                        static_cast<int8_t>(at[16]) == wire::kMagicV2 && header.base_offset >= 0 &&
                        last_delta >= 0 && header.base_offset <= INT64_MAX - last_delta - 1;
  if (!possible) return fail(Errc::kCorruption, "bytes are not the beginning of a batch");
  header.size = wire::kBatchPrefixSize + static_cast<uint64_t>(length);
  header.leader_epoch = LeaderEpoch{load_be<int32_t>(at + 12)};
  header.attributes = load_be<int16_t>(at + 21);
  header.last_offset = header.base_offset + last_delta;
  header.base_timestamp = load_be<int64_t>(at + 27);
  header.max_timestamp = load_be<int64_t>(at + 35);
  header.producer_id = load_be<int64_t>(at + 43);
  header.producer_epoch = load_be<int16_t>(at + 51);
  header.base_sequence = load_be<int32_t>(at + 53);
  header.record_count = load_be<int32_t>(at + 57);
  return header;
}

int32_t BatchHeader::last_sequence() const {
  if (base_sequence == wire::kNoSequence) return wire::kNoSequence;
  return advance_sequence(base_sequence, static_cast<int32_t>(last_offset - base_offset));
}

}  // namespace tributary::storage
