#include "reading_plan.h"

namespace tributary::cli {

void ReadingPlan::add(PartitionId id, Offset first, std::optional<Offset> until) {
  const bool done = until && *until <= first;
  if (!done) ++open_;
  ranges_[std::move(id)] = {first, until, done};
}

bool ReadingPlan::wants(const PartitionId& id, Offset offset) const {
  const auto found = ranges_.find(id);
  if (found == ranges_.end() || found->second.done) return false;
  return offset >= found->second.first && (!found->second.until || offset < *found->second.until);
}

void ReadingPlan::reached(const PartitionId& id, Offset next) {
  const auto found = ranges_.find(id);
  if (found == ranges_.end() || found->second.done || !found->second.until || next < *found->second.until)
    return;
  found->second.done = true;
  --open_;
}

}  // namespace tributary::cli
