// The coordinator's world: records go into the partition's log and from there into the view, groups come out
// of the view, time is the shard's. Lives on the partition's shard; made and dropped by its GroupHost.
#pragma once
#include <deque>
#include <memory>
#include <vector>

#include "tributary/group/environment.h"
#include "tributary/replica/partition.h"
#include "view_feed.h"

namespace tributary::broker {

class Shard;

class GroupEnvironment final : public group::Environment,
                               public replica::AppendObserver,
                               public std::enable_shared_from_this<GroupEnvironment> {
 public:
  GroupEnvironment(Shard& shard, replica::Partition& partition, ViewFeed& feed, GroupView& view);

  TimestampMs wall_ms() const override;
  int64_t monotonic_ms() const override;
  void append(std::vector<group::Record> records, AppendDone done) override;
  void load(const std::string& group, LoadDone done) override;
  std::unique_ptr<group::Timer> after(std::chrono::milliseconds delay, std::function<void()> action) override;
  int32_t partition_count(std::string_view topic) const override;
  Uuid topic_id(std::string_view topic) const override;
  Uuid random_id() override;

  // The coordinator is gone: no callback comes any more.
  void leave_coordinator();
  // The partition is gone as well.
  void detach() { partition_ = nullptr; }

 private:
  struct Append {
    std::vector<group::Record> records;
    std::vector<uint8_t> batch;  // until it is written
    AppendDone done;
    std::optional<wire::ErrorCode> outcome;
    storage::AppendInfo info;
  };

  void on_append_done(uint32_t slot, wire::ErrorCode error, const storage::AppendInfo& info) override;
  void end(uint32_t slot, wire::ErrorCode error, const storage::AppendInfo& info);
  void tell_in_order();

  Shard& shard_;
  replica::Partition* partition_;
  ViewFeed& feed_;
  GroupView& view_;
  const wire::Codec codec_;
  std::deque<Append> appends_;  // not told yet, oldest first
  uint32_t first_slot_ = 0;     // of appends_.front()
  bool coordinated_ = true;
};

}  // namespace tributary::broker
