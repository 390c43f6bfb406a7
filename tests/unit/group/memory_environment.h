// A coordinator's world in memory: a log of __consumer_offsets whose batches become visible when told to, the
// view that follows it, timers and clocks moved by hand. Failures are injected by setting them beforehand.
// One thread.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tributary/group/environment.h"

namespace tributary::group {

using StoredGroups = std::map<std::string, StoredGroup, std::less<>>;
// What a batch does to the view.
void apply_records(StoredGroups& groups, const std::vector<Record>& records);

class MemoryEnvironment final : public Environment {
 public:
  struct Topic {
    Uuid id;
    int32_t partitions;
  };
  struct Batch {
    std::vector<Record> records;
    AppendDone done;
  };

  TimestampMs wall_ms() const override { return wall_ms_; }
  int64_t monotonic_ms() const override { return now_ms_; }
  void append(std::vector<Record> records, AppendDone done) override {
    if (on_append) on_append(records);
    pending.push_back({std::move(records), std::move(done)});
  }
  void load(const std::string& group, LoadDone done) override { loads.push_back({group, std::move(done)}); }
  std::unique_ptr<Timer> after(std::chrono::milliseconds delay, std::function<void()> action) override;
  int32_t partition_count(std::string_view topic) const override;
  Uuid topic_id(std::string_view topic) const override;
  Uuid random_id() override;

  void add_topic(const std::string& name, int32_t partitions);
  // Everything that can go on now goes on.
  void run();
  bool run_append();
  bool run_load();
  // Time passes; timers fire in order, and all goes on after each.
  void advance(int64_t ms);
  // Only the wall clock, as an operator moves it.
  void set_wall(TimestampMs to) { wall_ms_ = to; }
  size_t armed_timers() const { return timers_->size(); }

  std::map<std::string, Topic, std::less<>> topics;
  StoredGroups view;
  std::vector<std::vector<Record>> log;  // the batches that became visible
  std::deque<Batch> pending;
  std::deque<std::pair<std::string, LoadDone>> loads;
  std::function<void(const std::vector<Record>&)> on_append;
  bool hold_appends = false;
  bool hold_loads = false;
  std::deque<wire::ErrorCode> append_results;  // of the next ones; then all succeed
  size_t failing_loads = 0;
  size_t loads_done = 0;

 private:
  class MemoryTimer;
  using Timers = std::map<std::pair<int64_t, uint64_t>, std::function<void()>>;

  TimestampMs wall_ms_ = 1'700'000'000'000;
  int64_t now_ms_ = 5;
  uint64_t next_timer_ = 0;
  uint64_t next_id_ = 0;
  std::shared_ptr<Timers> timers_ = std::make_shared<Timers>();
};

}  // namespace tributary::group
