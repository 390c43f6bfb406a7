#include "partition_manager.h"

#include <boost/asio/steady_timer.hpp>
#include <future>

#include "log_cleaner.h"
#include "shard.h"
#include "shard_groups.h"
#include "tributary/base/random.h"
#include "tributary/storage/partition_metadata.h"

namespace tributary::broker {

using storage::Log;
using storage::TopicPartition;

namespace {

constexpr std::string_view kMetadataTopic = "__cluster_metadata";

// Runs after a delay on the control thread, unless the process stops first; what is left then is done at next
// start.
void after(BrokerContext& context, int64_t delay_ms, std::function<void()> work) {
  auto timer =
      std::make_shared<boost::asio::steady_timer>(context.control, std::chrono::milliseconds(delay_ms));
  timer->async_wait([timer, work = std::move(work)](const boost::system::error_code& error) {
    if (!error) work();
  });
}

}  // namespace

PartitionManager::PartitionManager(BrokerContext& context, storage::FileSystem& fs,
                                   std::vector<std::unique_ptr<storage::LogDirectory>> directories)
    : context_(context), fs_(fs), directories_(std::move(directories)), partitions_in_(directories_.size()) {}

storage::LogConfig PartitionManager::config_of(const control::Image& image, std::string_view topic) const {
  return control::resolve_log_config(image, *context_.values, context_.node_id, topic);
}

Status PartitionManager::read_checkpoints() {
  for (const auto& directory : directories_) {
    TRIBUTARY_ASSIGN(auto recovery, directory->read_checkpoint(storage::kRecoveryPointCheckpoint));
    TRIBUTARY_ASSIGN(auto start, directory->read_checkpoint(storage::kLogStartCheckpoint));
    recovery_points_.push_back(std::move(recovery));
    log_starts_.push_back(std::move(start));
  }
  return {};
}

Result<std::map<TopicPartition, size_t>> PartitionManager::scan() {
  std::map<TopicPartition, size_t> found;
  for (size_t i = 0; i < directories_.size(); ++i) {
    TRIBUTARY_ASSIGN(auto contents, directories_[i]->scan());
    for (auto& log : contents.logs) {
      if (log.name.topic == kMetadataTopic) continue;
      const auto [at, fresh] = found.emplace(log.name, i);
      if (!fresh) {
        return fail(
            Errc::kInvalidArgument,
            fmt::format("{}-{} stands in two log directories, {} and {}", log.name.topic, log.name.partition,
                        directories_[at->second]->path(), directories_[i]->path()));
      }
    }
    for (const std::string& path : contents.deleted) delete_later(path);
  }
  return found;
}

Status PartitionManager::load(const control::ImagePtr& image) {
  image_ = image;
  TRIBUTARY_TRY(read_checkpoints());
  TRIBUTARY_ASSIGN(const auto found, scan());
  set_aside_strays(found, *image);
  std::vector<std::function<Status()>> work;
  image->for_each_topic([&](const control::TopicPtr& topic) {
    for (int32_t i = 0; i < static_cast<int32_t>(topic->partitions.size()); ++i) {
      const auto at = found.find({topic->name, i});
      const size_t directory = at == found.end() ? emptiest_directory() : at->second;
      ++partitions_in_[directory];
      known_.emplace(Key{topic->id, i}, Known{topic->name, directory});
      work.emplace_back([this, topic, i, directory] { return open_one(topic, i, directory); });
    }
  });
  TRIBUTARY_TRY(open_all(work));
  for (auto& shard : context_.shards) {
    shard->post([&shard = *shard, image] { shard.set_image(image); });
  }
  loaded_ = true;
  return {};
}

// On the disk pool, all at once; the first error is what comes back.
Status PartitionManager::open_all(const std::vector<std::function<Status()>>& work) {
  progress_.total = work.size();
  std::vector<std::future<Status>> results;
  results.reserve(work.size());
  for (const auto& one : work) {
    auto task = std::make_shared<std::packaged_task<Status()>>(one);
    results.push_back(task->get_future());
    boost::asio::post(context_.disk_pool, [task] { (*task)(); });
  }
  Status outcome;
  for (auto& result : results) {
    if (Status one = result.get(); !one && outcome) outcome = std::move(one);
  }
  return outcome;
}

storage::LogOptions PartitionManager::options_for(const control::TopicPtr& topic, int32_t index,
                                                  size_t directory) const {
  storage::LogOptions options;
  options.fs = &fs_;
  options.name = {topic->name, index};
  options.directory = directories_[directory]->partition_path(options.name);
  options.config = config_of(*image_, topic->name);
  options.probe = &context_.shards[context_.shard_of(topic->id, index)]->probe().log;
  options.clock = &context_.clock;
  options.now = context_.clock.wall_ms();
  options.topic_id = topic->id;
  return options;
}

Status PartitionManager::open_one(const control::TopicPtr& topic, int32_t index, size_t directory) {
  if (context_.start_cancelled) return fail(Errc::kCancelled, "the start was cancelled");
  const TopicPartition name{topic->name, index};
  const auto checkpoint = [&](const auto& all) {
    const auto at = all[directory].find(name);
    return at == all[directory].end() ? Offset{0} : at->second;
  };
  storage::LogOptions options = options_for(topic, index, directory);
  options.recovery_point = checkpoint(recovery_points_);
  options.log_start_offset = checkpoint(log_starts_);
  options.first_dirty_offset = context_.cleaner->checkpoints().find(directory, name);
  options.clean_shutdown = directories_[directory]->was_clean();
  options.cancelled = &context_.start_cancelled;
  auto log = Log::open(std::move(options));
  if (!log) return tl::unexpected(std::move(log.error()));
  context_.cleaner->checkpoints().opened(directory, name, (*log)->first_dirty_offset());
  hand_over(topic, index, std::move(*log));
  ++progress_.opened;
  return {};
}

void PartitionManager::hand_over(const control::TopicPtr& topic, int32_t index, std::unique_ptr<Log> log) {
  const LeaderEpoch epoch = topic->partitions[static_cast<size_t>(index)].leader_epoch;
  Shard& shard = *context_.shards[context_.shard_of(topic->id, index)];
  shard.post([&shard, id = topic->id, epoch, log = std::move(log)]() mutable {
    if (Status begun = log->begin_epoch(epoch); !begun)
      spdlog::error("{}: {}", log->directory(), begun.error().message);
    shard.add_partition(std::make_unique<replica::Partition>(id, std::move(log), epoch));
  });
}

// Logs of topics that the metadata does not have: mostly of deleted ones that were still there at the stop.
// They are kept, as Kafka keeps them: whoever mixed up directories can put them back.
void PartitionManager::set_aside_strays(const std::map<TopicPartition, size_t>& found,
                                        const control::Image& image) {
  Random random = Random::from_system();
  for (const auto& [name, directory] : found) {
    const std::string path = directories_[directory]->partition_path(name);
    const auto topic = image.find_topic(name.topic);
    const auto id = storage::read_partition_metadata(fs_, path);
    const bool ours = topic && static_cast<size_t>(name.partition) < topic->partitions.size() &&
                      (!id || !*id || **id == topic->id);
    if (ours) continue;
    const auto aside = directories_[directory]->set_aside(name, Uuid::generate(random));
    if (aside) {
      spdlog::warn("{} belongs to no topic of the cluster's metadata: kept as {} until it is removed by hand",
                   path, *aside);
    } else {
      spdlog::error("{}", aside.error().message);
    }
  }
}

size_t PartitionManager::emptiest_directory() const {
  return static_cast<size_t>(std::min_element(partitions_in_.begin(), partitions_in_.end()) -
                             partitions_in_.begin());
}

// ---- following the image

void PartitionManager::apply(const control::ImagePtr& image) {
  const control::ImagePtr before = std::exchange(image_, image);
  ++outstanding_;  // nobody goes on before all of this is under way
  auto deleted = std::make_shared<std::vector<std::string>>();
  control::Image::for_each_topic_change(*before, *image, [&](const auto& old, const auto& now) {
    if (now) return;
    deleted->push_back(old->name);
    for (size_t i = 0; i < old->partitions.size(); ++i) remove({old->id, static_cast<int32_t>(i)});
  });
  // After those that went: one of the same name may be among them.
  control::Image::for_each_topic_change(*before, *image, [&](const auto& old, const auto& now) {
    if (!now) return;
    for (size_t i = old ? old->partitions.size() : 0; i < now->partitions.size(); ++i)
      create(now, static_cast<int32_t>(i));
  });
  pass_changed_configs(*before);
  pass_to_shards(image);
  if (!deleted->empty()) forget_offsets_of(deleted);
  one_done();
}

void PartitionManager::pass_changed_configs(const control::Image& before) {
  bool defaults_changed = false;
  std::vector<control::TopicPtr> changed;
  control::Image::for_each_config_change(before, *image_, [&](const control::ConfigResource& resource) {
    if (resource.type == control::ResourceType::kBroker)
      defaults_changed |= resource.name.empty() || resource.name == std::to_string(raw(context_.node_id));
    if (resource.type != control::ResourceType::kTopic) return;
    if (auto topic = image_->find_topic(resource.name)) changed.push_back(std::move(topic));
  });
  if (defaults_changed) return reconfigure();
  for (const auto& topic : changed) pass_config(topic);
}

void PartitionManager::pass_config(const control::TopicPtr& topic) {
  for (auto& shard : context_.shards) {
    shard->post([&shard = *shard, id = topic->id, config = config_of(*image_, topic->name)] {
      shard.set_config(id, config);
    });
  }
}

void PartitionManager::forget_offsets_of(const std::shared_ptr<const std::vector<std::string>>& deleted) {
  for (auto& shard : context_.shards) {
    shard->post([&shard = *shard, deleted] {
      shard.groups().for_each([&](GroupHost& host) { host.forget_topics(deleted); });
    });
  }
}

void PartitionManager::reconfigure() {
  image_->for_each_topic([&](const control::TopicPtr& topic) { pass_config(topic); });
}

void PartitionManager::pass_to_shards(const control::ImagePtr& image) {
  for (auto& shard : context_.shards) {
    ++outstanding_;
    shard->post([this, &shard = *shard, image] {
      shard.set_image(image);
      boost::asio::post(context_.control, [this] { one_done(); });
    });
  }
}

void PartitionManager::create(const control::TopicPtr& topic, int32_t index) {
  const NewPartition fresh{topic, index, emptiest_directory()};
  ++partitions_in_[fresh.directory];
  known_.emplace(fresh.key(), Known{topic->name, fresh.directory});
  ++outstanding_;
  if (going_.contains(fresh.name())) {
    deferred_.emplace(fresh.name(), fresh);
  } else {
    open_new(fresh);
  }
}

void PartitionManager::open_new(const NewPartition& fresh) {
  opening_.insert(fresh.key());
  storage::LogOptions options = options_for(fresh.topic, fresh.index, fresh.directory);
  boost::asio::post(context_.disk_pool, [this, fresh, options = std::move(options)]() mutable {
    boost::asio::post(context_.control, [this, fresh, log = Log::open(std::move(options))]() mutable {
      opened(fresh, std::move(log));
      one_done();
    });
  });
}

void PartitionManager::opened(const NewPartition& fresh, Result<std::unique_ptr<Log>> log) {
  opening_.erase(fresh.key());
  const bool wanted = known_.contains(fresh.key());
  if (!log) {
    spdlog::error("{}-{} cannot be opened: {}", fresh.topic->name, fresh.index, log.error().message);
    if (!wanted) gone(fresh.name());
  } else if (wanted) {
    (*log)->set_config(config_of(*image_, fresh.topic->name));  // which may have changed meanwhile
    hand_over(fresh.topic, fresh.index, std::move(*log));
  } else {  // deleted meanwhile
    finish_removal(std::make_unique<replica::Partition>(fresh.topic->id, std::move(*log), LeaderEpoch{0}));
  }
}

void PartitionManager::remove(const Key& key) {
  const auto found = known_.find(key);
  if (found == known_.end()) return;
  const TopicPartition name{found->second.topic, key.second};
  --partitions_in_[found->second.directory];
  known_.erase(found);
  if (const auto deferred = deferred_.find(name); deferred != deferred_.end()) {
    deferred_.erase(deferred);
    return one_done();
  }
  going_.insert(name);
  if (opening_.contains(key)) return;  // then it is removed once it is open
  Shard& shard = *context_.shards[context_.shard_of(key.first, key.second)];
  shard.post([this, &shard, key, name] {
    auto partition = shard.remove_partition(key.first, key.second);
    if (partition) partition->abandon(wire::ErrorCode::kUnknownTopicOrPartition);
    boost::asio::post(context_.control, [this, name, partition = std::move(partition)]() mutable {
      if (partition) return finish_removal(std::move(partition));
      gone(name);
    });
  });
}

void PartitionManager::finish_removal(std::unique_ptr<replica::Partition> partition) {
  Random random = Random::from_system();
  const int64_t delay = partition->log().config().file_delete_delay_ms;
  const auto aside = partition->log().mark_deleted(Uuid::generate(random));
  if (aside) {
    after(context_, delay, [this, path = *aside] { delete_later(path); });
  } else {
    spdlog::error("deleting {}: {}", partition->log().directory(), aside.error().message);
  }
  // A new topic of that name has not been cleaned.
  context_.cleaner->forget(partition->name());
  gone(partition->name());
}

// The name is free for a new topic of that name.
void PartitionManager::gone(const TopicPartition& name) {
  going_.erase(name);
  if (auto next = deferred_.extract(name)) open_new(next.mapped());
}

void PartitionManager::delete_later(std::string path) {
  boost::asio::post(context_.disk_pool, [this, path = std::move(path)] {
    if (Status removed = fs_.remove_all(path); !removed) spdlog::error("{}", removed.error().message);
  });
}

void PartitionManager::one_done() {
  if (--outstanding_ > 0) return;
  for (auto& action : std::exchange(waiting_, {})) action();
}

void PartitionManager::when_current(std::function<void()> action) {
  if (outstanding_ == 0) return action();
  waiting_.push_back(std::move(action));
}

}  // namespace tributary::broker
