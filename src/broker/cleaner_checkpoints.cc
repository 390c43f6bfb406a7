#include "cleaner_checkpoints.h"

namespace tributary::broker {

using storage::kCleanerCheckpoint;
using storage::TopicPartition;

Status CleanerCheckpoints::read() {
  for (size_t i = 0; i < directories_.size(); ++i) {
    TRIBUTARY_ASSIGN(read_[i], directories_[i]->read_checkpoint(kCleanerCheckpoint));
  }
  return {};
}

std::optional<Offset> CleanerCheckpoints::find(size_t directory, const TopicPartition& name) const {
  const auto found = read_[directory].find(name);
  return found == read_[directory].end() ? std::nullopt : std::optional(found->second);
}

void CleanerCheckpoints::opened(size_t directory, const TopicPartition& name, Offset first_dirty) {
  if (!find(directory, name)) return;
  const std::lock_guard lock(mutex_);
  kept_[directory][name] = first_dirty;
}

Status CleanerCheckpoints::settle() {
  for (size_t i = 0; i < directories_.size(); ++i) {
    if (kept_[i] != read_[i]) TRIBUTARY_TRY(directories_[i]->write_checkpoint(kCleanerCheckpoint, kept_[i]));
  }
  return {};
}

Status CleanerCheckpoints::set(const std::string& log_directory, const TopicPartition& name,
                               Offset first_dirty) {
  for (size_t i = 0; i < directories_.size(); ++i) {
    if (directories_[i]->partition_path(name) != log_directory) continue;
    auto next = kept_[i];
    next[name] = first_dirty;
    TRIBUTARY_TRY(directories_[i]->write_checkpoint(kCleanerCheckpoint, next));
    kept_[i] = std::move(next);
  }
  return {};
}

Status CleanerCheckpoints::forget(const TopicPartition& name) {
  for (size_t i = 0; i < directories_.size(); ++i) {
    if (kept_[i].erase(name) > 0)
      TRIBUTARY_TRY(directories_[i]->write_checkpoint(kCleanerCheckpoint, kept_[i]));
  }
  return {};
}

}  // namespace tributary::broker
