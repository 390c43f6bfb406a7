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
  Offset recovery_point;
  Offset log_start;
  Offset high_watermark;
};
using AllOffsets = std::map<TopicPartition, std::pair<std::string, Offsets>>;  // with the log's directory

void collect(Shard& shard, AllOffsets& into) {
  shard.for_each_partition([&](replica::Partition& partition) {
    const storage::Log& log = partition.log();
    into.emplace(log.name(), std::pair{log.directory(), Offsets{log.recovery_point(), log.start_offset(),
                                                                partition.high_watermark()}});
  });
}

Status write(LogDirectory& directory, const AllOffsets& all) {
  LogDirectory::OffsetCheckpoint recovery, start, high_watermark;
  for (const auto& [name, entry] : all) {
    if (entry.first != directory.partition_path(name)) continue;
    recovery.emplace(name, entry.second.recovery_point);
    if (entry.second.log_start > 0) start.emplace(name, entry.second.log_start);
    high_watermark.emplace(name, entry.second.high_watermark);
  }
  TRIBUTARY_TRY(directory.write_checkpoint(storage::kRecoveryPointCheckpoint, recovery));
  TRIBUTARY_TRY(directory.write_checkpoint(storage::kLogStartCheckpoint, start));
  return directory.write_checkpoint(storage::kHighWatermarkCheckpoint, high_watermark);
}

}  // namespace

void PartitionManager::write_checkpoints() {
  struct Gathered {
    std::mutex mutex;
    AllOffsets all;
    size_t left;
  };
  auto gathered = std::make_shared<Gathered>();
  gathered->left = context_.shards.size();
  for (auto& shard : context_.shards) {
    shard->post([this, gathered, &shard = *shard] {
      AllOffsets mine;
      collect(shard, mine);
      const std::lock_guard lock(gathered->mutex);
      gathered->all.merge(mine);
      if (--gathered->left > 0) return;
      boost::asio::post(context_.control, [this, gathered] {
        for (auto& directory : directories_) {
          if (Status written = write(*directory, gathered->all); !written) {
            spdlog::error("checkpoints of {}: {}", directory->path(), written.error().message);
          }
        }
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
  AllOffsets all;
  for (auto& shard : context_.shards) collect(*shard, all);
  for (auto& directory : directories_) TRIBUTARY_TRY(write(*directory, all));
  return outcome;
}

}  // namespace tributary::broker
