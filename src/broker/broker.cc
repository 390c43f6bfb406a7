#include "tributary/broker/broker.h"

#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <future>
#include <thread>

#include "broker_context.h"
#include "fetch_session.h"
#include "group_view.h"
#include "listener.h"
#include "log_cleaner.h"
#include "metrics.h"
#include "node_directories.h"
#include "offsets_topic.h"
#include "partition_manager.h"
#include "producer_ids.h"
#include "shard.h"
#include "shard_groups.h"
#include "tributary/base/random.h"
#include "tributary/config/reload.h"

namespace tributary::broker {

BrokerContext::BrokerContext(const config::Values& settings, const Clock& time, Limits bounds,
                             size_t memory_limit, size_t disk_threads)
    : values(std::make_shared<const config::Values>(settings)),
      auto_create_topics(settings.get_bool("auto.create.topics.enable")),
      clock(time),
      limits(std::move(bounds)),
      memory(memory_limit),
      incoming(memory_limit / 2),
      answers(memory_limit / 2),
      disk_pool(disk_threads),
      control(1) {
  const auto wake = [this] {
    for (auto& shard : shards) shard->post([&shard = *shard] { shard.memory_released(); });
  };
  memory.call_when_freed(wake);
  incoming.call_when_freed(wake);
}

// Work that was left behind holds connections, partitions and requests of any shard: all of it goes before
// the first shard does.
BrokerContext::~BrokerContext() {
  memory.call_when_freed(nullptr);
  incoming.call_when_freed(nullptr);
  disk_pool.drop_handlers();
  control.drop_handlers();
  cleaner.reset();
  partitions.reset();
  for (auto& shard : shards) shard->release();
  shards.clear();
}

namespace {

constexpr int64_t kSessionEvictionMs = 120'000;
constexpr size_t kBytesOfSessionPartition = 1024;  // about a quarter of that with a short name
constexpr int64_t kControllerTickMs = 60'000;
constexpr int64_t kLongestSyncCheckMs =
    1000;  // so that a topic's flush.ms is kept whatever the scheduler's interval

// Beside the log directory: Kafka refuses to start on one with a directory in it that it does not know.
std::string state_directory(const config::Values& values) {
  if (std::string configured = values.get_string("state.dir"); !configured.empty()) return configured;
  std::string first = config::log_dirs(values).front();
  while (first.size() > 1 && first.ends_with('/')) first.pop_back();
  return first + ".state";
}

std::string local_host_name() {
  char name[256] = "localhost";
  gethostname(name, sizeof name - 1);
  return name;
}

// One CPU is left to the disk pool, the system and whoever else is there.
size_t shard_count_of(const config::Values& values, const config::Machine& machine) {
  const int64_t configured = values.get_long("network.threads");
  return configured > 0 ? static_cast<size_t>(configured)
                        : static_cast<size_t>(std::max(1, machine.cpus - 1));
}

size_t disk_threads_of(const config::Values& values, const config::Machine& machine) {
  const int64_t configured = values.get_long("io.threads");
  return configured > 0 ? static_cast<size_t>(configured)
                        : static_cast<size_t>(std::clamp(machine.cpus, 2, 16));
}

}  // namespace

struct Broker::Impl {
  Impl(const BrokerOptions& options)
      : values(*options.values),
        random(Random::from_system()),
        fs(storage::make_posix_file_system()),
        context(*options.values, *options.clock, limits_of(*options.values, options.machine),
                request_memory_of(*options.values, options.machine),
                disk_threads_of(*options.values, options.machine)) {
    const size_t shards = shard_count_of(values, options.machine);
    context.group_view = std::make_unique<GroupView>(context, state_directory(values) + "/groups");
    context.offsets_topic = std::make_unique<OffsetsTopic>(context);
    for (size_t i = 0; i < shards; ++i) context.shards.push_back(std::make_unique<Shard>(context, i));
  }

  Status open_directories();
  Status bind_listeners();
  Status open_controller();
  void run_threads();
  void run_control();
  void every(int64_t interval_ms, std::function<void()> work);
  void schedule_upkeep();
  Status close_logs();
  Status mark_clean();
  void take_over(const config::Values& loaded);
  Status finish_groups();

  const config::Values& values;  // as at the start
  Random random;
  std::unique_ptr<storage::FileSystem> fs;
  BrokerContext context;
  config::Listeners listeners;
  NodeDirectories directories;
  std::vector<std::unique_ptr<Acceptor>> acceptors;
  std::vector<std::thread> threads;
  std::thread control_thread;
  std::vector<std::shared_ptr<boost::asio::steady_timer>> timers;
  int64_t broker_epoch = -1;
  bool stopped = false;
};

// ---- start

Status Broker::Impl::open_directories() {
  TRIBUTARY_ASSIGN(directories, NodeDirectories::open(*fs, values, random));
  context.cluster_id = directories.cluster_id;
  context.node_id = directories.node_id;
  return {};
}

Status Broker::Impl::bind_listeners() {
  TRIBUTARY_ASSIGN(listeners, config::resolve_listeners(values));
  const auto is_controller = [&](const std::string& name) {
    return std::find(listeners.controller.begin(), listeners.controller.end(), name) !=
           listeners.controller.end();
  };
  for (const config::Listener& bound : listeners.bind) {
    if (is_controller(bound.name)) continue;  // there is no peer that could use it
    context.listeners.push_back({bound.name, bound.protocol, bound.host, bound.port});
  }
  for (BoundListener& listener : context.listeners) {
    auto acceptor = std::make_unique<Acceptor>(context, listener);
    TRIBUTARY_TRY(acceptor->bind(listener.host, listener.port));
    listener.port = acceptor->port();
    acceptors.push_back(std::move(acceptor));
  }
  return {};
}

Status Broker::Impl::open_controller() {
  control::ControllerOptions options;
  options.fs = fs.get();
  options.directory = directories.metadata_path;
  options.node_id = context.node_id;
  options.cluster_id = context.cluster_id;
  options.directory_id = directories.metadata_id;
  options.incarnation = Uuid::generate(random);
  for (const config::Listener& advertised : listeners.advertised) {
    const auto bound = std::find_if(context.listeners.begin(), context.listeners.end(),
                                    [&](const BoundListener& one) { return one.name == advertised.name; });
    if (bound == context.listeners.end()) continue;
    const uint16_t port = advertised.port != 0 ? advertised.port : bound->port;
    options.endpoints.push_back({advertised.name,
                                 advertised.host.empty() ? local_host_name() : advertised.host, port,
                                 static_cast<int16_t>(advertised.protocol)});
  }
  for (const config::Listener& voter : listeners.controller_advertised) {
    options.controller_endpoints.push_back({voter.name, voter.host.empty() ? local_host_name() : voter.host,
                                            voter.port, static_cast<int16_t>(voter.protocol)});
  }
  if (const std::string rack = values.get_string("broker.rack"); !rack.empty()) options.rack = rack;
  options.log_directories = directories.ids;
  options.values = context.values;
  options.clock = &context.clock;
  options.random = &random;
  options.allow_unenforced_acls = values.get_bool("allow_unenforced_acls");
  TRIBUTARY_ASSIGN(context.controller, control::Controller::open(std::move(options)));
  context.producer_ids = std::make_unique<ProducerIds>(*context.controller);
  if (const auto self = context.controller->image()->find_broker(context.node_id)) broker_epoch = self->epoch;
  return {};
}

void Broker::Impl::run_threads() {
  for (auto& shard : context.shards) threads.emplace_back([&shard = *shard] { shard.run(); });
}

void Broker::Impl::run_control() {
  context.controller->on_image([this](const control::ImagePtr& image) {
    context.partitions->apply(image);
    context.cleaner->reconfigure();
  });
  schedule_upkeep();
  control_thread = std::thread([this] {
    const auto guard = boost::asio::make_work_guard(context.control);
    context.control.run();
  });
}

void Broker::Impl::every(int64_t interval_ms, std::function<void()> work) {
  auto timer = std::make_shared<boost::asio::steady_timer>(context.control);
  timers.push_back(timer);
  auto again = std::make_shared<std::function<void()>>();
  *again = [timer, interval_ms, work = std::move(work), weak = std::weak_ptr(again)] {
    timer->expires_after(std::chrono::milliseconds(interval_ms));
    timer->async_wait([work, self = weak.lock()](const boost::system::error_code& error) {
      if (error) return;
      work();
      (*self)();
    });
  };
  (*again)();
}

void Broker::Impl::schedule_upkeep() {
  PartitionManager& partitions = *context.partitions;
  every(values.get_long("log.flush.offset.checkpoint.interval.ms"),
        [&] { partitions.write_checkpoints([] {}); });
  every(values.get_long("log.retention.check.interval.ms"), [&] { partitions.apply_retention(); });
  every(std::min(values.get_long("log.flush.scheduler.interval.ms"), kLongestSyncCheckMs),
        [&] { partitions.sync_dirty(); });
  every(values.get_long("producer.id.expiration.check.interval.ms"), [&] { partitions.expire_producers(); });
  every(values.get_long("log.flush.offset.checkpoint.interval.ms"),
        [this] { context.group_view->flush_soon(); });
  every(values.get_long("offsets.retention.check.interval.ms"), [this] {
    for (auto& shard : context.shards) {
      shard->post(
          [&shard = *shard] { shard.groups().for_each([](GroupHost& host) { host.expire_offsets(); }); });
    }
  });
  every(kControllerTickMs, [this] { context.controller->tick(); });
}

Broker::Broker(BrokerOptions options) : options_(options), impl_(std::make_unique<Impl>(options)) {}
Broker::~Broker() { stop(); }

Status Broker::start() {
  Impl& impl = *impl_;
  for (auto& shard : impl.context.shards) TRIBUTARY_TRY(shard->open());
  TRIBUTARY_ASSIGN(impl.context.limits.max_connections_of, connection_overrides_of(impl.values));
  TRIBUTARY_TRY(impl.open_directories());
  TRIBUTARY_TRY(impl.bind_listeners());
  TRIBUTARY_TRY(impl.open_controller());
  // Only now: a cluster that is refused keeps its marker, and its logs need no recovery where it goes back
  // to.
  for (auto& directory : impl.directories.logs) TRIBUTARY_TRY(directory->begin_run());
  impl.context.fetch_sessions = std::make_unique<FetchSessionCache>(
      static_cast<size_t>(impl.values.get_long("max.incremental.fetch.session.cache.slots")),
      impl.context.memory.limit() / kBytesOfSessionPartition, kSessionEvictionMs, impl.random.next());
  impl.context.partitions =
      std::make_unique<PartitionManager>(impl.context, *impl.fs, std::move(impl.directories.logs));
  impl.context.cleaner = std::make_unique<LogCleaner>(impl.context, impl.context.partitions->directories());
  TRIBUTARY_TRY(impl.context.cleaner->checkpoints().read());
  impl.run_threads();
  state_ = BrokerState::kRecovering;
  TRIBUTARY_TRY(impl.context.partitions->load(impl.context.controller->image()));
  TRIBUTARY_TRY(impl.context.cleaner->start());
  impl.run_control();
  for (auto& acceptor : impl.acceptors) TRIBUTARY_TRY(acceptor->start());
  state_ = BrokerState::kServing;
  return {};
}

void Broker::cancel_start() { impl_->context.start_cancelled = true; }

// ---- stop

void Broker::stop() {
  Impl& impl = *impl_;
  if (std::exchange(impl.stopped, true)) return;
  const bool served = state_.exchange(BrokerState::kStopping) == BrokerState::kServing;
  for (auto& acceptor : impl.acceptors) acceptor->stop();
  impl.context.control.stop();
  if (impl.control_thread.joinable()) impl.control_thread.join();
  if (impl.context.cleaner) impl.context.cleaner->stop();
  for (auto& shard : impl.context.shards) shard->stop();
  for (auto& thread : impl.threads) thread.join();
  Status closed = impl.close_logs();
  impl.context.disk_pool.join();
  // A start that failed half-way leaves no marker: the next one checks the logs.
  if (closed && served) closed = impl.mark_clean();
  if (closed && served) closed = impl.finish_groups();
  if (!closed) spdlog::error("not shut down cleanly: {}", closed.error().message);
  state_ = BrokerState::kStopped;
}

Status Broker::Impl::close_logs() {
  Status partitions = context.partitions ? context.partitions->close() : Status{};
  if (context.controller) TRIBUTARY_TRY(context.controller->close());
  return partitions;
}

Status Broker::Impl::mark_clean() {
  for (const auto& directory : context.partitions->directories()) {
    TRIBUTARY_TRY(directory->write_clean_marker(broker_epoch));
  }
  return {};
}

void Broker::reload(const config::Values& loaded) {
  boost::asio::post(impl_->context.control, [&impl = *impl_, loaded] { impl.take_over(loaded); });
}

void Broker::Impl::take_over(const config::Values& loaded) {
  auto next = std::make_shared<const config::Values>(config::take_over(*context.values, loaded));
  auto overrides = connection_overrides_of(*next);
  if (!overrides) return spdlog::error("configuration not reloaded: {}", overrides.error().message);
  context.values = next;
  context.controller->set_values(next);
  for (auto& shard : context.shards) shard->post([&shard = *shard, next] { shard.set_values(next); });
  // Where connections are accepted.
  context.shards[0]->post([this, overrides = std::move(*overrides)]() mutable {
    context.limits.max_connections_of = std::move(overrides);
  });
  context.partitions->reconfigure();
  context.cleaner->reconfigure();
}

// Once all logs are on the disk the view of groups may go there too.
Status Broker::Impl::finish_groups() {
  for (auto& shard : context.shards) {
    shard->groups().for_each([](GroupHost& host) { host.feed().apply_rest(); });
  }
  return context.group_view->finish();
}

// ---- asked by the admin port

bool Broker::alive() const {
  const auto patience = std::chrono::seconds(1);
  std::vector<std::future<void>> answers;
  if (state_ == BrokerState::kStarting) return true;
  for (auto& shard : impl_->context.shards) {
    auto answered = std::make_shared<std::promise<void>>();
    answers.push_back(answered->get_future());
    shard->post([answered] { answered->set_value(); });
  }
  return std::all_of(answers.begin(), answers.end(),
                     [&](auto& answer) { return answer.wait_for(patience) == std::future_status::ready; });
}

std::string Broker::metrics() const { return render_broker_metrics(impl_->context, state_.load()); }

std::string Broker::describe_state() const {
  switch (state_.load()) {
    case BrokerState::kStarting:
      return "starting";
    case BrokerState::kRecovering: {
      const auto& progress = impl_->context.partitions->progress();
      return fmt::format("recovering: {} of {} logs open", progress.opened.load(), progress.total.load());
    }
    case BrokerState::kServing:
      return "serving";
    case BrokerState::kStopping:
      return "stopping";
    case BrokerState::kStopped:
      return "stopped";
  }
  return "unknown";
}

std::string Broker::bootstrap() const {
  const auto& all = impl_->context.listeners;
  if (all.empty()) return "";
  return fmt::format("{}:{}", all.front().host.empty() ? "127.0.0.1" : all.front().host, all.front().port);
}

}  // namespace tributary::broker
