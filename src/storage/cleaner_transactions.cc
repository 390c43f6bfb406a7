#include "cleaner_transactions.h"

namespace tributary::storage {

void CleanedTransactions::add_aborted(const std::vector<AbortedEntry>& entries) {
  for (const AbortedEntry& entry : entries) to_come_.push(entry);
}

void CleanedTransactions::begin_aborted_up_to(Offset offset) {
  while (!to_come_.empty() && to_come_.top().first_offset <= offset) {
    aborted_.try_emplace(to_come_.top().producer_id, Ongoing{to_come_.top()});
    to_come_.pop();
  }
}

bool CleanedTransactions::on_data(const BatchHeader& batch) {
  begin_aborted_up_to(batch.last_offset);
  if (!batch.is_transactional()) return false;
  const auto ongoing = aborted_.find(batch.producer_id);
  if (ongoing == aborted_.end()) {
    committed_.insert(batch.producer_id);
    return false;
  }
  ongoing->second.seen = true;
  return true;
}

CleanedTransactions::MarkerVerdict CleanedTransactions::on_control(const BatchHeader& batch,
                                                                   const std::optional<EndMarker>& marker) {
  begin_aborted_up_to(batch.last_offset);
  if (!marker) return {.can_go = batch.record_count == 0, .aborted = {}};
  if (!marker->abort) return {.can_go = committed_.erase(batch.producer_id) == 0, .aborted = {}};
  const auto ongoing = aborted_.extract(batch.producer_id);
  if (ongoing.empty() || !ongoing.mapped().seen) return {.can_go = true, .aborted = {}};
  return {.can_go = false, .aborted = ongoing.mapped().entry};
}

}  // namespace tributary::storage
