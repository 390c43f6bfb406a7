// Fetch: reads what is visible; if that is less than min_bytes, waits for the partitions to move, never by
// polling.
#include <algorithm>
#include <map>

#include "fetch_part.h"
#include "fetch_session.h"
#include "handlers.h"

namespace tributary::broker {
namespace {

using wire::ErrorCode;

constexpr int16_t kFirstVersionWithTopicIds = 13;
constexpr int32_t kFinalEpoch = -1;

class FetchOperation final : public std::enable_shared_from_this<FetchOperation> {
 public:
  FetchOperation(RequestPtr request, const wire::FetchRequest& message);
  ~FetchOperation();

  void start(const wire::FetchRequest& message);

 private:
  struct Entry {
    FetchItem item;
    FetchedPartition* cached = nullptr;  // in the session
  };

  bool resolve_session(const wire::FetchRequest& message);
  void collect_from_request(const wire::FetchRequest& message);
  void collect_from_session();
  void divide_into_parts(const wire::FetchRequest& message);
  bool keep_session(const wire::FetchRequest& message);
  size_t home_of(const FetchItem& item) const;
  void read_all();
  void read_part(size_t index);
  void one_part_read(size_t index);
  void all_parts_read();
  void keep_within_limits();
  void wait();
  void on_gain();
  void respond();
  void give_up();
  bool worth_telling(Entry& entry) const;
  void add_to(wire::FetchResponse& response, Entry& entry) const;
  void refuse(ErrorCode error);

  RequestPtr request_;
  const bool by_id_;
  const size_t max_bytes_;
  const size_t min_bytes_;
  const std::chrono::milliseconds max_wait_;
  const TimerQueue::TimePoint deadline_;
  std::shared_ptr<FetchSession> session_;
  bool full_ = true;  // the answer names every partition
  std::vector<Entry> entries_;
  std::vector<std::shared_ptr<FetchPart>> parts_;  // by first mention
  bool in_turn_ = false;  // parts are read one after the other, as one may take what another could have
  size_t parts_reading_ = 0;
  size_t bytes_ = 0;
  bool waiting_ = false;
  bool answered_ = false;
  TimerQueue::Handle timer_;
};

FetchOperation::FetchOperation(RequestPtr request, const wire::FetchRequest& message)
    : request_(std::move(request)),
      by_id_(request_->version() >= kFirstVersionWithTopicIds),
      max_bytes_(std::min(static_cast<size_t>(std::max(0, message.max_bytes)),
                          request_->context().limits.fetch_max_bytes)),
      min_bytes_(std::min(static_cast<size_t>(std::max(0, message.min_bytes)), max_bytes_)),
      max_wait_(std::max(0, message.max_wait_ms)),
      deadline_(std::chrono::steady_clock::now() + max_wait_) {}

FetchOperation::~FetchOperation() {
  for (auto& part : parts_) part->release();
  if (session_) request_->context().fetch_sessions->give_back(*session_);
}

// False: refused, and answered.
bool FetchOperation::resolve_session(const wire::FetchRequest& message) {
  FetchSessionCache& cache = *request_->context().fetch_sessions;
  const int64_t now_ms = request_->shard().now_ns() / 1'000'000;
  if (message.session_epoch == kFinalEpoch) {
    cache.close(message.session_id);
    return true;
  }
  if (message.session_epoch == 0) {
    cache.close(message.session_id);
    if (!message.topics.empty()) session_ = cache.create(by_id_, now_ms);
    if (session_ && !keep_session(message)) cache.close(std::exchange(session_, nullptr)->id());
    return true;
  }
  auto found = cache.take(message.session_id, message.session_epoch, by_id_, now_ms);
  if (!found.session) {
    refuse(found.error);
    return false;
  }
  session_ = std::move(found.session);
  if (!keep_session(message)) {
    cache.close(std::exchange(session_, nullptr)->id());
    refuse(ErrorCode::kFetchSessionIdNotFound);
    return false;
  }
  full_ = session_->partitions().empty();
  if (full_) cache.close(std::exchange(session_, nullptr)->id());
  return true;
}

// False: there is no room for so many partitions in sessions.
bool FetchOperation::keep_session(const wire::FetchRequest& message) {
  session_->update(message);
  return request_->context().fetch_sessions->has_room(*session_);
}

void FetchOperation::refuse(ErrorCode error) {
  wire::FetchResponse response;
  response.error_code = error;
  request_->count_error();
  request_->respond(response);
}

void FetchOperation::collect_from_request(const wire::FetchRequest& message) {
  for (const auto& topic : message.topics) {
    for (const auto& asked : topic.partitions) {
      FetchItem& item = entries_.emplace_back().item;
      item.topic = topic.topic;
      item.topic_id = topic.topic_id;
      item.partition = asked.partition;
      item.current_leader_epoch = asked.current_leader_epoch;
      item.last_fetched_epoch = asked.last_fetched_epoch;
      item.fetch_offset = asked.fetch_offset;
      item.max_bytes = static_cast<size_t>(std::max(0, asked.partition_max_bytes));
    }
  }
}

void FetchOperation::collect_from_session() {
  entries_.reserve(session_->partitions().size());
  for (FetchedPartition& cached : session_->partitions()) {
    Entry& entry = entries_.emplace_back();
    entry.cached = &cached;
    entry.item.topic = cached.topic;
    entry.item.topic_id = cached.topic_id;
    entry.item.partition = cached.partition;
    entry.item.current_leader_epoch = cached.current_leader_epoch;
    entry.item.last_fetched_epoch = cached.last_fetched_epoch;
    entry.item.fetch_offset = cached.fetch_offset;
    entry.item.max_bytes = static_cast<size_t>(std::max(0, cached.max_bytes));
  }
}

size_t FetchOperation::home_of(const FetchItem& item) const {
  Shard& here = request_->shard();
  if (here.context().shards.size() == 1) return here.index();
  return (by_id_ ? here.locate(item.topic_id, item.partition) : here.locate(item.topic, item.partition))
      .shard;
}

void FetchOperation::divide_into_parts(const wire::FetchRequest& message) {
  FetchLimits limits;
  limits.isolation =
      message.isolation_level == 1 ? storage::Isolation::kCommitted : storage::Isolation::kHighWatermark;
  limits.by_id = by_id_;
  limits.from_follower = message.replica_id >= 0 || message.replica_state.replica_id >= 0;
  std::map<size_t, FetchPart*> by_shard;
  size_t wanted = 0;
  for (Entry& entry : entries_) {
    const size_t shard = home_of(entry.item);
    FetchPart*& part = by_shard[shard];
    if (part == nullptr) {
      parts_.push_back(std::make_shared<FetchPart>(request_->shard(), shard, limits));
      part = parts_.back().get();
    }
    part->items().push_back(&entry.item);
    wanted += std::min(entry.item.max_bytes, max_bytes_);
  }
  in_turn_ = parts_.size() > 1 && wanted > max_bytes_;
}

void FetchOperation::start(const wire::FetchRequest& message) {
  if (!resolve_session(message)) return;
  if (session_) {
    collect_from_session();
  } else {
    collect_from_request(message);
  }
  divide_into_parts(message);
  if (parts_.empty()) return respond();
  read_all();
}

void FetchOperation::read_all() {
  waiting_ = false;
  bytes_ = 0;
  parts_reading_ = parts_.size();
  if (in_turn_) return read_part(0);
  for (size_t i = 0; i < parts_.size(); ++i) read_part(i);
}

void FetchOperation::read_part(size_t index) {
  const size_t left = in_turn_ ? max_bytes_ - std::min(max_bytes_, bytes_) : max_bytes_;
  parts_[index]->read(
      left, !in_turn_ || bytes_ == 0, [self = shared_from_this(), index] { self->one_part_read(index); },
      [weak = weak_from_this()] {
        if (auto self = weak.lock()) self->on_gain();
      });
}

void FetchOperation::one_part_read(size_t index) {
  if (answered_) return;
  bytes_ += parts_[index]->bytes_read();
  if (--parts_reading_ == 0) return all_parts_read();
  if (in_turn_) read_part(index + 1);
}

void FetchOperation::all_parts_read() {
  bool now = max_wait_.count() == 0 || std::chrono::steady_clock::now() >= deadline_;
  bytes_ = 0;
  for (const auto& part : parts_) {
    bytes_ += part->bytes_there();
    now |= part->answer_now();
  }
  if (now || bytes_ >= min_bytes_) return respond();
  wait();
}

// Parts that were read side by side each gave their first batch whole; only the first of them all may be
// larger than its partition's limit.
void FetchOperation::keep_within_limits() {
  if (in_turn_ || parts_.size() < 2) return;
  bool first = true;
  for (Entry& entry : entries_) {
    auto& answer = entry.item.answer;
    if (!answer.records || answer.records->empty()) continue;
    if (!first && answer.records->size() > entry.item.max_bytes) answer.records = ByteView{};
    first = false;
  }
}

void FetchOperation::wait() {
  if (request_->connection().closed()) return give_up();
  if (request_->connection().input_ended()) return respond();  // nobody to wait for
  waiting_ = true;
  if (!timer_.armed()) {
    timer_ = request_->shard().timers().after(deadline_ - std::chrono::steady_clock::now(),
                                              [self = shared_from_this()] {
                                                if (self->waiting_) self->respond();
                                              });
    request_->on_close([weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self || !self->waiting_) return;
      self->request_->connection().closed() ? self->give_up() : self->respond();
    });
  }
  on_gain();  // what moved on another shard while the parts were read
}

void FetchOperation::on_gain() {
  if (!waiting_) return;
  uint64_t total = bytes_;
  for (const auto& part : parts_) total += part->gained();
  if (total >= min_bytes_) read_all();
}

void FetchOperation::give_up() {
  answered_ = true;
  waiting_ = false;
  timer_.cancel();
  request_->finish_silently();
}

bool FetchOperation::worth_telling(Entry& entry) const {
  const auto& answer = entry.item.answer;
  if (full_ || entry.cached == nullptr) return true;
  return !answer.records->empty() || answer.error_code != ErrorCode::kNone ||
         answer.high_watermark != entry.cached->told_high_watermark ||
         answer.log_start_offset != entry.cached->told_log_start || answer.diverging_epoch.end_offset >= 0;
}

void FetchOperation::add_to(wire::FetchResponse& response, Entry& entry) const {
  const FetchItem& item = entry.item;
  const bool same_topic = !response.responses.empty() && response.responses.back().topic == item.topic &&
                          response.responses.back().topic_id == item.topic_id;
  if (!same_topic) {
    auto& topic = response.responses.emplace_back();
    topic.topic = item.topic;
    topic.topic_id = item.topic_id;
  }
  response.responses.back().partitions.push_back(item.answer);
  if (entry.cached == nullptr) return;
  // After an error the next good answer must be told even if nothing moved.
  const bool failed = item.answer.error_code != ErrorCode::kNone;
  entry.cached->told_high_watermark = failed ? -1 : item.answer.high_watermark;
  entry.cached->told_log_start = failed ? -1 : item.answer.log_start_offset;
}

void FetchOperation::respond() {
  answered_ = true;
  waiting_ = false;
  timer_.cancel();
  keep_within_limits();
  wire::FetchResponse response;
  response.session_id = session_ ? session_->id() : 0;
  bool failed = false;
  for (Entry& entry : entries_) {
    failed |= entry.item.answer.error_code != ErrorCode::kNone;
    if (worth_telling(entry)) add_to(response, entry);
  }
  if (failed) request_->count_error();
  std::vector<std::shared_ptr<const void>> owners;
  for (const auto& part : parts_) {
    if (part->buffers()) owners.push_back(part->buffers());
  }
  if (session_) {
    for (auto it = session_->partitions().begin(); Entry & entry : entries_) {
      const auto current = it++;
      if (!entry.item.answer.records || entry.item.answer.records->empty()) continue;
      session_->move_to_end(current);
    }
  }
  request_->respond(response, std::move(owners));
}

}  // namespace

void fetch(RequestPtr request, const wire::FetchRequest& message) {
  std::make_shared<FetchOperation>(std::move(request), message)->start(message);
}

}  // namespace tributary::broker
