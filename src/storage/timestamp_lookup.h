// What a TimestampLookup holds.
#pragma once
#include "log_view.h"
#include "tributary/storage/log.h"

namespace tributary::storage {

struct TimestampLookup::State {
  LogView view;
  Offset from = 0;  // offsets in [from, upto) count
  Offset upto = 0;
  TimestampMs timestamp = kNoTimestamp;
  size_t segment = 0;         // begin with this one
  bool only_segment = false;  // and look in no other
  TimestampMs active_max_timestamp = kNoTimestamp;
  uint64_t active_search_from = 0;
  size_t inflated_limit = 0;

  Result<std::optional<OffsetAndTimestamp>> search(size_t i, ReadMode mode) const;

 private:
  Result<std::optional<OffsetAndTimestamp>> search_from(size_t i, uint64_t start, ReadMode mode) const;
  Result<uint64_t> search_start(size_t i, ReadMode mode) const;
  Result<std::optional<OffsetAndTimestamp>> search_batch(ByteView bytes) const;
};

}  // namespace tributary::storage
