#include "producer.h"

namespace tributary::cli {
namespace {

RecordView to_view(const rd_kafka_message_t& message) {
  RecordView record;
  if (message.rkt != nullptr) record.topic = rd_kafka_topic_name(message.rkt);
  record.partition = message.partition;
  record.offset = message.offset;
  record.number = reinterpret_cast<uintptr_t>(message._private);
  rd_kafka_timestamp_type_t type{};
  record.timestamp = rd_kafka_message_timestamp(&message, &type);
  if (message.key != nullptr)
    record.key = std::string_view(static_cast<const char*>(message.key), message.key_len);
  if (message.payload != nullptr) {
    record.value = std::string_view(static_cast<const char*>(message.payload), message.len);
  }
  return record;
}

}  // namespace

Result<std::unique_ptr<Producer>> Producer::create(
    const Cluster& cluster, bool verbose, const std::vector<std::pair<std::string, std::string>>& settings,
    Headers headers, Wakeup& wakeup, Report report) {
  TRIBUTARY_ASSIGN(KafkaConfig config, make_config(cluster, verbose, settings));
  std::unique_ptr<Producer> producer(new Producer(std::move(headers), std::move(report)));
  rd_kafka_conf_set_opaque(config.get(), producer.get());
  rd_kafka_conf_set_dr_msg_cb(config.get(), &Producer::on_delivery);
  TRIBUTARY_ASSIGN(producer->handle_, make_handle(RD_KAFKA_PRODUCER, std::move(config)));
  producer->events_.reset(rd_kafka_queue_get_main(producer->handle_.get()));
  rd_kafka_queue_io_event_enable(producer->events_.get(), wakeup.write_end(), "r", 1);
  return producer;
}

void Producer::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  auto& producer = *static_cast<Producer*>(self);
  std::optional<std::string> failure;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) failure = describe(message->err);
  producer.report_(to_view(*message), std::move(failure));
}

rd_kafka_resp_err_t Producer::enqueue(const OutgoingRecord& record) {
  std::vector<rd_kafka_vu_t> parts;
  const auto part = [&](rd_kafka_vtype_t type) -> auto& {
    parts.emplace_back().vtype = type;
    return parts.back().u;
  };
  const auto bytes_part = [&](rd_kafka_vtype_t type, const std::optional<std::string>& bytes) {
    // The library never writes to keys and values; its interface says void* all the same.
    if (bytes) part(type).mem = {const_cast<char*>(bytes->data()), bytes->size()};
  };
  part(RD_KAFKA_VTYPE_TOPIC).cstr = record.topic.c_str();
  part(RD_KAFKA_VTYPE_PARTITION).i32 = record.partition;
  part(RD_KAFKA_VTYPE_MSGFLAGS).i = RD_KAFKA_MSG_F_COPY;
  part(RD_KAFKA_VTYPE_OPAQUE).ptr = reinterpret_cast<void*>(sent_);
  bytes_part(RD_KAFKA_VTYPE_KEY, record.key);
  bytes_part(RD_KAFKA_VTYPE_VALUE, record.value);
  if (record.timestamp) part(RD_KAFKA_VTYPE_TIMESTAMP).i64 = *record.timestamp;
  for (const auto& [name, value] : headers_) {
    part(RD_KAFKA_VTYPE_HEADER).header = {name.c_str(), value.data(), static_cast<ssize_t>(value.size())};
  }
  const std::unique_ptr<rd_kafka_error_t, FreeWith<rd_kafka_error_destroy>> error(
      rd_kafka_produceva(handle_.get(), parts.data(), parts.size()));
  return error ? rd_kafka_error_code(error.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
}

void Producer::send(const OutgoingRecord& record) {
  ++sent_;
  auto error = enqueue(record);
  while (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
    rd_kafka_poll(handle_.get(), 1000);
    error = enqueue(record);
  }
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    RecordView view;
    view.topic = record.topic;
    view.number = sent_;
    report_(view, describe(error));
  }
  poll();
}

void Producer::poll() { rd_kafka_poll(handle_.get(), 0); }

void Producer::flush() {
  while (rd_kafka_outq_len(handle_.get()) > 0) rd_kafka_poll(handle_.get(), 1000);
}

}  // namespace tributary::cli
