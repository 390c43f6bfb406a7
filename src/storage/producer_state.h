// What a log knows of the producers that wrote to it: the last five batches of each (duplicates and gaps are
// told by them), open transactions, and completed ones that are not replicated yet. One thread. Bounded: over
// the maximum the producer that was idle longest and has no open transaction goes first.
#pragma once
#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "batch_header.h"
#include "tributary/storage/log.h"

namespace tributary::storage {

struct ProducerBatch {
  int32_t last_sequence = wire::kNoSequence;
  int32_t offset_delta = 0;  // last offset - first offset
  Offset last_offset = -1;
  TimestampMs timestamp = kNoTimestamp;

  Offset first_offset() const { return last_offset - offset_delta; }
  int32_t first_sequence() const;
};

struct ProducerEntry {
  static constexpr size_t kRemembered = 5;

  int16_t epoch = -1;
  uint8_t batch_count = 0;
  int32_t coordinator_epoch = -1;
  TimestampMs last_timestamp = kNoTimestamp;
  Offset txn_first_offset = -1;                    // -1: no transaction open
  std::array<ProducerBatch, kRemembered> batches;  // oldest first

  const ProducerBatch* last_batch() const { return batch_count == 0 ? nullptr : &batches[batch_count - 1u]; }
  int32_t last_sequence() const { return batch_count == 0 ? wire::kNoSequence : last_batch()->last_sequence; }
  void set_epoch(int16_t to);
  void add_batch(const ProducerBatch& batch);
};

// The record of a transaction marker.
struct EndMarker {
  bool abort;
  int32_t coordinator_epoch;
  TimestampMs timestamp;
};
// nullopt: the control batch is none of these.
std::optional<EndMarker> read_end_marker(const wire::BatchView& batch);

struct CompletedTxn {
  int64_t producer_id;
  Offset first_offset;
  Offset marker_offset;
  bool aborted;
  Offset last_stable_offset;  // right after it is complete
};

class ProducerState {
 public:
  const ProducerEntry* find(int64_t producer_id) const;
  size_t size() const { return producers_.size(); }

  // The batch among the last five that this repeats exactly.
  const ProducerBatch* find_duplicate(const BatchHeader& batch) const;
  // Epoch, sequence and transaction rules for what a client or a coordinator appends.
  std::optional<AppendError> check(const BatchHeader& batch, const std::optional<EndMarker>& marker,
                                   AppendOrigin origin) const;

  // How it was before `apply`, to take a batch back that could not be written. Newest first.
  struct Undo {
    int64_t producer_id;
    std::optional<ProducerEntry> before;
    std::optional<CompletedTxn> completed;
  };
  Undo apply(const BatchHeader& batch, const std::optional<EndMarker>& marker);
  void restore(const Undo& undo);

  // Whether one more producer needs another to go, and making that room. False if all have open transactions.
  bool make_room(size_t maximum, uint64_t& evicted);

  // 2^63-1 if there is none.
  Offset first_unstable(Offset high_watermark) const;
  void forget_replicated(Offset high_watermark);

  size_t expire(TimestampMs now, int64_t idle_ms);
  std::vector<ActiveProducer> active() const;
  void clear();

  // Entries of a snapshot, oldest use first.
  void load(int64_t producer_id, const ProducerEntry& entry);
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const int64_t id : by_use_) visit(id, producers_.at(id).entry);
  }

 private:
  struct Node {
    ProducerEntry entry;
    std::list<int64_t>::iterator use;
  };
  struct Unreplicated {
    Offset first_offset;
    Offset marker_offset;
  };
  ProducerEntry& touch(int64_t producer_id);
  void erase(int64_t producer_id);
  std::optional<CompletedTxn> complete(ProducerEntry& entry, const BatchHeader& batch,
                                       const EndMarker& marker);
  Offset stable_after(int64_t producer_id, Offset marker_offset) const;

  std::unordered_map<int64_t, Node> producers_;
  std::list<int64_t> by_use_;       // longest idle first
  std::map<Offset, int64_t> open_;  // first offset of a transaction -> its producer
  std::vector<Unreplicated> unreplicated_;
};

}  // namespace tributary::storage
