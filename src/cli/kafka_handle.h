// librdkafka for produce and consume: handles that free themselves and configuration with errors of the
// project's kind.
#pragma once
#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cluster.h"
#include "tributary/base/result.h"

namespace tributary::cli {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* handle) const {
    Free(handle);
  }
};
using KafkaConfig = std::unique_ptr<rd_kafka_conf_t, FreeWith<rd_kafka_conf_destroy>>;
using KafkaHandle = std::unique_ptr<rd_kafka_t, FreeWith<rd_kafka_destroy>>;
using KafkaQueue = std::unique_ptr<rd_kafka_queue_t, FreeWith<rd_kafka_queue_destroy>>;
using KafkaTopic = std::unique_ptr<rd_kafka_topic_t, FreeWith<rd_kafka_topic_destroy>>;
using KafkaMessage = std::unique_ptr<rd_kafka_message_t, FreeWith<rd_kafka_message_destroy>>;

// With the bootstrap servers, this program's name, and librdkafka's log on stderr only if asked for.
Result<KafkaConfig> make_config(const Cluster& cluster, bool verbose,
                                const std::vector<std::pair<std::string, std::string>>& settings);
Result<KafkaHandle> make_handle(rd_kafka_type_t type, KafkaConfig config);

// NAME: text, where errors of librdkafka's own have its names.
std::string describe(rd_kafka_resp_err_t code);

}  // namespace tributary::cli
