#include "group_environment.h"

#include "shard.h"
#include "tributary/base/random.h"
#include "tributary/wire/record_batch.h"

namespace tributary::broker {

using wire::ErrorCode;

namespace {

class ShardTimer final : public group::Timer {
 public:
  explicit ShardTimer(TimerQueue::Handle handle) : handle_(std::move(handle)) {}

 private:
  TimerQueue::Handle handle_;
};

}  // namespace

GroupEnvironment::GroupEnvironment(Shard& shard, replica::Partition& partition, ViewFeed& feed,
                                   GroupView& view)
    : shard_(shard),
      partition_(&partition),
      feed_(feed),
      view_(view),
      codec_(static_cast<wire::Codec>(shard.values().get_int("offsets.topic.compression.codec"))) {}

TimestampMs GroupEnvironment::wall_ms() const { return shard_.context().clock.wall_ms(); }
int64_t GroupEnvironment::monotonic_ms() const { return shard_.now_ns() / 1'000'000; }

void GroupEnvironment::append(std::vector<group::Record> records, AppendDone done) {
  const TimestampMs now = wall_ms();
  wire::BatchBuilder builder({.codec = codec_});
  for (const group::Record& record : records) builder.append(now, record.key, record.value);
  const auto slot = first_slot_ + static_cast<uint32_t>(appends_.size());
  Append& entry =
      appends_.emplace_back(Append{std::move(records), builder.build(), std::move(done), std::nullopt, {}});
  const auto staged = partition_->append(entry.batch, replica::Acks::kAll, now, shared_from_this(), slot,
                                         storage::AppendOrigin::kCoordinator);
  if (staged) return shard_.schedule_write(*partition_);
  shard_.schedule(
      [self = shared_from_this(), slot, error = staged.error().code] { self->end(slot, error, {}); });
}

void GroupEnvironment::on_append_done(uint32_t slot, ErrorCode error, const storage::AppendInfo& info) {
  end(slot, error, info);
}

// Those written wait for the high watermark, those refused do not; told they are in the order they came.
void GroupEnvironment::end(uint32_t slot, ErrorCode error, const storage::AppendInfo& info) {
  Append& entry = appends_[slot - first_slot_];
  entry.outcome = error;
  entry.info = info;
  tell_in_order();
}

void GroupEnvironment::tell_in_order() {
  while (!appends_.empty() && appends_.front().outcome) {
    Append entry = std::move(appends_.front());
    appends_.pop_front();
    ++first_slot_;
    if (*entry.outcome == ErrorCode::kNone && partition_ != nullptr)
      feed_.add(std::move(entry.records), entry.info.first_offset, entry.info.last_offset);
    if (coordinated_) entry.done(*entry.outcome);
  }
}

void GroupEnvironment::load(const std::string& group, LoadDone done) {
  feed_.ask([self = shared_from_this(), group, partition = partition_->name().partition,
             done = std::move(done)](const Result<group::View*>& view) -> ViewAnswer {
    auto loaded = std::make_shared<Result<group::StoredGroup>>(view ? (*view)->load(partition, group)
                                                                    : tl::unexpected(view.error()));
    if (!*loaded) self->view_.note_failure(loaded->error());
    return [self, done, loaded] {
      if (self->coordinated_) done(std::move(*loaded));
    };
  });
}

std::unique_ptr<group::Timer> GroupEnvironment::after(std::chrono::milliseconds delay,
                                                      std::function<void()> action) {
  return std::make_unique<ShardTimer>(shard_.timers().after(delay, std::move(action)));
}

int32_t GroupEnvironment::partition_count(std::string_view topic) const {
  const auto found = shard_.image()->find_topic(topic);
  return found ? static_cast<int32_t>(found->partitions.size()) : 0;
}

Uuid GroupEnvironment::topic_id(std::string_view topic) const {
  const auto found = shard_.image()->find_topic(topic);
  return found ? found->id : Uuid{};
}

Uuid GroupEnvironment::random_id() {
  static thread_local Random random = Random::from_system();
  return Uuid::generate(random);
}

void GroupEnvironment::leave_coordinator() {
  coordinated_ = false;
  for (Append& entry : appends_) entry.done = nullptr;
}

}  // namespace tributary::broker
