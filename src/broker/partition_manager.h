// Brings the logs on disk in line with the metadata image: opens partitions that are ours, closes and deletes
// those that are gone, passes configs on. Lives on the control thread; logs are opened and closed on the disk
// pool and then handed to the shard that owns them.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "broker_context.h"
#include "tributary/replica/partition.h"
#include "tributary/storage/log_directory.h"

namespace tributary::broker {

class PartitionManager {
 public:
  PartitionManager(BrokerContext& context, storage::FileSystem& fs,
                   std::vector<std::unique_ptr<storage::LogDirectory>> directories);

  // Opens everything the image says is ours, recovering what was not shut down cleanly; returns when all of
  // it is with its shard. Before the shards take connections. Blocks the calling (main) thread.
  Status load(const control::ImagePtr& image);
  struct Progress {
    std::atomic<size_t> opened{0};
    std::atomic<size_t> total{0};
  };
  const Progress& progress() const { return progress_; }

  // A new revision; control thread.
  void apply(const control::ImagePtr& image);
  // The static configuration changed; control thread.
  void reconfigure();
  // `action` runs on the control thread once all shards have the newest revision and its partitions.
  void when_current(std::function<void()> action);

  // Periodic work, control thread: each returns soon and does its work on shards and pool.
  void write_checkpoints(const std::function<void()>& then);  // `then` on the control thread
  void apply_retention();
  void sync_dirty();
  void expire_producers();

  // From any thread.
  void remove_segments(storage::SegmentRemoval removal, int64_t delay_ms);

  // Shards stopped, nothing else runs: syncs and closes all logs, writes checkpoints.
  Status close();

  storage::FileSystem& file_system() { return fs_; }
  const std::vector<std::unique_ptr<storage::LogDirectory>>& directories() const { return directories_; }

 private:
  struct Known {
    std::string topic;
    size_t directory;  // index into directories_
  };
  using Key = std::pair<Uuid, int32_t>;

  Status read_checkpoints();
  Result<std::map<storage::TopicPartition, size_t>> scan();
  Status open_all(const std::vector<std::function<Status()>>& work);
  storage::LogOptions options_for(const control::TopicPtr& topic, int32_t index, size_t directory) const;
  Status open_one(const control::TopicPtr& topic, int32_t index, size_t directory);
  void hand_over(const control::TopicPtr& topic, int32_t index, std::unique_ptr<storage::Log> log);
  void set_aside_strays(const std::map<storage::TopicPartition, size_t>& found, const control::Image& image);
  size_t emptiest_directory() const;
  struct NewPartition {
    control::TopicPtr topic;
    int32_t index;
    size_t directory;
    storage::TopicPartition name() const { return {topic->name, index}; }
    Key key() const { return {topic->id, index}; }
  };
  void create(const control::TopicPtr& topic, int32_t index);
  void open_new(const NewPartition& fresh);
  void opened(const NewPartition& fresh, Result<std::unique_ptr<storage::Log>> log);
  void remove(const Key& key);
  void gone(const storage::TopicPartition& name);
  void finish_removal(std::unique_ptr<replica::Partition> partition);
  void delete_later(std::string path);
  void pass_to_shards(const control::ImagePtr& image);
  void pass_changed_configs(const control::Image& before);
  void pass_config(const control::TopicPtr& topic);
  void forget_offsets_of(const std::shared_ptr<const std::vector<std::string>>& deleted);
  void one_done();
  storage::LogConfig config_of(const control::Image& image, std::string_view topic) const;

  BrokerContext& context_;
  storage::FileSystem& fs_;
  std::vector<std::unique_ptr<storage::LogDirectory>> directories_;
  std::vector<storage::LogDirectory::OffsetCheckpoint> recovery_points_;  // as read at start, by directory
  std::vector<storage::LogDirectory::OffsetCheckpoint> log_starts_;
  control::ImagePtr image_;
  std::map<Key, Known> known_;
  std::vector<size_t> partitions_in_;  // by directory
  std::set<Key> opening_;
  // Partitions of deleted topics whose directory still has its name, and what is to be created in that name
  // afterwards.
  std::set<storage::TopicPartition> going_;
  std::map<storage::TopicPartition, NewPartition> deferred_;
  size_t outstanding_ = 0;  // openings and hand-overs under way
  std::vector<std::function<void()>> waiting_;
  Progress progress_;
  bool loaded_ = false;
};

}  // namespace tributary::broker
