// What a log should hold, kept in the simplest way: the list of all batches ever written and not truncated.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "tributary/storage/log.h"

namespace tributary::sim {

struct ModelBatch {
  std::vector<uint8_t> bytes;  // offset and epoch stamped
  Offset base = 0;
  Offset last = 0;
  int32_t epoch = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t first_sequence = -1;
  int32_t last_sequence = -1;
  bool transactional = false;
  bool is_marker = false;
  bool is_abort = false;
  TimestampMs max_timestamp = -1;

  static ModelBatch of(ByteView stamped);
};

struct ModelProducer {
  int16_t epoch = -1;
  int32_t last_sequence = -1;
  Offset last_batch_base = -1;  // of anything the producer wrote
  Offset last_data_base = -1;
  Offset txn_first_offset = -1;
};

struct ModelAborted {
  int64_t producer_id;
  Offset first_offset;
  Offset marker_offset;
};

class LogModel {
 public:
  std::vector<ModelBatch> batches;
  Offset start = 0;
  Offset end = 0;
  Offset synced = 0;  // everything below must survive a power cut

  void push(ModelBatch batch);
  // Batches with offsets >= `offset` go; gives the resulting end.
  Offset truncate(Offset offset);
  std::map<int64_t, ModelProducer> producers() const;
  std::vector<ModelAborted> aborted() const;
  Offset first_unstable() const;  // 2^63-1 if no transaction is open
  // Index of the first batch with last >= offset.
  size_t find(Offset offset) const;
};

}  // namespace tributary::sim
