// The state of one pass of the cleaner over one log. See tributary/storage/cleaner.h for the contract.
#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cleaner_copier.h"
#include "cleaner_indexer.h"
#include "tributary/storage/cleaner.h"

namespace tributary::storage {

// Shared by a log and the pass over it: the log says when the pass has lost its ground.
struct CleaningBond {
  std::atomic<bool> cancelled = false;
};

// What a pass is given by its log.
struct CleaningPlan {
  FileSystem& fs;
  std::shared_ptr<const std::string> directory;
  TopicPartition name;
  LogConfig config;
  LogView view;
  Offset first_dirty;
  Offset bound;  // where a segment begins; nothing from there on is touched
  LastBatches last_batches;
  CleaningOptions options;
  std::shared_ptr<CleaningBond> bond;
};

struct Cleaning::State {
  explicit State(CleaningPlan given) : plan(std::move(given)) {}

  Result<Next> step();
  Result<Next> prepare();
  Result<Next> index();
  Status plan_groups();
  Result<Next> copy();
  Result<Next> next_group();
  // By the log, which has swapped in the group that step() gave.
  void group_swapped();

  CleaningPlan plan;
  CleaningStats stats;
  enum class Phase { kPrepare, kIndex, kCopy, kSwap, kSync, kDone } phase = Phase::kPrepare;
  LastBatches last_batches_at_bound;
  std::optional<OffsetMap> map;
  std::unique_ptr<Indexer> indexer;
  Offset end = 0;
  std::shared_ptr<SegmentList> segments;  // plan.view's; those swapped out are null
  std::vector<SegmentGroup> groups;
  size_t group = 0;
  std::unique_ptr<BatchFilter> filter;
  CleanedTransactions transactions;
  std::unique_ptr<GroupCopier> copier;
};

}  // namespace tributary::storage
