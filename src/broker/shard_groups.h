// The coordinators of one shard: those of the partitions of __consumer_offsets that live on it. On the
// shard's thread, but for the probes, which any may read.
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "group_host.h"
#include "tributary/base/metrics.h"
#include "tributary/control/image.h"

namespace tributary::broker {

struct LoadProbe {
  Counter loads;
  Counter rebuilds;  // of those: without a view that went with the log
  Counter failed;
  Counter records;   // read from the log
  Counter unusable;  // of those: corrupt, or of a version that is not known
  Histogram load_ms;
  Gauge active;  // partitions
};

class ShardGroups {
 public:
  explicit ShardGroups(Shard& shard);
  ~ShardGroups();

  // A partition of __consumer_offsets came, or is about to go.
  void add(replica::Partition& partition);
  void remove(int32_t partition);
  GroupHost* find(int32_t partition) {
    const auto at = static_cast<size_t>(partition);
    return partition >= 0 && at < hosts_.size() ? hosts_[at].get() : nullptr;
  }
  void for_each(const std::function<void(GroupHost&)>& visit);
  // Of the shard's newest image; null if it is not made yet.
  const control::TopicPtr& offsets_topic();

  // No shard takes requests any more.
  void end_coordinators();
  // See GroupView.
  void hold(std::function<void(const Status&)> done);
  void go_on(bool at_once);
  // The view is another one now.
  void reload();

  const group::CoordinatorConfig& config() const { return config_; }
  group::CoordinatorProbe& coordinators() { return coordinators_; }
  LoadProbe& loads() { return loads_; }

 private:
  Shard& shard_;
  const group::CoordinatorConfig config_;
  group::CoordinatorProbe coordinators_;
  LoadProbe loads_;
  std::vector<std::shared_ptr<GroupHost>> hosts_;  // by partition; null: not here
  bool held_ = false;
  control::ImagePtr seen_;  // the image that offsets_topic_ is of
  control::TopicPtr offsets_topic_;
};

}  // namespace tributary::broker
