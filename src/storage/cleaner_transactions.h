// Which transactions a pass of the cleaner is in the middle of, as it walks over a log in offset order.
// Everything it sees is decided: the aborted ones are known beforehand, all others were committed. One
// thread.
#pragma once
#include <functional>
#include <optional>
#include <queue>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "producer_state.h"
#include "transaction_index.h"

namespace tributary::storage {

class CleanedTransactions {
 public:
  // Those that overlap what comes next; may repeat known ones.
  void add_aborted(const std::vector<AbortedEntry>& entries);

  // True if the batch belongs to an aborted transaction.
  bool on_data(const BatchHeader& batch);

  struct MarkerVerdict {
    bool can_go = false;                  // nothing of its transaction was seen
    std::optional<AbortedEntry> aborted;  // to stand in the index of the segment that keeps the marker
  };
  // `marker` is null for control batches of other kinds, which stay, and for empty ones.
  MarkerVerdict on_control(const BatchHeader& batch, const std::optional<EndMarker>& marker);

 private:
  struct Ongoing {
    AbortedEntry entry;
    bool seen = false;  // a batch of it
  };
  struct Later {
    bool operator()(const AbortedEntry& a, const AbortedEntry& b) const {
      return a.first_offset > b.first_offset;
    }
  };
  void begin_aborted_up_to(Offset offset);

  std::priority_queue<AbortedEntry, std::vector<AbortedEntry>, Later> to_come_;
  std::unordered_map<int64_t, Ongoing> aborted_;  // by producer
  std::unordered_set<int64_t> committed_;
};

}  // namespace tributary::storage
