#include "log_cleaner.h"

#include <sys/resource.h>

#include <algorithm>
#include <mutex>

#include "partition_manager.h"
#include "shard.h"

namespace tributary::broker {

using storage::Cleaning;
using storage::TopicPartition;

namespace {

constexpr int64_t kLeastIoBuffer = 4096;
constexpr int kNiceness = 10;
constexpr double kMebibyte = 1 << 20;

double mebibytes(uint64_t bytes) { return static_cast<double>(bytes) / kMebibyte; }

void collect_candidates(Shard& shard, TimestampMs now, std::vector<CleanerCandidate>& into) {
  shard.for_each_partition([&](replica::Partition& partition) {
    const storage::Log& log = partition.log();
    if (!log.config().compact_policy || log.is_being_cleaned()) return;
    CleanerCandidate candidate{partition.topic_id(),
                               shard.index(),
                               log.name(),
                               log.directory(),
                               log.cleanable(now, partition.high_watermark()),
                               0,
                               log.checkpoint_lags()};
    into.push_back(std::move(candidate));
  });
}

}  // namespace

LogCleaner::LogCleaner(BrokerContext& context, const CleanerCheckpoints::Directories& directories)
    : context_(context),
      directories_(directories),
      checkpoints_(directories),
      random_(Random::from_system()),
      timer_(context.control),
      uncleanable_in_(directories.size()) {}

LogCleaner::~LogCleaner() = default;

Status LogCleaner::start() {
  TRIBUTARY_TRY(checkpoints_.settle());
  last_look_ms_.set(context_.clock.wall_ms());
  take_settings();
  look();
  return {};
}

void LogCleaner::take_settings() {
  settings_ =
      control::resolve_cleaner_config(*context_.controller->image(), *context_.values, context_.node_id);
  throttle_.set_rate(settings_.io_bytes_per_second);
}

void LogCleaner::reconfigure() {
  const control::CleanerConfig before = settings_;
  take_settings();
  if (settings_ == before) return;
  uncleanable_.clear();
  look();
}

void LogCleaner::forget(const TopicPartition& name) {
  uncleanable_.erase(name);
  if (Status written = checkpoints_.forget(name); !written)
    spdlog::error("the log cleaner's checkpoint: {}", written.error().message);
}

// ---- looking

size_t LogCleaner::running() const {
  return static_cast<size_t>(std::count_if(workers_.begin(), workers_.end(),
                                           [](const auto& worker) { return worker->pass != nullptr; }));
}

void LogCleaner::look() {
  if (looking_ || !settings_.enabled || running() >= static_cast<size_t>(std::max(settings_.threads, 0)))
    return;
  looking_ = true;
  last_look_ms_.set(context_.clock.wall_ms());
  gather(Checkpoint::kAsItIs);
}

void LogCleaner::look_later() {
  looking_ = false;
  timer_.expires_after(std::chrono::milliseconds(std::max<int64_t>(settings_.backoff_ms, 1)));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) look();
  });
}

void LogCleaner::gather(Checkpoint checkpoint) {
  struct Gathered {
    std::mutex mutex;
    std::shared_ptr<Candidates> all = std::make_shared<Candidates>();
    size_t left;
  };
  auto gathered_here = std::make_shared<Gathered>();
  gathered_here->left = context_.shards.size();
  for (auto& shard : context_.shards) {
    shard->post([this, gathered_here, checkpoint, &shard = *shard] {
      Candidates mine;
      collect_candidates(shard, context_.clock.wall_ms(), mine);
      const std::lock_guard lock(gathered_here->mutex);
      std::move(mine.begin(), mine.end(), std::back_inserter(*gathered_here->all));
      if (--gathered_here->left > 0) return;
      boost::asio::post(context_.control,
                        [this, all = gathered_here->all, checkpoint] { gathered(all, checkpoint); });
    });
  }
}

void LogCleaner::gathered(const std::shared_ptr<Candidates>& all, Checkpoint checkpoint) {
  const bool lags =
      std::any_of(all->begin(), all->end(), [](const auto& one) { return one.checkpoint_lags; });
  if (lags && checkpoint == Checkpoint::kAsItIs) {
    return context_.partitions->write_checkpoints([this] { gather(Checkpoint::kWritten); });
  }
  // The age of a segment may have to be read from its file.
  boost::asio::post(context_.disk_pool, [this, all] {
    for (CleanerCandidate& one : *all) one.overdue_ms = one.found.overdue_ms().value_or(0);
    boost::asio::post(context_.control, [this, all] { choose(*all); });
  });
}

void LogCleaner::show_choice(const Candidates& all) {
  double dirtiest = 0;
  int64_t delay_ms = 0;
  std::vector<std::pair<int64_t, int64_t>> aside(directories_.size());
  for (const CleanerCandidate& one : all) {
    const auto found = uncleanable_.find(one.name);
    if (found == uncleanable_.end()) {
      dirtiest = std::max(dirtiest, one.found.dirty_ratio());
      delay_ms = std::max(delay_ms, one.overdue_ms);
      continue;
    }
    for (size_t i = 0; i < directories_.size(); ++i) {
      if (directories_[i]->partition_path(one.name) != one.directory) continue;
      ++aside[i].first;
      aside[i].second += static_cast<int64_t>(one.found.cleanable_bytes);
    }
  }
  max_dirty_percent_.set(static_cast<int64_t>(100 * dirtiest));
  max_delay_seconds_.set(delay_ms / 1000);
  for (size_t i = 0; i < aside.size(); ++i) {
    uncleanable_in_[i].partitions.set(aside[i].first);
    uncleanable_in_[i].bytes.set(aside[i].second);
  }
}

void LogCleaner::choose(const Candidates& all) {
  show_choice(all);
  const CleanerCandidate* filthiest = nullptr;
  for (const CleanerCandidate& one : all) {
    if (uncleanable_.contains(one.name) || !one.found.worth_cleaning(one.overdue_ms)) continue;
    if (filthiest == nullptr || one.found.dirty_ratio() > filthiest->found.dirty_ratio()) filthiest = &one;
  }
  if (filthiest == nullptr) return look_later();
  begin(*filthiest);
}

// ---- passes

LogCleaner::Worker* LogCleaner::idle_worker() {
  const auto idle = std::find_if(workers_.begin(), workers_.end(),
                                 [](const auto& worker) { return worker->pass == nullptr; });
  if (idle != workers_.end()) return idle->get();
  workers_.push_back(std::make_unique<Worker>());
  boost::asio::post(workers_.back()->pool, [] { ::setpriority(PRIO_PROCESS, 0, kNiceness); });
  return workers_.back().get();
}

void LogCleaner::begin(const CleanerCandidate& candidate) {
  const int64_t threads = std::max(settings_.threads, 1);
  storage::CleaningOptions options;
  options.now = context_.clock.wall_ms();
  options.map_bytes = static_cast<size_t>(settings_.dedupe_buffer_bytes / threads);
  options.map_load_factor = settings_.load_factor;
  options.io_buffer_bytes =
      static_cast<size_t>(std::max(settings_.io_buffer_bytes / threads / 2, kLeastIoBuffer));
  options.hash_secret = {random_.next(), random_.next()};
  Shard& shard = *context_.shards[candidate.shard];
  shard.post([this, &shard, candidate, options] {
    Result<std::unique_ptr<Cleaning>> cleaning = fail(Errc::kNotFound, "the partition is gone");
    if (auto* partition = shard.find_partition(candidate.topic_id, candidate.name.partition)) {
      cleaning = partition->log().begin_cleaning(options, partition->high_watermark());
    }
    boost::asio::post(context_.control, [this, candidate, cleaning = std::move(cleaning)]() mutable {
      started(candidate, std::move(cleaning));
    });
  });
}

void LogCleaner::started(const CleanerCandidate& candidate, Result<std::unique_ptr<Cleaning>> cleaning) {
  if (!cleaning) return look_later();
  looking_ = false;
  Worker& worker = *idle_worker();
  const auto on_end = [this, &worker](std::shared_ptr<CleanerPass> pass, Status status) {
    boost::asio::post(context_.control, [this, &worker, pass = std::move(pass), status = std::move(status)] {
      ended(worker, status);
    });
  };
  worker.pass = std::make_shared<CleanerPass>(context_, worker.pool, throttle_, candidate,
                                              std::move(*cleaning), on_end);
  worker.pass->start();
  look();  // more threads may have more to do
}

void LogCleaner::ended(Worker& worker, const Status& status) {
  CleanerPass& pass = *worker.pass;
  Status outcome = status;
  if (outcome) {
    note_pass(worker, pass, pass.cleaning().stats());
    outcome =
        checkpoints_.set(pass.candidate().directory, pass.candidate().name, pass.cleaning().end_offset());
  }
  if (!outcome) set_aside(pass.candidate(), outcome.error());
  const bool cleaned = outcome.has_value();
  const auto before = [cleaned, end = pass.cleaning().end_offset()](storage::Log& log) {
    if (cleaned) log.set_first_dirty_offset(end);
  };
  pass.release(before, [this, &worker, cleaned] {
    worker.pass.reset();
    if (looking_) return;
    cleaned ? look() : look_later();
  });
}

void LogCleaner::set_aside(const CleanerCandidate& candidate, const Error& error) {
  if (error.code == Errc::kBusy) return;  // the log was cut, closed, deleted or is compacted no longer
  failed_passes_.add();
  const bool for_good = error.code == Errc::kCorruption || error.code == Errc::kTooLarge;
  if (!for_good) {
    spdlog::warn("cleaning of {}-{} was given up and is tried again: {}", candidate.name.topic,
                 candidate.name.partition, error.message);
    return;
  }
  uncleanable_[candidate.name] = candidate.directory;
  spdlog::error("{}-{} in {} cannot be cleaned and is set aside: {}", candidate.name.topic,
                candidate.name.partition, candidate.directory, error.message);
}

void LogCleaner::note_pass(Worker& worker, const CleanerPass& pass, const storage::CleaningStats& stats) {
  const CleanerCandidate& log = pass.candidate();
  worker.seconds = static_cast<double>(context_.clock.monotonic_ns() - pass.begun_ns()) / 1e9;
  worker.recopied =
      static_cast<double>(stats.bytes_written) / static_cast<double>(std::max<uint64_t>(stats.bytes_read, 1));
  worker.map_utilization = stats.map_utilization;
  passes_.add();
  double seconds = 0, recopied = 0, utilization = 0;
  for (const auto& one : workers_) {
    seconds = std::max(seconds, one->seconds);
    recopied = std::max(recopied, one->recopied);
    utilization = std::max(utilization, one->map_utilization);
  }
  max_clean_seconds_.set(static_cast<int64_t>(seconds));
  recopy_percent_.set(static_cast<int64_t>(100 * recopied));
  max_utilization_percent_.set(static_cast<int64_t>(100 * utilization));
  spdlog::info(
      "cleaned {}-{}, offsets {} to {}: indexed {:.1f} MiB, {:.1f} MiB with {} records became {:.1f} MiB "
      "with {} in "
      "{:.1f} s, map {:.1f}% full",
      log.name.topic, log.name.partition, pass.candidate().found.first_dirty,
      pass.candidate().found.first_uncleanable, mebibytes(stats.map_bytes_read), mebibytes(stats.bytes_read),
      stats.records_read, mebibytes(stats.bytes_written), stats.records_kept, worker.seconds,
      100 * stats.map_utilization);
  if (stats.keyless_records > 0) {
    spdlog::warn("{}-{} held {} records without a key; a compacted log has no place for them", log.name.topic,
                 log.name.partition, stats.keyless_records);
  }
}

void LogCleaner::stop() {
  timer_.cancel();
  for (auto& worker : workers_) {
    if (worker->pass) worker->pass->stop();
  }
  // What a pass has written and not swapped in is removed when the log is opened next: a shard may be
  // swapping.
  for (auto& worker : workers_) worker->pool.drop_handlers();
}

void LogCleaner::collect(MetricSink& sink) const {
  const auto gauge = [&](std::string_view name, std::string_view help, double value) {
    sink.gauge(name, help, {}, value);
  };
  gauge("kafka_log_logcleanermanager_max_dirty_percent", "Dirty part of the dirtiest log, percent.",
        static_cast<double>(max_dirty_percent_.value()));
  gauge("kafka_log_logcleanermanager_time_since_last_run_ms", "Since the cleaner last looked for work.",
        static_cast<double>(context_.clock.wall_ms() - last_look_ms_.value()));
  gauge("kafka_log_logcleaner_cleaner_recopy_percent",
        "Share of the bytes that stayed in the last pass, percent.",
        static_cast<double>(recopy_percent_.value()));
  gauge("kafka_log_logcleaner_max_clean_time_secs", "Length of the last pass.",
        static_cast<double>(max_clean_seconds_.value()));
  gauge("kafka_log_logcleaner_max_buffer_utilization_percent", "How full the last pass's map of keys was.",
        static_cast<double>(max_utilization_percent_.value()));
  gauge("kafka_log_logcleaner_max_compaction_delay_secs",
        "For how long the most overdue log is over max.compaction.lag.ms.",
        static_cast<double>(max_delay_seconds_.value()));
  gauge("kafka_log_logcleaner_deadthreadcount", "Cleaner threads that died.", 0);
  sink.counter("tributary_log_cleaner_passes_total", "Logs cleaned.", {},
               static_cast<double>(passes_.value()));
  sink.counter("tributary_log_cleaner_failed_passes_total", "Passes that were given up.", {},
               static_cast<double>(failed_passes_.value()));
  for (size_t i = 0; i < directories_.size(); ++i) {
    const Labels labels = {{"logDirectory", directories_[i]->path()}};
    sink.gauge("kafka_log_logcleanermanager_uncleanable_partitions_count",
               "Partitions the cleaner has set aside.", labels,
               static_cast<double>(uncleanable_in_[i].partitions.value()));
    sink.gauge("kafka_log_logcleanermanager_uncleanable_bytes", "Bytes of theirs that are not cleaned.",
               labels, static_cast<double>(uncleanable_in_[i].bytes.value()));
  }
}

}  // namespace tributary::broker
