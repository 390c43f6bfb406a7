// Fills the offset map from the dirty part of a log, a buffer at a time. Any thread; what it refers to
// outlives it.
#pragma once
#include <memory>

#include "batch_scanner.h"
#include "cleaner_map.h"
#include "cleaner_transactions.h"
#include "log_view.h"
#include "tributary/storage/cleaner.h"

namespace tributary::storage {

class Indexer {
 public:
  struct Range {
    Offset from;
    Offset upto;  // where a segment begins
    size_t buffer;
    size_t inflated_limit;
  };
  Indexer(FileSystem& fs, const LogView& view, Range range, OffsetMap& map, CleaningStats& stats);

  // True once the range is read or the map is full; OffsetMap::latest then tells how far it reaches.
  Result<bool> step();

 private:
  Status open_segment();
  Result<bool> note_batch(const BatchScanner::Item& item);
  Result<bool> put_records(const wire::BatchView& batch);

  FileSystem& fs_;
  const LogView& view_;
  Range range_;
  OffsetMap& map_;
  CleaningStats& stats_;
  CleanedTransactions transactions_;
  bool begun_ = false;
  size_t segment_;
  std::shared_ptr<File> file_;
  std::unique_ptr<BatchScanner> scanner_;  // of segment_; null before its first batch
  std::vector<uint8_t> plain_;
  std::vector<std::pair<KeyHash, Offset>> keys_;  // of one batch
};

// The next batch of a log that is being cleaned, checked: kCorruption names segment and position.
Result<std::optional<BatchScanner::Item>> next_good_batch(BatchScanner& scanner, Offset segment_base);

}  // namespace tributary::storage
