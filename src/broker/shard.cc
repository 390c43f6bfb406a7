#include "shard.h"

#include "api_table.h"
#include "offsets_topic.h"
#include "request.h"
#include "shard_groups.h"
#include "tributary/wire/api_versions_table.h"

namespace tributary::broker {

Shard::Shard(BrokerContext& context, size_t index)
    : context_(context),
      index_(index),
      probe_(api_table().size()),
      values_(context.values),
      groups_(std::make_unique<ShardGroups>(*this)),
      loop_([this] { end_turn(); }) {}

Shard::~Shard() = default;

void Shard::run() {
  reap_idle();
  loop_.run();
}

void Shard::stop() {
  post([this] {
    end_turn();
    groups_->end_coordinators();
    close_connections();
    loop_.stop();
  });
}

void Shard::release() {
  reaper_.cancel();
  waiting_for_memory_.clear();
  groups_.reset();
  loop_.drop_handlers();
  ready_.clear();
  to_flush_.clear();
  retired_.clear();
  topics_by_name_.clear();
  topics_.clear();
}

// ---- connections

void Shard::adopt(Descriptor socket, const boost::asio::ip::tcp::endpoint& peer,
                  const BoundListener& listener, ConnectionCounts::Place place) {
  probe_.connections_accepted.add_unshared();
  std::make_shared<Connection>(*this, std::move(socket), peer, listener, std::move(place))->start();
}

void Shard::retire(std::shared_ptr<Connection> connection) {
  retired_.push_back(std::move(connection));
  loop_.begin_turn();
}

void Shard::close_connections() {
  while (!connections_.empty()) connections_.front().shared_from_this()->close("the broker stops");
}

void Shard::touch(Connection& connection) {
  if (connection.is_linked()) connection.unlink();
  connections_.push_back(connection);
}

void Shard::reap_idle() {
  const int64_t limit = context_.limits.connection_idle_ns;
  int64_t wait = limit;
  while (!connections_.empty()) {
    Connection& oldest = connections_.front();
    const int64_t idle = now_ns() - oldest.last_active_ns();
    if (idle < limit) {
      wait = limit - idle;
      break;
    }
    probe_.idle_closed.add_unshared();
    oldest.shared_from_this()->close("idle for connections.max.idle.ms");
  }
  reaper_ = timers().after(std::chrono::nanoseconds(wait), [this] { reap_idle(); });
}

void Shard::wait_for_memory(std::shared_ptr<Connection> connection) {
  waiting_for_memory_.push_back(std::move(connection));
}

void Shard::memory_released() {
  for (auto& connection : std::exchange(waiting_for_memory_, {})) connection->memory_available();
}

bool Shard::dispatch(std::shared_ptr<Connection> connection, uint64_t sequence, ByteView frame,
                     const BufferPtr& owner, MemoryShare memory) {
  if (frame.size() < 8) return false;
  const auto key = load_be<int16_t>(frame.data());
  auto version = load_be<int16_t>(frame.data() + 2);
  const Api* api = find_api(key);
  if (api == nullptr) return false;
  const bool served = version >= api->min_version && version <= api->max_version;
  if (!served && api->key != wire::ApiKey::kApiVersions) return false;

  wire::RequestHeader header;
  ByteView body;
  if (served) {
    wire::Reader reader(frame);
    header.decode(reader, wire::request_header_version(key, version));
    if (!reader.ok()) return false;
    body = frame.last(reader.remaining());
  } else {
    // An ApiVersions request of a version from the future: only its fixed part can be read, and the answer
    // says so in the layout of version 0 (KIP-511).
    header.api_key = key;
    header.api_version = version;
    header.correlation_id = load_be<int32_t>(frame.data() + 4);
  }
  probe_.apis[api->index].requests.add_unshared();
  api->handle(std::make_shared<Request>(std::move(connection), sequence, *api, std::move(header), body, owner,
                                        std::move(memory)));
  return true;
}

// ---- partitions

void Shard::add_partition(std::unique_ptr<replica::Partition> partition) {
  auto& slot = topics_[partition->topic_id()];
  if (!slot) {
    slot = std::make_unique<TopicSlot>();
    slot->name = partition->name().topic;
    slot->id = partition->topic_id();
  }
  topics_by_name_[slot->name] = slot.get();
  const auto index = static_cast<size_t>(partition->name().partition);
  if (slot->partitions.size() <= index) slot->partitions.resize(index + 1);
  slot->partitions[index] = std::move(partition);
  ++slot->open;
  ++partition_count_;
  if (slot->name == kOffsetsTopic) groups_->add(*slot->partitions[index]);
}

std::unique_ptr<replica::Partition> Shard::remove_partition(const Uuid& topic, int32_t index) {
  const auto found = topics_.find(topic);
  if (found == topics_.end() || find_partition(topic, index) == nullptr) return nullptr;
  TopicSlot& slot = *found->second;
  if (slot.name == kOffsetsTopic) groups_->remove(index);
  auto partition = std::move(slot.partitions[static_cast<size_t>(index)]);
  std::erase(to_write_, partition.get());
  --partition_count_;
  if (--slot.open == 0) {
    const auto named = topics_by_name_.find(slot.name);
    if (named != topics_by_name_.end() && named->second == &slot) topics_by_name_.erase(named);
    topics_.erase(found);
  }
  return partition;
}

void Shard::set_config(const Uuid& topic, const storage::LogConfig& config) {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return;
  for (auto& partition : found->second->partitions) {
    if (partition) partition->log().set_config(config);
  }
}

replica::Partition* Shard::find_partition(const Uuid& topic, int32_t index) {
  const auto found = topics_.find(topic);
  if (found == topics_.end() || index < 0) return nullptr;
  const auto& partitions = found->second->partitions;
  return static_cast<size_t>(index) < partitions.size() ? partitions[static_cast<size_t>(index)].get()
                                                        : nullptr;
}

Placement Shard::locate(std::string_view topic, int32_t index) {
  const auto found = topics_by_name_.find(topic);
  if (found != topics_by_name_.end() && index >= 0) {
    const auto& partitions = found->second->partitions;
    if (static_cast<size_t>(index) < partitions.size() && partitions[static_cast<size_t>(index)]) {
      return {partitions[static_cast<size_t>(index)].get(), index_, wire::ErrorCode::kNone,
              found->second->id};
    }
  }
  return elsewhere(image_->find_topic(topic), index);
}

Placement Shard::locate(const Uuid& topic, int32_t index) {
  if (auto* partition = find_partition(topic, index))
    return {partition, index_, wire::ErrorCode::kNone, topic};
  const control::TopicPtr known = image_->find_topic(topic);
  if (!known) return {nullptr, index_, wire::ErrorCode::kUnknownTopicId, topic};
  return elsewhere(known, index);
}

// Not open here: another shard's, known but not (yet) open, or unknown.
Placement Shard::elsewhere(const control::TopicPtr& topic, int32_t index) const {
  if (!topic || index < 0 || static_cast<size_t>(index) >= topic->partitions.size()) {
    return {nullptr, index_, wire::ErrorCode::kUnknownTopicOrPartition, {}};
  }
  const size_t owner = context_.shard_of(topic->id, index);
  if (owner == index_) return {nullptr, index_, wire::ErrorCode::kNotLeaderOrFollower, topic->id};
  return {nullptr, owner, wire::ErrorCode::kNone, topic->id};
}

void Shard::for_each_partition(const std::function<void(replica::Partition&)>& visit) {
  for (auto& [id, slot] : topics_) {
    for (auto& partition : slot->partitions) {
      if (partition) visit(*partition);
    }
  }
}

void Shard::sync_if_due(replica::Partition& partition, bool force) {
  auto ticket = partition.begin_sync(context_.clock.wall_ms(), force);
  if (!ticket) return;
  boost::asio::post(context_.disk_pool, [this, id = partition.topic_id(), index = partition.name().partition,
                                         pending = std::move(*ticket)]() mutable {
    Status status = pending.run();
    post([this, id, index, pending = std::move(pending), status = std::move(status)] {
      auto* target = find_partition(id, index);
      if (target == nullptr) return;
      target->sync_finished(pending, status);
      if (!status)
        spdlog::error("sync of {}-{} failed: {}", target->name().topic, index, status.error().message);
      // A disk that fails is asked again by the next append or the periodic check, not at once.
      if (status) sync_if_due(*target);
    });
  });
}

void Shard::sync_up_to(replica::Partition& partition, Offset end, replica::Partition::SyncDone done) {
  partition.when_synced(end, std::move(done));
  sync_if_due(partition);
}

// ---- turns

void Shard::schedule_write(replica::Partition& partition) {
  if (std::exchange(partition.write_scheduled, true)) return;
  to_write_.push_back(&partition);
  loop_.begin_turn();
}

void Shard::schedule_flush(std::shared_ptr<Connection> connection) {
  to_flush_.push_back(std::move(connection));
  loop_.begin_turn();
}

void Shard::schedule(std::function<void()> work) {
  ready_.push_back(std::move(work));
  loop_.begin_turn();
}

void Shard::end_turn() {
  write_partitions();
  for (auto& work : std::exchange(ready_, {})) work();
  for (auto& connection : std::exchange(to_flush_, {})) connection->flush();
  retired_.clear();
}

void Shard::write_partitions() {
  for (auto* partition : std::exchange(to_write_, {})) {
    partition->write_scheduled = false;
    if (Status written = partition->flush(); !written) {
      if (context_.storage_log.allow(now_ns())) {
        spdlog::error("append to {}-{} failed: {}", partition->name().topic, partition->name().partition,
                      written.error().message);
      }
    }
    sync_if_due(*partition);
  }
}

}  // namespace tributary::broker
