// The first dirty offset of every log that was ever cleaned, by log directory, as `cleaner-offset-checkpoint`
// has it. Filled while the logs are opened (several threads), then the control thread's.
#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "tributary/storage/log_directory.h"

namespace tributary::broker {

class CleanerCheckpoints {
 public:
  using Directories = std::vector<std::unique_ptr<storage::LogDirectory>>;
  explicit CleanerCheckpoints(const Directories& directories)
      : directories_(directories), read_(directories.size()), kept_(directories.size()) {}

  Status read();
  std::optional<Offset> find(size_t directory, const storage::TopicPartition& name) const;
  // What the log made of it when it was opened.
  void opened(size_t directory, const storage::TopicPartition& name, Offset first_dirty);
  // Once all are open: writes those files that hold anything else.
  Status settle();

  // Both have written it when they return.
  Status set(const std::string& log_directory, const storage::TopicPartition& name, Offset first_dirty);
  Status forget(const storage::TopicPartition& name);

 private:
  const Directories& directories_;
  std::vector<storage::LogDirectory::OffsetCheckpoint> read_;
  std::mutex mutex_;
  std::vector<storage::LogDirectory::OffsetCheckpoint> kept_;
};

}  // namespace tributary::broker
