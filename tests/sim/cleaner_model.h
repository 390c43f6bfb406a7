// What a compacted log may and must hold, kept in the simplest way: every batch ever written and not
// truncated, as it was written.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tributary/storage/log.h"

namespace tributary::sim {

struct KeyedRecord {
  Offset offset = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  TimestampMs timestamp = 0;
  bool operator==(const KeyedRecord&) const = default;
};

struct KeyedBatch {
  std::vector<uint8_t> bytes;  // offset and epoch stamped
  Offset base = 0;
  Offset last = 0;
  int codec = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t first_sequence = -1;
  int32_t last_sequence = -1;
  bool transactional = false;
  bool control = false;
  bool abort = false;  // of a marker
  std::vector<KeyedRecord> records;

  static KeyedBatch of(ByteView stamped);
  // Whether `found` is what a cleaning may have left of this one. Empty, or what is wrong with it.
  std::string differs_from(const KeyedBatch& found) const;
};

// The state a reader of committed records builds: the last value of each key.
class KeyedView {
 public:
  void apply(const KeyedBatch& batch);
  std::map<std::string, std::string> values() const;

 private:
  struct Last {
    Offset offset;
    std::optional<std::string> value;
  };
  void put(const KeyedRecord& record);

  std::map<std::string, Last> last_;
  std::map<int64_t, std::vector<KeyedRecord>> pending_;  // of transactions that are not decided
};

struct KeyedProducer {
  int16_t epoch = -1;
  int32_t last_sequence = -1;
  Offset last_base = -1;  // of anything it wrote
  Offset last_data_base = -1;
  Offset txn_first_offset = -1;
};

class KeyedModel {
 public:
  std::vector<KeyedBatch> batches;
  Offset start = 0;
  Offset end = 0;
  Offset synced = 0;     // everything below must survive a power cut
  Offset cleaned = 0;    // everything from here on is as it was written
  Offset committed = 0;  // the high watermark

  void push(KeyedBatch batch);
  void truncate(Offset offset);
  const KeyedBatch* find(Offset base) const;
  std::map<int64_t, KeyedProducer> producers() const;
};

}  // namespace tributary::sim
