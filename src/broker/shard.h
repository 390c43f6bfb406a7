// One thread of the broker: a loop, the connections that came to it, the partitions that belong to it.
// Nothing in here is touched by another thread except through post().
//
// Work goes in turns. Handlers stage appends and note who must be told; at the end of the turn each touched
// partition is written once, then everyone whose wait ended goes on, then each connection with answers sends
// once.
#pragma once
#include <boost/intrusive/list.hpp>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker_context.h"
#include "buffer.h"
#include "connection.h"
#include "metadata_cache.h"
#include "shard_loop.h"
#include "tributary/base/metrics.h"
#include "tributary/replica/partition.h"

namespace tributary::broker {

class ShardGroups;

struct ApiProbe {
  Counter requests;
  Counter errors;
  Histogram total_us;
};

struct ShardProbe {
  std::vector<ApiProbe> apis;  // by Api::index
  Gauge connections;
  Counter connections_accepted;
  Counter connections_refused;  // over a limit on their number
  Counter bytes_received;
  Counter bytes_sent;
  Counter rejected_frames;
  Counter malformed_requests;
  Counter idle_closed;
  Counter cold_reads;
  storage::LogProbe log;

  explicit ShardProbe(size_t api_count) : apis(api_count) {}
};

// Where a partition of a request stands.
struct Placement {
  replica::Partition* partition = nullptr;  // here
  size_t shard = 0;                         // whose it is, if error is kNone
  wire::ErrorCode error = wire::ErrorCode::kNone;
  Uuid topic_id;
};

class Shard {
 public:
  Shard(BrokerContext& context, size_t index);
  ~Shard();

  Status open() { return loop_.open(); }  // before any thread
  void run();                             // on its thread, until stop
  // From any thread: writes what is staged, sends what fits the sockets, closes connections, ends run().
  void stop();
  // After the threads of all shards: drops work that was left, and partitions, while all shards stand.
  void release();

  BrokerContext& context() { return context_; }
  ShardLoop& loop() { return loop_; }
  size_t index() const { return index_; }
  TimerQueue& timers() { return loop_.timers(); }
  ChunkPool& chunks() { return chunks_; }
  ShardProbe& probe() { return probe_; }
  MetadataCache& metadata_cache() { return metadata_cache_; }
  int64_t now_ns() const { return context_.clock.monotonic_ns(); }
  const control::ImagePtr& image() const { return image_; }
  void set_image(control::ImagePtr image) { image_ = std::move(image); }
  const config::Values& values() const { return *values_; }
  void set_values(std::shared_ptr<const config::Values> values) { values_ = std::move(values); }

  template <typename Work>
  void post(Work&& work) {
    loop_.post(std::forward<Work>(work));
  }
  // On that shard: at once if it is this one, else posted.
  template <typename Work>
  void submit(size_t shard, Work&& work) {
    if (shard == index_) {
      work(*this);
      return;
    }
    Shard& other = *context_.shards[shard];
    other.post([&other, work = std::forward<Work>(work)]() mutable { work(other); });
  }

  // Connections.
  void adopt(Descriptor socket, const boost::asio::ip::tcp::endpoint& peer, const BoundListener& listener,
             ConnectionCounts::Place place);
  // It is closed; the loop may still hold events of it until the turn ends.
  void retire(std::shared_ptr<Connection> connection);
  void close_connections();
  bool dispatch(std::shared_ptr<Connection> connection, uint64_t sequence, ByteView frame,
                const BufferPtr& owner, MemoryShare memory);
  void touch(Connection& connection);
  void wait_for_memory(std::shared_ptr<Connection> connection);
  void memory_released();

  // Partitions.
  void add_partition(std::unique_ptr<replica::Partition> partition);
  std::unique_ptr<replica::Partition> remove_partition(const Uuid& topic, int32_t index);
  void set_config(const Uuid& topic, const storage::LogConfig& config);
  replica::Partition* find_partition(const Uuid& topic, int32_t index);
  Placement locate(std::string_view topic, int32_t index);
  Placement locate(const Uuid& topic, int32_t index);
  void for_each_partition(const std::function<void(replica::Partition&)>& visit);
  size_t partition_count() const { return partition_count_; }
  ShardGroups& groups() { return *groups_; }
  // Has it synced on the disk pool if that is due (or `force`).
  void sync_if_due(replica::Partition& partition, bool force = false);
  // `done` once it is synced up to the offset before `end`, or cannot be.
  void sync_up_to(replica::Partition& partition, Offset end, replica::Partition::SyncDone done);

  // End of turn.
  void schedule_write(replica::Partition& partition);
  void schedule_flush(std::shared_ptr<Connection> connection);
  void schedule(std::function<void()> work);

 private:
  struct TopicSlot {
    std::string name;
    Uuid id;
    std::vector<std::unique_ptr<replica::Partition>> partitions;  // null: elsewhere, or not open
    size_t open = 0;
  };
  struct NameHash {
    using is_transparent = void;
    size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
  };

  Placement elsewhere(const control::TopicPtr& topic, int32_t index) const;
  void end_turn();
  void write_partitions();
  void reap_idle();

  // In an order that lets work left in the loop be destroyed while what they refer to still stands.
  BrokerContext& context_;
  const size_t index_;
  ShardProbe probe_;
  control::ImagePtr image_;
  std::shared_ptr<const config::Values> values_;
  ChunkPool chunks_;
  MetadataCache metadata_cache_;
  boost::intrusive::list<Connection, boost::intrusive::constant_time_size<false>>
      connections_;  // idle longest first
  std::unordered_map<Uuid, std::unique_ptr<TopicSlot>, UuidHash> topics_;
  std::unordered_map<std::string, TopicSlot*, NameHash, std::equal_to<>> topics_by_name_;
  size_t partition_count_ = 0;
  std::unique_ptr<ShardGroups> groups_;

  ShardLoop loop_;
  TimerQueue::Handle reaper_;
  std::vector<std::shared_ptr<Connection>> waiting_for_memory_;
  std::vector<replica::Partition*> to_write_;
  std::vector<std::function<void()>> ready_;
  std::vector<std::shared_ptr<Connection>> to_flush_;
  std::vector<std::shared_ptr<Connection>> retired_;
};

}  // namespace tributary::broker
