// The segment a log writes to: its file, its indexes in memory, and what decides when the next one begins.
// One thread.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "batch_header.h"
#include "index_table.h"
#include "segment.h"
#include "tributary/storage/log_config.h"

namespace tributary::storage {

struct BatchPlace {
  Offset base_offset = -1;
  uint64_t position = 0;
  uint64_t size = 0;
};

// What the next batch would bring, for the decision to roll before it.
struct RollQuestion {
  uint64_t batch_size;
  Offset last_offset;
  TimestampMs max_timestamp;
  TimestampMs now;
};

class ActiveSegment {
 public:
  ActiveSegment(Offset base_offset, std::shared_ptr<File> log_file, TimestampMs created_at)
      : base(base_offset),
        log(std::move(log_file)),
        created(created_at),
        offsets(base_offset),
        times(base_offset) {}

  Offset base;
  std::shared_ptr<File> log;
  uint64_t size = 0;
  TimestampMs created;
  TimestampMs first_timestamp = kNoTimestamp;  // largest of the first batch: the age counts from it
  TimestampMs max_timestamp = kNoTimestamp;
  Offset max_timestamp_offset = -1;
  uint64_t bytes_since_entry = 0;
  uint64_t written_back = 0;  // write-back was started up to here
  int64_t roll_jitter_ms = 0;
  OffsetIndex offsets;
  TimeIndex times;
  bool indexes_written = false;     // the index files are as the indexes are
  std::shared_ptr<File> txn_index;  // null without aborted transactions
  size_t aborted_count = 0;

  // A batch now stands at the end of the file.
  void note_batch(const BatchHeader& header, int32_t index_interval);
  bool should_roll(const LogConfig& config, const RollQuestion& next) const;
  // The place of a batch appended lately that begins exactly at `offset`.
  std::optional<BatchPlace> recent(Offset offset) const;
  // Everything from `position` is gone; the caller sets the timestamps anew.
  void forget_from(Offset offset, uint64_t position);
  bool fits(Offset last_offset) const { return last_offset - base <= INT32_MAX; }

  // Writes both indexes as they are now, with the final time entry, unless the files have that already: what
  // is synced must not be torn by writing it again. The files are handed out to be synced. `mark` goes behind
  // their names.
  Result<std::vector<std::shared_ptr<File>>> write_indexes(FileSystem& fs, const std::string& directory,
                                                           std::string_view mark = {});
  // The sealed form of this.
  std::shared_ptr<Segment> seal(FileSystem& fs, std::shared_ptr<const std::string> directory) const;

 private:
  static constexpr size_t kRecent = 8;
  std::array<BatchPlace, kRecent> recent_;
  size_t next_recent_ = 0;
};

}  // namespace tributary::storage
