#include "shard_groups.h"

#include "offsets_topic.h"
#include "shard.h"

namespace tributary::broker {
namespace {

group::CoordinatorConfig config_of(const config::Values& values) {
  group::CoordinatorConfig config;
  config.min_session_timeout_ms = values.get_int("group.min.session.timeout.ms");
  config.max_session_timeout_ms = values.get_int("group.max.session.timeout.ms");
  config.initial_rebalance_delay_ms = values.get_int("group.initial.rebalance.delay.ms");
  config.max_group_size = values.get_int("group.max.size");
  config.offset_metadata_max_bytes = values.get_int("offset.metadata.max.bytes");
  config.offsets_retention_ms = values.get_int("offsets.retention.minutes") * int64_t{60'000};
  config.max_active_groups = static_cast<size_t>(values.get_int("max.active.groups.per.partition"));
  config.max_cached_offsets = static_cast<size_t>(values.get_int("max.cached.offsets.per.partition"));
  return config;
}

}  // namespace

ShardGroups::ShardGroups(Shard& shard) : shard_(shard), config_(config_of(*shard.context().values)) {}
ShardGroups::~ShardGroups() {
  for_each([](GroupHost& host) {
    host.detach();
    host.feed().drop_work();
  });
}

void ShardGroups::add(replica::Partition& partition) {
  const auto at = static_cast<size_t>(partition.name().partition);
  if (hosts_.size() <= at) hosts_.resize(at + 1);
  hosts_[at] = std::make_shared<GroupHost>(shard_, *this, partition, *shard_.context().group_view);
  if (held_) hosts_[at]->hold([](const Status&) {});
  hosts_[at]->load();
}

void ShardGroups::remove(int32_t partition) {
  if (find(partition) == nullptr) return;
  hosts_[static_cast<size_t>(partition)]->detach();
  hosts_[static_cast<size_t>(partition)].reset();
}

void ShardGroups::for_each(const std::function<void(GroupHost&)>& visit) {
  for (const auto& host : hosts_) {
    if (host) visit(*host);
  }
}

const control::TopicPtr& ShardGroups::offsets_topic() {
  if (seen_ != shard_.image()) {
    seen_ = shard_.image();
    offsets_topic_ = seen_->find_topic(kOffsetsTopic);
  }
  return offsets_topic_;
}

void ShardGroups::end_coordinators() {
  for_each([](GroupHost& host) { host.end_coordinator(); });
}

void ShardGroups::hold(std::function<void(const Status&)> done) {
  struct Waiting {
    size_t left = 1;  // this function itself
    Status outcome;
    std::function<void(const Status&)> done;
    void one(const Status& status) {
      if (!status && outcome) outcome = status;
      if (--left == 0) done(outcome);
    }
  };
  held_ = true;
  auto waiting = std::make_shared<Waiting>();
  waiting->done = std::move(done);
  for_each([&](GroupHost& host) {
    ++waiting->left;
    host.hold([waiting](const Status& status) { waiting->one(status); });
  });
  waiting->one({});
}

void ShardGroups::reload() {
  held_ = false;
  for (size_t i = 0; i < hosts_.size(); ++i) {
    if (!hosts_[i]) continue;
    replica::Partition& partition = hosts_[i]->log_partition();
    remove(static_cast<int32_t>(i));
    add(partition);
  }
}

void ShardGroups::go_on(bool at_once) {
  held_ = false;
  for_each([&](GroupHost& host) { host.feed().go_on(at_once); });
}

}  // namespace tributary::broker
