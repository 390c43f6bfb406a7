// The log cleaner: looks for the compacted log that needs it most, has it cleaned, and looks again; with
// nothing to do it looks again after log.cleaner.backoff.ms. At most log.cleaner.threads passes run at a
// time, each on a thread of its own with a low priority, so that neither shards nor cold reads wait for them.
// Lives on the control thread but for collect().
//
// A log that cannot be cleaned (a damaged batch, keys of one batch that do not fit the map) is set aside, and
// said, until the cleaner's settings change or the broker starts anew. A failing disk is tried again.
#pragma once
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "broker_context.h"
#include "cleaner_checkpoints.h"
#include "cleaner_pass.h"
#include "tributary/base/metrics.h"
#include "tributary/base/random.h"

namespace tributary::broker {

class LogCleaner {
 public:
  explicit LogCleaner(BrokerContext& context, const CleanerCheckpoints::Directories& directories);
  ~LogCleaner();

  CleanerCheckpoints& checkpoints() { return checkpoints_; }
  // All logs are open.
  Status start();
  void reconfigure();  // the image or the static configuration may have changed the settings
  void forget(const storage::TopicPartition& name);
  // Once the control thread has ended, while the shards still stand: ends all passes.
  void stop();
  void collect(MetricSink& sink) const;  // any thread

 private:
  struct Worker {
    WorkerPool pool{1};
    std::shared_ptr<CleanerPass> pass;  // null: idle
    double recopied = 0;                // of the last pass: bytes written to bytes read
    double seconds = 0;
    double map_utilization = 0;
  };
  using Candidates = std::vector<CleanerCandidate>;
  enum class Checkpoint { kAsItIs, kWritten };

  void take_settings();
  void look();
  void look_later();
  void gather(Checkpoint checkpoint);
  void gathered(const std::shared_ptr<Candidates>& all, Checkpoint checkpoint);
  void choose(const Candidates& all);
  void show_choice(const Candidates& all);
  void begin(const CleanerCandidate& candidate);
  void started(const CleanerCandidate& candidate, Result<std::unique_ptr<storage::Cleaning>> cleaning);
  Worker* idle_worker();
  size_t running() const;
  void ended(Worker& worker, const Status& status);
  void note_pass(Worker& worker, const CleanerPass& pass, const storage::CleaningStats& stats);
  void set_aside(const CleanerCandidate& candidate, const Error& error);

  BrokerContext& context_;
  const CleanerCheckpoints::Directories& directories_;
  CleanerCheckpoints checkpoints_;
  control::CleanerConfig settings_;
  IoThrottle throttle_;
  Random random_;
  boost::asio::steady_timer timer_;
  bool looking_ = false;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::map<storage::TopicPartition, std::string> uncleanable_;  // with the log's directory

  Gauge max_dirty_percent_;
  Gauge last_look_ms_;
  Gauge max_delay_seconds_;
  Gauge recopy_percent_;
  Gauge max_clean_seconds_;
  Gauge max_utilization_percent_;
  Counter passes_;
  Counter failed_passes_;
  struct DirectoryNumbers {
    Gauge partitions;
    Gauge bytes;
  };
  std::vector<DirectoryNumbers> uncleanable_in_;  // by directory
};

}  // namespace tributary::broker
