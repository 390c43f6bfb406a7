// One log.dir: its identity, lock, checkpoints and clean-shutdown marker, and the list of what stands in it.
// It does no work in the background; the broker calls it. One thread at a time.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tributary/base/random.h"
#include "tributary/base/uuid.h"
#include "tributary/storage/log.h"

namespace tributary::storage {

// meta.properties, Kafka's version 1.
struct DirectoryIdentity {
  std::string cluster_id;
  NodeId node_id = kNoNode;
  Uuid directory_id;
};

struct FoundLog {
  TopicPartition name;
  std::string directory;
};

class LogDirectory {
 public:
  // Takes the lock (kBusy: another process has it) and reads meta.properties; a new or empty directory gets
  // none yet. kUnsupported: a newer format; kInvalidArgument: not a Kafka log directory though not empty.
  static Result<std::unique_ptr<LogDirectory>> open(FileSystem& fs, std::string path);

  const std::string& path() const { return path_; }
  const std::optional<DirectoryIdentity>& identity() const { return identity_; }
  Status write_identity(const DirectoryIdentity& identity);

  // Read once at open; the marker itself is removed by begin_run, so that a crash from then on is seen as
  // one.
  bool was_clean() const { return was_clean_; }
  std::optional<int64_t> clean_broker_epoch() const { return clean_broker_epoch_; }
  Status begin_run();
  // First syncs the whole file system, for the logs that were closed without syncing each.
  Status write_clean_marker(int64_t broker_epoch);

  // Partition directories that are to be opened. Leftovers of deletions (-delete) are listed apart, names
  // that are no partition's are left alone.
  struct Contents {
    std::vector<FoundLog> logs;
    std::vector<std::string> deleted;  // paths of *-delete directories to be removed
  };
  Result<Contents> scan() const;
  // Renames a partition that belongs to no topic to TOPIC-N.UNIQUE-stray, which nobody opens; its new path.
  Result<std::string> set_aside(const TopicPartition& name, const Uuid& unique) const;

  // recovery-point-offset-checkpoint, log-start-offset-checkpoint, replication-offset-checkpoint. A missing
  // file is empty; a malformed one is an error.
  using OffsetCheckpoint = std::map<TopicPartition, Offset>;
  Result<OffsetCheckpoint> read_checkpoint(std::string_view file) const;
  Status write_checkpoint(std::string_view file, const OffsetCheckpoint& offsets);

  std::string partition_path(const TopicPartition& name) const;

 private:
  LogDirectory(FileSystem& fs, std::string path) : fs_(&fs), path_(std::move(path)) {}

  FileSystem* fs_;
  std::string path_;
  std::unique_ptr<FileLock> lock_;
  std::optional<DirectoryIdentity> identity_;
  bool was_clean_ = false;
  std::optional<int64_t> clean_broker_epoch_;
};

inline constexpr std::string_view kRecoveryPointCheckpoint = "recovery-point-offset-checkpoint";
inline constexpr std::string_view kLogStartCheckpoint = "log-start-offset-checkpoint";
inline constexpr std::string_view kHighWatermarkCheckpoint = "replication-offset-checkpoint";
inline constexpr std::string_view kCleanerCheckpoint = "cleaner-offset-checkpoint";

// "orders-3" gives {"orders", 3}; null if the name is not of that form.
std::optional<TopicPartition> parse_partition_directory(std::string_view name);

}  // namespace tributary::storage
