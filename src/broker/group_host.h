// One partition of __consumer_offsets on the shard that leads it: finds out whether the view goes with the
// log, brings it up, starts the coordinator, and ends it again. Requests that come while it loads wait a
// short time, so that a start does not cost every client a retry.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "group_environment.h"
#include "tributary/group/coordinator.h"
#include "view_feed.h"

namespace tributary::broker {

class ShardGroups;

class GroupHost : public std::enable_shared_from_this<GroupHost> {
 public:
  GroupHost(Shard& shard, ShardGroups& groups, replica::Partition& partition, GroupView& view);
  void load();

  int32_t partition() const { return index_; }
  replica::Partition& log_partition() { return *partition_; }
  // Null while it loads, and after it failed.
  group::Coordinator* coordinator() { return coordinator_.get(); }
  // With the coordinator, or with the error that says why there is none: at once, or soon.
  using Ready = std::function<void(group::Coordinator*, wire::ErrorCode)>;
  void when_ready(Ready ready);

  // Its parked requests are answered NOT_COORDINATOR.
  void end_coordinator();
  // Nor does anything go on in the background.
  void detach();

  ViewFeed& feed() { return *feed_; }
  // Nothing is applied from when `done` is called until the feed's go_on(); it is told whether the log is
  // synced up to what was.
  void hold(std::function<void(const Status&)> done);

  // Of the groups in the view, page by page in order of id. While the coordinator is there.
  struct Scan {
    std::function<Status(group::View&, const std::optional<std::string>& after,
                         const group::View::VisitGroup& visit)>
        find;
    std::function<void(const group::GroupSummary&)> each;
    std::function<void(const Status&)> done;
  };
  void scan(Scan scan);
  void expire_offsets();
  using Topics = std::shared_ptr<const std::vector<std::string>>;
  void forget_topics(const Topics& topics);

 private:
  enum class State { kLoading, kActive, kFailed };
  struct Found;

  struct LogName {
    storage::TopicPartition name;
    std::string directory;
  };
  Found look(const LogName& log) const;
  void check(const Found& found);
  void make_anew(Offset before_all);
  Status drop_view() const;
  void bring_up(Offset applied);
  void came_up(const Status& status);
  void start(const Result<std::vector<std::string>>& with_members);
  void say_loaded() const;
  void fail(const Error& error);
  void answer_waiting();
  void next_page(const std::shared_ptr<const Scan>& scan, const std::optional<std::string>& after);

  Shard& shard_;
  ShardGroups& groups_;
  replica::Partition* partition_;
  GroupView& view_;
  const int32_t index_;
  State state_ = State::kLoading;
  int64_t began_ns_ = 0;
  std::string rebuilt_because_;
  std::shared_ptr<ViewFeed> feed_;
  std::shared_ptr<GroupEnvironment> environment_;
  std::unique_ptr<group::Coordinator> coordinator_;
  bool expiring_ = false;
  std::vector<Topics> forgotten_while_loading_;
  std::vector<Ready> waiting_;
  bool waited_long_ = false;
  TimerQueue::Handle timer_;
};

}  // namespace tributary::broker
