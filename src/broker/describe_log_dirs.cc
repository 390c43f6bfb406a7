// DescribeLogDirs: sizes of logs by directory, gathered from all shards.
#include <algorithm>

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
      : request_(std::move(request)), message_(message) {}

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
  bool wanted(const storage::TopicPartition& name) const {
    if (!message_.topics) return true;
    for (const auto& topic : *message_.topics) {
      if (topic.topic != name.topic) continue;
      return std::find(topic.partitions.begin(), topic.partitions.end(), name.partition) !=
             topic.partitions.end();
    }
    return false;
  }

  std::vector<Found> collect(Shard& shard) const {
    std::vector<Found> found;
    shard.for_each_partition([&](replica::Partition& partition) {
      const storage::Log& log = partition.log();
      if (wanted(log.name()))
        found.push_back({log.name(), log.directory(), static_cast<int64_t>(log.size_bytes())});
    });
    return found;
  }

  void add(std::vector<Found> found) {
    std::move(found.begin(), found.end(), std::back_inserter(found_));
    if (--left_ > 0) return;
    std::sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) { return a.name < b.name; });
    answer();
  }

  void answer() {
    DescribeLogDirsResponse response;
    for (const auto& directory : request_->context().partitions->directories()) {
      auto& result = response.results.emplace_back();
      result.log_dir = directory->path();
      if (const auto space = request_->context().partitions->file_system().space(directory->path())) {
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
  const DescribeLogDirsRequest message_;
  std::vector<Found> found_;
  size_t left_ = 0;
};

}  // namespace

void describe_log_dirs(RequestPtr request, const DescribeLogDirsRequest& message) {
  std::make_shared<LogDirsOperation>(std::move(request), message)->start();
}

}  // namespace tributary::broker
