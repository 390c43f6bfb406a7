// Records through librdkafka: of partitions from given offsets, or as a member of a group. One thread.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kafka_handle.h"
#include "topics.h"
#include "wakeup.h"

namespace tributary::cli {

class Consumer {
 public:
  virtual ~Consumer() = default;

  // The next record, end of partition or error; none if there is nothing now. Wakes the Wakeup when there is.
  virtual KafkaMessage poll() = 0;
  // That the record, and all before it in its partition, need not be read again.
  virtual void done_with(const rd_kafka_message_t& message) = 0;
  // Commits what is done and leaves.
  virtual void close() = 0;
};

using Positions = std::map<PartitionId, Offset>;
// Reads without a group: nothing is committed, no coordinator is asked.
Result<std::unique_ptr<Consumer>> open_partitions(KafkaConfig config, Wakeup& wakeup, const Positions& from);
Result<std::unique_ptr<Consumer>> open_group(KafkaConfig config, Wakeup& wakeup,
                                             const std::vector<std::string>& topics);

}  // namespace tributary::cli
