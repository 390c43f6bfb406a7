#include "memory_environment.h"

#include <stdexcept>

namespace tributary::group {

void apply_records(StoredGroups& groups, const std::vector<Record>& records) {
  for (const Record& record : records) {
    const auto value = record.value ? std::optional<ByteView>(*record.value) : std::nullopt;
    const auto event = parse_record(record.key, value);
    if (!event) throw std::runtime_error(event.error().message);
    if (const auto* metadata = std::get_if<MetadataEvent>(&*event)) {
      groups[metadata->group].metadata = metadata->metadata;
    } else if (const auto* offset = std::get_if<OffsetEvent>(&*event)) {
      StoredGroup& group = groups[offset->group];
      group.offsets.erase(offset->partition);
      if (offset->commit) {
        group.offsets.emplace(offset->partition, *offset->commit);
      } else {
        for (auto& [producer, offsets] : group.pending_offsets) offsets.erase(offset->partition);
      }
    }
  }
  std::erase_if(groups, [](const auto& entry) { return !entry.second.exists(); });
}

class MemoryEnvironment::MemoryTimer final : public Timer {
 public:
  MemoryTimer(const std::shared_ptr<Timers>& timers, Timers::key_type key) : timers_(timers), key_(key) {}
  MemoryTimer(const MemoryTimer&) = delete;
  MemoryTimer& operator=(const MemoryTimer&) = delete;
  ~MemoryTimer() override {
    if (const auto timers = timers_.lock()) timers->erase(key_);
  }

 private:
  std::weak_ptr<Timers> timers_;
  Timers::key_type key_;
};

std::unique_ptr<Timer> MemoryEnvironment::after(std::chrono::milliseconds delay,
                                                std::function<void()> action) {
  const Timers::key_type key{now_ms_ + std::max<int64_t>(delay.count(), 0), next_timer_++};
  timers_->emplace(key, std::move(action));
  return std::make_unique<MemoryTimer>(timers_, key);
}

int32_t MemoryEnvironment::partition_count(std::string_view topic) const {
  const auto found = topics.find(topic);
  return found == topics.end() ? 0 : found->second.partitions;
}

Uuid MemoryEnvironment::topic_id(std::string_view topic) const {
  const auto found = topics.find(topic);
  return found == topics.end() ? Uuid{} : found->second.id;
}

Uuid MemoryEnvironment::random_id() {
  Uuid id;
  store_be(id.bytes.data() + 8, ++next_id_);
  return id;
}

void MemoryEnvironment::add_topic(const std::string& name, int32_t partitions) {
  topics[name] = {random_id(), partitions};
}

bool MemoryEnvironment::run_append() {
  if (pending.empty()) return false;
  Batch batch = std::move(pending.front());
  pending.pop_front();
  wire::ErrorCode result = wire::ErrorCode::kNone;
  if (!append_results.empty()) {
    result = append_results.front();
    append_results.pop_front();
  }
  if (result == wire::ErrorCode::kNone) {
    apply_records(view, batch.records);
    log.push_back(std::move(batch.records));
  }
  batch.done(result);
  return true;
}

bool MemoryEnvironment::run_load() {
  if (loads.empty()) return false;
  const auto [group, done] = std::move(loads.front());
  loads.pop_front();
  ++loads_done;
  if (failing_loads > 0) {
    --failing_loads;
    done(fail(Errc::kCorruption, "injected"));
    return true;
  }
  const auto found = view.find(group);
  done(found == view.end() ? StoredGroup{} : found->second);
  return true;
}

void MemoryEnvironment::run() {
  while ((!hold_appends && run_append()) || (!hold_loads && run_load())) {
  }
}

void MemoryEnvironment::advance(int64_t ms) {
  run();
  const int64_t until = now_ms_ + ms;
  while (!timers_->empty() && timers_->begin()->first.first <= until) {
    auto due = timers_->extract(timers_->begin());
    wall_ms_ += due.key().first - now_ms_;
    now_ms_ = due.key().first;
    due.mapped()();
    run();
  }
  wall_ms_ += until - now_ms_;
  now_ms_ = until;
}

}  // namespace tributary::group
