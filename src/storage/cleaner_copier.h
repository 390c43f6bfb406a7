// Rewrites one group of segments, a buffer at a time. Any thread; what it refers to outlives it.
#pragma once
#include <memory>

#include "batch_scanner.h"
#include "cleaner_filter.h"
#include "cleaner_groups.h"
#include "cleaner_output.h"
#include "log_view.h"
#include "tributary/storage/cleaner.h"

namespace tributary::storage {

class GroupCopier {
 public:
  // What a pass uses for all of its groups.
  struct Tools {
    const LogView& view;
    BatchFilter& filter;
    CleanedTransactions& transactions;
    CleaningStats& stats;
    size_t buffer;
  };
  GroupCopier(Tools tools, const SegmentGroup& group, CleanedPlace place);

  // True once all of the group is written and on the disk.
  Result<bool> step();
  const SegmentGroup& group() const { return group_; }
  const CleanedOutput& output() const { return output_; }

 private:
  Status open_source();
  Status copy(const BatchScanner::Item& item);

  Tools tools_;
  const SegmentGroup& group_;
  CleanedOutput output_;
  size_t last_filled_ = 0;  // index of the last source that has batches
  size_t source_ = 0;
  std::shared_ptr<File> file_;
  std::unique_ptr<BatchScanner> scanner_;  // of source_; null before its first batch
};

}  // namespace tributary::storage
