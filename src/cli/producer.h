// Writes records through librdkafka and keeps account of what became of each. One thread; reports come within
// poll().
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format.h"
#include "kafka_handle.h"
#include "wakeup.h"

namespace tributary::cli {

struct OutgoingRecord {
  std::string topic;
  int32_t partition = -1;  // -1: by the key
  std::optional<TimestampMs> timestamp;
  std::optional<std::string> key;
  std::optional<std::string> value;
};
using Headers = std::vector<std::pair<std::string, std::string>>;

class Producer {
 public:
  // Called for each record that was written, or was not: then with what went wrong.
  using Report = std::function<void(const RecordView&, std::optional<std::string> failure)>;

  // Wakes `wakeup` when there is something to poll for.
  static Result<std::unique_ptr<Producer>> create(
      const Cluster& cluster, bool verbose, const std::vector<std::pair<std::string, std::string>>& settings,
      Headers headers, Wakeup& wakeup, Report report);

  // Queues it; waits for room if there is none. What cannot be queued is reported as failed.
  void send(const OutgoingRecord& record);
  // Runs the reports that are due.
  void poll();
  // Until every record was reported on.
  void flush();

  uint64_t sent() const { return sent_; }

 private:
  Producer(Headers headers, Report report) : headers_(std::move(headers)), report_(std::move(report)) {}
  rd_kafka_resp_err_t enqueue(const OutgoingRecord& record);
  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self);

  Headers headers_;
  Report report_;
  uint64_t sent_ = 0;
  KafkaHandle handle_;
  KafkaQueue events_;  // goes before the handle it is of
};

}  // namespace tributary::cli
