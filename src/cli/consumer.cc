#include "consumer.h"

namespace tributary::cli {
namespace {

class PartitionConsumer final : public Consumer {
 public:
  explicit PartitionConsumer(KafkaHandle handle)
      : handle_(std::move(handle)), queue_(rd_kafka_queue_new(handle_.get())) {}
  PartitionConsumer(const PartitionConsumer&) = delete;
  PartitionConsumer& operator=(const PartitionConsumer&) = delete;
  ~PartitionConsumer() override { stop(); }

  Status start(const Positions& from, Wakeup& wakeup) {
    rd_kafka_queue_io_event_enable(queue_.get(), wakeup.write_end(), "r", 1);
    for (const auto& [id, offset] : from) {
      auto& topic = topics_[id.first];
      if (!topic) topic.reset(rd_kafka_topic_new(handle_.get(), id.first.c_str(), nullptr));
      if (!topic || rd_kafka_consume_start_queue(topic.get(), id.second, offset, queue_.get()) != 0) {
        return fail(Errc::kInvalidArgument, describe(rd_kafka_last_error()));
      }
      started_.push_back(id);
    }
    return {};
  }

  KafkaMessage poll() override {
    rd_kafka_poll(handle_.get(), 0);
    return KafkaMessage(rd_kafka_consume_queue(queue_.get(), 0));
  }
  void done_with(const rd_kafka_message_t&) override {}
  void close() override { stop(); }

 private:
  void stop() {
    for (const PartitionId& id : std::exchange(started_, {})) {
      rd_kafka_consume_stop(topics_.at(id.first).get(), id.second);
    }
  }

  KafkaHandle handle_;
  KafkaQueue queue_;
  std::map<std::string, KafkaTopic> topics_;
  std::vector<PartitionId> started_;
};

class GroupConsumer final : public Consumer {
 public:
  explicit GroupConsumer(KafkaHandle handle) : handle_(std::move(handle)) {
    rd_kafka_poll_set_consumer(handle_.get());
    queue_.reset(rd_kafka_queue_get_consumer(handle_.get()));
  }

  Status subscribe(const std::vector<std::string>& topics, Wakeup& wakeup) {
    rd_kafka_queue_io_event_enable(queue_.get(), wakeup.write_end(), "r", 1);
    rd_kafka_topic_partition_list_t* list =
        rd_kafka_topic_partition_list_new(static_cast<int>(topics.size()));
    for (const std::string& topic : topics) {
      rd_kafka_topic_partition_list_add(list, topic.c_str(), RD_KAFKA_PARTITION_UA);
    }
    const auto error = rd_kafka_subscribe(handle_.get(), list);
    rd_kafka_topic_partition_list_destroy(list);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(Errc::kInvalidArgument, describe(error));
    return {};
  }

  KafkaMessage poll() override { return KafkaMessage(rd_kafka_consumer_poll(handle_.get(), 0)); }
  void done_with(const rd_kafka_message_t& message) override {
    rd_kafka_offset_store(message.rkt, message.partition, message.offset);
  }
  void close() override { rd_kafka_consumer_close(handle_.get()); }

 private:
  KafkaHandle handle_;
  KafkaQueue queue_;
};

}  // namespace

Result<std::unique_ptr<Consumer>> open_partitions(KafkaConfig config, Wakeup& wakeup, const Positions& from) {
  TRIBUTARY_ASSIGN(KafkaHandle handle, make_handle(RD_KAFKA_CONSUMER, std::move(config)));
  auto consumer = std::make_unique<PartitionConsumer>(std::move(handle));
  TRIBUTARY_TRY(consumer->start(from, wakeup));
  return consumer;
}

Result<std::unique_ptr<Consumer>> open_group(KafkaConfig config, Wakeup& wakeup,
                                             const std::vector<std::string>& topics) {
  TRIBUTARY_ASSIGN(KafkaHandle handle, make_handle(RD_KAFKA_CONSUMER, std::move(config)));
  auto consumer = std::make_unique<GroupConsumer>(std::move(handle));
  TRIBUTARY_TRY(consumer->subscribe(topics, wakeup));
  return consumer;
}

}  // namespace tributary::cli
