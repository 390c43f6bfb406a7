// The partition manager's periodic work and its end.
#include <boost/asio/steady_timer.hpp>
#include <future>

#include "partition_manager.h"
#include "shard.h"

namespace tributary::broker {

using storage::LogDirectory;
using storage::TopicPartition;

namespace {

struct Offsets {
  Uuid topic_id;
  size_t shard;
  std::string directory;  // of the log
  Offset recovery_point;
  Offset log_start;
  Offset high_watermark;
};
using AllOffsets = std::map<TopicPartition, Offsets>;

void collect(Shard& shard, AllOffsets& into) {
  shard.for_each_partition([&](replica::Partition& partition) {
    const storage::Log& log = partition.log();
    into.emplace(log.name(), Offsets{partition.topic_id(), shard.index(), log.directory(),
                                     log.recovery_point(), log.start_offset(), partition.high_watermark()});
  });
}

Status write(LogDirectory& directory, const AllOffsets& all) {
  LogDirectory::OffsetCheckpoint recovery, start, high_watermark;
  for (const auto& [name, offsets] : all) {
    if (offsets.directory != directory.partition_path(name)) continue;
    recovery.emplace(name, offsets.recovery_point);
    if (offsets.log_start > 0) start.emplace(name, offsets.log_start);
    high_watermark.emplace(name, offsets.high_watermark);
  }
  TRIBUTARY_TRY(directory.write_checkpoint(storage::kRecoveryPointCheckpoint, recovery));
  TRIBUTARY_TRY(directory.write_checkpoint(storage::kLogStartCheckpoint, start));
  return directory.write_checkpoint(storage::kHighWatermarkCheckpoint, high_watermark);
}

// What is in the checkpoints now may be cleaned.
void tell_shards(BrokerContext& context, const std::shared_ptr<const AllOffsets>& written,
                 const std::function<void()>& then) {
  auto left = std::make_shared<std::atomic<size_t>>(context.shards.size());
  for (auto& shard : context.shards) {
    shard->post([&context, &shard = *shard, written, left, then] {
      for (const auto& [name, offsets] : *written) {
        if (offsets.shard != shard.index()) continue;
        if (auto* partition = shard.find_partition(offsets.topic_id, name.partition))
          partition->log().note_checkpointed(offsets.recovery_point);
      }
      if (left->fetch_sub(1) == 1) boost::asio::post(context.control, then);
    });
  }
}

}  // namespace

void PartitionManager::write_checkpoints(const std::function<void()>& then) {
  struct Gathered {
    std::mutex mutex;
    std::shared_ptr<AllOffsets> all = std::make_shared<AllOffsets>();
    size_t left;
  };
  auto gathered = std::make_shared<Gathered>();
  gathered->left = context_.shards.size();
  for (auto& shard : context_.shards) {
    shard->post([this, gathered, then, &shard = *shard] {
      AllOffsets mine;
      collect(shard, mine);
      const std::lock_guard lock(gathered->mutex);
      gathered->all->merge(mine);
      if (--gathered->left > 0) return;
      boost::asio::post(context_.control, [this, gathered, then] {
        for (auto& directory : directories_) {
          if (Status written = write(*directory, *gathered->all); !written) {
            spdlog::error("checkpoints of {}: {}", directory->path(), written.error().message);
            std::erase_if(*gathered->all, [&](const auto& one) {
              return one.second.directory == directory->partition_path(one.first);
            });
          }
        }
        tell_shards(context_, gathered->all, then);
      });
    });
  }
}

void PartitionManager::apply_retention() {
  for (auto& shard : context_.shards) {
    shard->post([this, &shard = *shard] {
      shard.for_each_partition([&](replica::Partition& partition) {
        auto removal = partition.log().apply_retention(context_.clock.wall_ms(), partition.high_watermark());
        if (!removal) {
          spdlog::error("retention of {}: {}", partition.log().directory(), removal.error().message);
          return;
        }
        if (removal->empty()) return;
        partition.notify_progress();
        remove_segments(std::move(*removal), partition.log().config().file_delete_delay_ms);
      });
    });
  }
}

void PartitionManager::remove_segments(storage::SegmentRemoval removal, int64_t delay_ms) {
  boost::asio::post(context_.control, [this, delay_ms, removal = std::move(removal)]() mutable {
    auto timer =
        std::make_shared<boost::asio::steady_timer>(context_.control, std::chrono::milliseconds(delay_ms));
    timer->async_wait(
        [this, timer, removal = std::move(removal)](const boost::system::error_code& error) mutable {
          if (error) return;
          boost::asio::post(context_.disk_pool, [removal = std::move(removal)]() mutable { removal.run(); });
        });
  });
}

void PartitionManager::sync_dirty() {
  for (auto& shard : context_.shards) {
    shard->post([&shard = *shard] {
      shard.for_each_partition([&](replica::Partition& partition) { shard.sync_if_due(partition); });
    });
  }
}

void PartitionManager::expire_producers() {
  for (auto& shard : context_.shards) {
    shard->post([this, &shard = *shard] {
      shard.for_each_partition(
          [&](replica::Partition& partition) { partition.log().expire_producers(context_.clock.wall_ms()); });
    });
  }
}

Status PartitionManager::close() {
  std::vector<std::future<Status>> results;
  for (auto& shard : context_.shards) {
    shard->for_each_partition([&](replica::Partition& partition) {
      auto task = std::make_shared<std::packaged_task<Status()>>(
          [&partition] { return partition.log().close(storage::CloseSync::kLater); });
      results.push_back(task->get_future());
      boost::asio::post(context_.disk_pool, [task] { (*task)(); });
    });
  }
  Status outcome;
  for (auto& result : results) {
    if (Status one = result.get(); !one && outcome) outcome = std::move(one);
  }
  // What is there speaks for logs too that a start left half-way never opened.
  if (!loaded_) return outcome;
  AllOffsets all;
  for (auto& shard : context_.shards) collect(*shard, all);
  for (auto& directory : directories_) TRIBUTARY_TRY(write(*directory, all));
  return outcome;
}

}  // namespace tributary::broker
