// What all shards and handlers share: limits, budget, pools, the controller, who we are. Made once by the
// broker before any shard runs; what changes afterwards has its own synchronisation, said at the member.
#pragma once
#include <spdlog/spdlog.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <string>
#include <vector>

#include "broker_limits.h"
#include "buffer.h"
#include "connection_counts.h"
#include "connection_rate.h"
#include "tributary/base/clock.h"
#include "tributary/config/resolve.h"
#include "tributary/config/values.h"
#include "tributary/control/controller.h"

namespace tributary::broker {

// Event loops whose waiting work can be destroyed, unrun, while what it refers to still stands. Its threads
// have ended by then.
class EventLoop : public boost::asio::io_context {
 public:
  using io_context::io_context;
  void drop_handlers() { shutdown(); }
};
class WorkerPool : public boost::asio::thread_pool {
 public:
  using thread_pool::thread_pool;
  void drop_handlers() {
    stop();
    join();
    shutdown();
  }
};

class Shard;
class FetchSessionCache;
class PartitionManager;
class ProducerIds;
class LogCleaner;
class Acceptor;
class GroupView;
class OffsetsTopic;

// One listener a connection can have come in by, and what we advertise for it.
struct BoundListener {
  std::string name;
  config::SecurityProtocol protocol = config::SecurityProtocol::kPlaintext;
  std::string host;
  uint16_t port = 0;
};

// At most one in each second says so in the log. Any thread.
class RateLimit {
 public:
  bool allow(int64_t now_ns) {
    int64_t last = last_ns_.load(std::memory_order_relaxed);
    return now_ns - last >= 1'000'000'000 && last_ns_.compare_exchange_strong(last, now_ns);
  }

 private:
  std::atomic<int64_t> last_ns_{-1'000'000'000};
};

struct BrokerContext {
  // What is configured now; a reload puts another object in its place. Control thread, and main before the
  // threads run; shards have their own pointer to it.
  std::shared_ptr<const config::Values> values;
  const bool auto_create_topics;
  const Clock& clock;
  Limits limits;
  MemoryBudget memory;  // requests in progress
  // Of frames that have not arrived whole. Apart, so that peers who never finish cannot stop those who do.
  MemoryBudget incoming;
  // Of records read and not yet sent. Apart, so that peers who read nothing cannot stop requests; when it is
  // used up a fetch is answered with one batch.
  MemoryBudget answers;
  NodeId node_id{1};
  std::string cluster_id;
  std::vector<BoundListener> listeners;
  ConnectionCounts connection_counts;
  ConnectionRate connection_rate;  // shard 0
  std::vector<std::unique_ptr<Shard>> shards;
  // Blocking work: syncs, cold reads, opening and closing of logs.
  WorkerPool disk_pool;
  // The controller's own thread; its disk may block it.
  EventLoop control;
  std::unique_ptr<control::Controller> controller;
  std::unique_ptr<FetchSessionCache> fetch_sessions;
  std::unique_ptr<PartitionManager> partitions;
  std::unique_ptr<ProducerIds> producer_ids;  // control thread
  std::unique_ptr<LogCleaner> cleaner;
  std::unique_ptr<GroupView> group_view;
  std::unique_ptr<OffsetsTopic> offsets_topic;
  std::atomic<bool> start_cancelled{false};
  std::atomic<bool> draining{false};
  RateLimit reject_log;
  RateLimit storage_log;

  BrokerContext(const config::Values& settings, const Clock& time, Limits bounds, size_t memory_limit,
                size_t disk_threads);
  ~BrokerContext();

  size_t shard_of(const Uuid& topic, int32_t partition) const {
    return (UuidHash{}(topic) + static_cast<size_t>(partition)) % shards.size();
  }
};

}  // namespace tributary::broker
