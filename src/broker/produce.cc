// Produce: each partition's batch is staged on the shard that owns it; the answer goes out when the last one
// is done.
#include <memory>

#include "handlers.h"
#include "shard.h"

namespace tributary::broker {
namespace {

using wire::ErrorCode;
using Answer = wire::ProduceResponse::PartitionProduceResponse;

constexpr int16_t kFirstVersionWithTopicIds = 13;
constexpr int16_t kFirstVersionWithZstd = 7;

// The frame of a message of magic 0 or 1 holds at least its own header; less is no message at all.
bool is_whole_old_message(ByteView records) {
  constexpr int32_t kOldHeader = 14;
  return records.size() >= 12 && load_be<int32_t>(records.data() + 8) >= kOldHeader;
}

// What Kafka checks of a produce request's records before it looks at the topic.
std::optional<storage::AppendError> fault_of(const std::optional<ByteView>& records, int16_t version) {
  const auto refuse = [](ErrorCode code, std::string text) {
    return storage::AppendError{code, std::move(text), {}};
  };
  if (!records || records->empty()) {
    return refuse(ErrorCode::kInvalidRecord,
                  "Produce requests must have exactly one record batch per partition");
  }
  const auto batch = wire::BatchView::parse(*records);
  if (!batch) {
    const bool old_magic = batch.error().code == Errc::kUnsupported && is_whole_old_message(*records);
    const bool cut_off = batch.error().code == Errc::kTooLarge;
    return refuse(old_magic || cut_off ? ErrorCode::kInvalidRecord : ErrorCode::kCorruptMessage,
                  batch.error().message);
  }
  if (batch->size() != records->size()) {
    return refuse(ErrorCode::kInvalidRecord,
                  "Produce requests must have exactly one record batch per partition");
  }
  if (batch->codec_id() == static_cast<int>(wire::Codec::kZstd) && version < kFirstVersionWithZstd) {
    return refuse(ErrorCode::kUnsupportedCompressionType, "zstd needs Produce version 7");
  }
  if (batch->is_transactional()) {
    return refuse(ErrorCode::kInvalidTxnState, "Transactions are not served by this broker");
  }
  return std::nullopt;
}

std::optional<storage::AppendError> refuse_internal(const replica::Partition& partition, bool allowed) {
  if (allowed || !control::is_internal_topic(partition.name().topic)) return std::nullopt;
  return storage::AppendError{ErrorCode::kInvalidTopicException,
                              fmt::format("Cannot append to internal topic {}", partition.name().topic),
                              {}};
}

class ProduceOperation final : public replica::AppendObserver,
                               public std::enable_shared_from_this<ProduceOperation> {
 public:
  ProduceOperation(RequestPtr request, const wire::ProduceRequest& message)
      : request_(std::move(request)), acks_(message.acks), timeout_ms_(message.timeout_ms) {}

  void start(const wire::ProduceRequest& message);
  void on_append_done(uint32_t slot, ErrorCode error, const storage::AppendInfo& info) override;
  void refuse(uint32_t slot, const storage::AppendError& error);

 private:
  void lay_out(const wire::ProduceRequest& message);
  void append_one(const wire::ProduceRequest::TopicProduceData& topic,
                  const wire::ProduceRequest::PartitionProduceData& data, uint32_t slot);
  void append_remotely(size_t shard, Uuid topic, int32_t index, MutableBytes batch, uint32_t slot);
  bool may_write_internal() const { return request_->client_id() == "__admin_client"; }
  void done_one();
  void finish();
  void wait_for_commit();

  RequestPtr request_;
  const int16_t acks_;
  const int32_t timeout_ms_;
  wire::ProduceResponse response_;
  std::vector<Answer*> answers_;  // by slot, into response_
  std::vector<bool> open_;
  size_t pending_ = 0;
  bool failed_ = false;
  TimerQueue::Handle timeout_;
};

// Carries the outcome of an append on another shard home.
class RemoteAppend final : public replica::AppendObserver {
 public:
  RemoteAppend(Shard& home, std::shared_ptr<ProduceOperation> operation)
      : home_(home), operation_(std::move(operation)) {}
  void on_append_done(uint32_t slot, ErrorCode error, const storage::AppendInfo& info) override {
    home_.post([operation = operation_, slot, error, info] { operation->on_append_done(slot, error, info); });
  }
  void refuse(uint32_t slot, storage::AppendError error) {
    home_.post([operation = operation_, slot, error = std::move(error)] { operation->refuse(slot, error); });
  }

 private:
  Shard& home_;
  std::shared_ptr<ProduceOperation> operation_;
};

void ProduceOperation::lay_out(const wire::ProduceRequest& message) {
  size_t slots = 0;
  response_.responses.reserve(message.topic_data.size());
  for (const auto& topic : message.topic_data) {
    auto& answer = response_.responses.emplace_back();
    answer.name = topic.name;
    answer.topic_id = topic.topic_id;
    answer.partition_responses.resize(topic.partition_data.size());
    slots += topic.partition_data.size();
  }
  answers_.reserve(slots);
  for (auto& topic : response_.responses) {
    for (auto& answer : topic.partition_responses) answers_.push_back(&answer);
  }
  open_.assign(slots, true);
  pending_ = slots;
}

void ProduceOperation::start(const wire::ProduceRequest& message) {
  lay_out(message);
  ++pending_;  // held until every append has been handed over
  uint32_t slot = 0;
  for (const auto& topic : message.topic_data) {
    for (const auto& data : topic.partition_data) {
      answers_[slot]->index = data.index;
      append_one(topic, data, slot++);
    }
  }
  if (acks_ == -1) request_->shard().schedule([self = shared_from_this()] { self->wait_for_commit(); });
  done_one();
}

void ProduceOperation::append_one(const wire::ProduceRequest::TopicProduceData& topic,
                                  const wire::ProduceRequest::PartitionProduceData& data, uint32_t slot) {
  Shard& shard = request_->shard();
  const bool by_id = request_->version() >= kFirstVersionWithTopicIds;
  const Placement place =
      by_id ? shard.locate(topic.topic_id, data.index) : shard.locate(topic.name, data.index);
  if (place.error != ErrorCode::kNone) return refuse(slot, {place.error, {}, {}});
  if (auto fault = fault_of(data.records, request_->version())) return refuse(slot, *fault);
  const MutableBytes batch = request_->mutable_bytes(*data.records);
  if (place.partition == nullptr)
    return append_remotely(place.shard, place.topic_id, data.index, batch, slot);
  if (auto fault = refuse_internal(*place.partition, may_write_internal())) return refuse(slot, *fault);
  const auto accepted = place.partition->append(batch, replica::Acks{acks_}, shard.context().clock.wall_ms(),
                                                shared_from_this(), slot);
  if (!accepted) return refuse(slot, accepted.error());
  shard.schedule_write(*place.partition);
}

void ProduceOperation::append_remotely(size_t shard, Uuid topic, int32_t index, MutableBytes batch,
                                       uint32_t slot) {
  auto remote = std::make_shared<RemoteAppend>(request_->shard(), shared_from_this());
  request_->shard().submit(shard, [remote, topic, index, batch, slot, acks = acks_,
                                   internal = may_write_internal()](Shard& owner) {
    replica::Partition* partition = owner.find_partition(topic, index);
    if (partition == nullptr) return remote->refuse(slot, {ErrorCode::kNotLeaderOrFollower, {}, {}});
    if (auto fault = refuse_internal(*partition, internal)) return remote->refuse(slot, *fault);
    const auto accepted =
        partition->append(batch, replica::Acks{acks}, owner.context().clock.wall_ms(), remote, slot);
    if (!accepted) return remote->refuse(slot, accepted.error());
    owner.schedule_write(*partition);
  });
}

void ProduceOperation::on_append_done(uint32_t slot, ErrorCode error, const storage::AppendInfo& info) {
  if (!open_[slot]) return;  // timed out before
  if (error != ErrorCode::kNone) return refuse(slot, {error, {}, {}});
  Answer& answer = *answers_[slot];
  answer.base_offset = info.first_offset;
  answer.log_append_time_ms = info.log_append_time;
  answer.log_start_offset = info.log_start_offset;
  open_[slot] = false;
  done_one();
}

void ProduceOperation::refuse(uint32_t slot, const storage::AppendError& error) {
  if (!open_[slot]) return;
  Answer& answer = *answers_[slot];
  answer.error_code = error.code;
  answer.base_offset = -1;
  answer.log_start_offset = error.log_start_offset;
  wire::Arena& arena = request_->arena();
  if (!error.message.empty()) answer.error_message = arena.keep(error.message);
  for (const auto& record : error.records) {
    auto& shown = answer.record_errors.emplace_back();
    shown.batch_index = record.index;
    if (!record.message.empty()) shown.batch_index_error_message = arena.keep(record.message);
  }
  failed_ = true;
  open_[slot] = false;
  done_one();
}

void ProduceOperation::done_one() {
  if (--pending_ == 0) finish();
}

void ProduceOperation::finish() {
  timeout_.cancel();
  if (failed_) request_->count_error();
  if (acks_ != 0) return request_->respond(response_);
  // The client of acks=0 reads no answer; a closed connection is the only sign it can get (KIP-4's rule in
  // Kafka).
  if (failed_) return request_->close_connection("a produce with acks=0 failed");
  request_->finish_silently();
}

void ProduceOperation::wait_for_commit() {
  if (pending_ == 0) return;
  timeout_ = request_->shard().timers().after(
      std::chrono::milliseconds(std::max(timeout_ms_, 0)), [self = shared_from_this()] {
        for (uint32_t slot = 0; slot < self->open_.size() && self->pending_ > 0; ++slot) {
          self->refuse(slot, {ErrorCode::kRequestTimedOut, {}, {}});
        }
      });
}

}  // namespace

void produce(RequestPtr request, const wire::ProduceRequest& message) {
  if (message.acks < -1 || message.acks > 1) {
    wire::ProduceResponse refused;
    for (const auto& topic : message.topic_data) {
      auto& answer = refused.responses.emplace_back();
      answer.name = topic.name;
      answer.topic_id = topic.topic_id;
      for (const auto& data : topic.partition_data) {
        auto& partition = answer.partition_responses.emplace_back();
        partition.index = data.index;
        partition.error_code = ErrorCode::kInvalidRequiredAcks;
        partition.base_offset = -1;
      }
    }
    request->count_error();
    return request->respond(refused);
  }
  auto operation = std::make_shared<ProduceOperation>(std::move(request), message);
  operation->start(message);
}

}  // namespace tributary::broker
