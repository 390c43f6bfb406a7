// DescribeLogDirs: sizes of logs by directory, gathered from all shards.
#include <algorithm>
#include <set>

#include "handlers.h"
#include "partition_manager.h"
#include "shard.h"

namespace tributary::broker {
namespace {

using wire::DescribeLogDirsRequest;
using wire::DescribeLogDirsResponse;
using wire::ErrorCode;

struct Found {
  storage::TopicPartition name;
  std::string directory;
  int64_t size;
};

class LogDirsOperation : public std::enable_shared_from_this<LogDirsOperation> {
 public:
  LogDirsOperation(RequestPtr request, const DescribeLogDirsRequest& message)
      : request_(std::move(request)), all_(!message.topics) {
    if (all_) return;
    for (const auto& topic : *message.topics) {
      for (const int32_t partition : topic.partitions) wanted_.emplace(topic.topic, partition);
    }
  }

  void start() {
    left_ = request_->context().shards.size();
    for (size_t i = 0; i < request_->context().shards.size(); ++i) {
      request_->shard().submit(i, [self = shared_from_this()](Shard& shard) {
        auto found = self->collect(shard);
        self->request_->shard().post(
            [self, found = std::move(found)]() mutable { self->add(std::move(found)); });
      });
    }
  }

 private:
  std::vector<Found> collect(Shard& shard) const {
    std::vector<Found> found;
    shard.for_each_partition([&](replica::Partition& partition) {
      const storage::Log& log = partition.log();
      if (all_ ||
          wanted_.contains(std::pair<std::string_view, int32_t>(log.name().topic, log.name().partition)))
        found.push_back({log.name(), log.directory(), static_cast<int64_t>(log.size_bytes())});
    });
    return found;
  }

  void add(std::vector<Found> found) {
    std::move(found.begin(), found.end(), std::back_inserter(found_));
    if (--left_ > 0) return;
    std::sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) { return a.name < b.name; });
    // Asking a file system for its space may block.
    boost::asio::post(request_->context().disk_pool, [self = shared_from_this()] {
      self->measure();
      self->request_->shard().post([self] { self->answer(); });
    });
  }

  void measure() {
    for (const auto& directory : request_->context().partitions->directories()) {
      spaces_.push_back(request_->context().partitions->file_system().space(directory->path()));
    }
  }

  void answer() {
    DescribeLogDirsResponse response;
    for (const auto& directory : request_->context().partitions->directories()) {
      auto& result = response.results.emplace_back();
      result.log_dir = directory->path();
      if (const auto& space = spaces_[response.results.size() - 1]) {
        result.total_bytes = static_cast<int64_t>(space->total_bytes);
        result.usable_bytes = static_cast<int64_t>(space->usable_bytes);
      } else {
        result.error_code = ErrorCode::kKafkaStorageError;
      }
      for (const Found& one : found_) {
        if (one.directory != directory->partition_path(one.name)) continue;
        if (result.topics.empty() || result.topics.back().name != one.name.topic) {
          result.topics.emplace_back().name = one.name.topic;
        }
        auto& partition = result.topics.back().partitions.emplace_back();
        partition.partition_index = one.name.partition;
        partition.partition_size = one.size;
      }
    }
    request_->respond(response);
  }

  RequestPtr request_;
  const bool all_;
  std::set<std::pair<std::string_view, int32_t>> wanted_;  // into the request's frame
  std::vector<Found> found_;
  std::vector<Result<storage::SpaceInfo>> spaces_;  // by directory
  size_t left_ = 0;
};

}  // namespace

void describe_log_dirs(RequestPtr request, const DescribeLogDirsRequest& message) {
  std::make_shared<LogDirsOperation>(std::move(request), message)->start();
}

}  // namespace tributary::broker
