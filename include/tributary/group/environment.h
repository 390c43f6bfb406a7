// What a coordinator needs of the world around it. The broker implements it over a partition's log, the view
// and the shard's timers; tests over memory. All calls come from the coordinator's shard, and every callback
// runs there, never from inside the call that took it.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tributary/base/result.h"
#include "tributary/group/record.h"
#include "tributary/group/stored_group.h"
#include "tributary/wire/error_code.h"

namespace tributary::group {

// Cancels when destroyed. Its action runs once and may destroy it.
class Timer {
 public:
  virtual ~Timer() = default;
};

class Environment {
 public:
  virtual ~Environment() = default;

  // For what is written down; may jump.
  virtual TimestampMs wall_ms() const = 0;
  // For deadlines: runs evenly, from an arbitrary zero.
  virtual int64_t monotonic_ms() const = 0;

  // One batch, appended in the order of calls. `done` is called once, in that order too: with kNone when the
  // batch is visible (below the high watermark), else with why it will never be.
  using AppendDone = std::function<void(wire::ErrorCode)>;
  virtual void append(std::vector<Record> records, AppendDone done) = 0;

  // What the view holds of a group, every record included whose `done` was called before. An empty
  // StoredGroup if there is none.
  using LoadDone = std::function<void(Result<StoredGroup>)>;
  virtual void load(const std::string& group, LoadDone done) = 0;

  virtual std::unique_ptr<Timer> after(std::chrono::milliseconds delay, std::function<void()> action) = 0;

  // Whether the topic exists now, with how many partitions (0: it does not). For commits to unknown topics.
  virtual int32_t partition_count(std::string_view topic) const = 0;
  virtual Uuid topic_id(std::string_view topic) const = 0;
  // A member id's random part.
  virtual Uuid random_id() = 0;
};

}  // namespace tributary::group
