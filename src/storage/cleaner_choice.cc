#include <algorithm>

#include "segment.h"
#include "tributary/storage/cleaner.h"

namespace tributary::storage {

double CleanableLog::dirty_ratio() const {
  const uint64_t total = clean_bytes + cleanable_bytes;
  return total == 0 ? 0 : static_cast<double>(cleanable_bytes) / static_cast<double>(total);
}

Result<int64_t> CleanableLog::overdue_ms() const {
  TimestampMs oldest = INT64_MAX;
  for (const auto& segment : dirty) {
    const auto first = segment->first_timestamp();
    // A segment that left the log meanwhile is no longer late.
    if (!first && first.error().code == Errc::kNotFound) continue;
    if (!first) return tl::unexpected<Error>(first.error());
    if (*first > 0) oldest = std::min(oldest, *first);
  }
  return oldest < now - max_lag_ms ? now - max_lag_ms - oldest : 0;
}

bool CleanableLog::worth_cleaning(int64_t overdue_ms) const {
  if (cleanable_bytes == 0) return false;
  return overdue_ms > 0 || dirty_ratio() > min_dirty_ratio;
}

}  // namespace tributary::storage
