// Decides what stays of each batch of a log that is being cleaned, and writes it. Base and last offset,
// sequence numbers, producer, epochs, codec and timestamp type of a batch do not change. One thread; what it
// refers to outlives it.
#pragma once
#include <optional>
#include <unordered_map>
#include <vector>

#include "cleaner_map.h"
#include "cleaner_rewrite.h"
#include "cleaner_transactions.h"

namespace tributary::storage {

// Where each active producer's last batch stands: it holds the sequence number (or, if there is no data of
// its epoch, the marker holds the epoch) that the next one must follow.
class LastBatches {
 public:
  void add(int64_t producer_id, const ProducerEntry& entry);
  bool has_data(const BatchHeader& batch) const;
  bool has_marker(const BatchHeader& batch) const;

 private:
  struct Place {
    Offset last_offset;  // -1: only markers
    int16_t epoch;
  };
  std::unordered_map<int64_t, Place> places_;
};

struct FilterRules {
  TimestampMs now = 0;
  int64_t delete_retention_ms = 0;
  Offset first_dirty = 0;  // tombstones and markers go only below it
  size_t inflated_limit = 0;
};

enum class BatchPosition { kInside, kLastOfGroup };

class BatchFilter {
 public:
  BatchFilter(const OffsetMap& map, const LastBatches& now, const LastBatches& at_bound, FilterRules rules)
      : map_(map), now_(now), at_bound_(at_bound), rules_(rules) {}

  struct Outcome {
    size_t size = 0;  // bytes added to `out`; 0: the batch goes
    uint64_t records_read = 0;
    uint64_t records_kept = 0;
    uint64_t keyless = 0;
    std::optional<AbortedEntry> aborted;  // for the transaction index, if this is a marker that has one
  };
  // `bytes` is a whole batch with a good CRC. kCorruption: its records cannot be read.
  Result<Outcome> filter(const BatchHeader& header, ByteView bytes, BatchPosition position,
                         CleanedTransactions& transactions, std::vector<uint8_t>& out);

 private:
  // What is known of a batch before its records are looked at.
  struct Verdict {
    bool records_go = false;
    bool keep_if_empty = false;
    bool sets_horizon = false;  // a marker that waits for its own
  };
  Verdict judge_control(const BatchHeader& header, const wire::BatchView& batch, BatchPosition position,
                        CleanedTransactions& transactions, Outcome& outcome) const;
  Verdict judge_data(const BatchHeader& header, BatchPosition position,
                     CleanedTransactions& transactions) const;
  bool horizon_is_over(const wire::BatchView& batch) const;
  struct Candidate {
    KeptRecord record;
    KeyHash key;  // of one that has a key the map may know
  };
  Status read_records(const wire::BatchView& batch);
  bool is_known_to_map(const wire::BatchView& batch, const wire::RecordView& record) const {
    return !batch.is_control() && batch.base_offset() + record.offset_delta <= map_.latest();
  }
  bool stays(const wire::BatchView& batch, const Candidate& candidate, Outcome& outcome) const;
  Status filter_records(const wire::BatchView& batch, const Verdict& verdict, Outcome& outcome,
                        std::vector<uint8_t>& out);

  const OffsetMap& map_;
  const LastBatches& now_;
  const LastBatches& at_bound_;
  FilterRules rules_;
  std::vector<uint8_t> plain_;
  std::vector<Candidate> candidates_;  // the records of one batch
  std::vector<KeptRecord> kept_;
};

}  // namespace tributary::storage
