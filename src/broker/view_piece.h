// A piece of work on the view of one partition: records to apply, out of memory or out of the log, then
// questions. Made and read on the shard, run on the disk pool.
#pragma once
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "group_records.h"
#include "group_view.h"
#include "tributary/storage/log.h"

namespace tributary::broker {

// Asked on the pool, of a view that holds all that was added before, or of the reason why none does; what it
// returns is run on the shard.
using ViewAnswer = std::function<void()>;
using ViewQuestion = std::function<ViewAnswer(const Result<group::View*>& view)>;

// Records that are visible and not applied: the newest of each key.
class FreshRecords {
 public:
  void add(group::Record record, Offset offset);
  bool empty() const { return newest_.empty(); }
  size_t bytes() const { return bytes_; }
  Status apply_to(group::View& view, int32_t partition, const group::ViewPosition& position) const;

 private:
  struct Newest {
    Offset offset;
    std::optional<std::vector<uint8_t>> value;
  };
  struct KeyHash {
    size_t operator()(const std::vector<uint8_t>& key) const {
      return std::hash<std::string_view>{}(as_text(key));
    }
  };
  std::unordered_map<std::vector<uint8_t>, Newest, KeyHash> newest_;
  size_t bytes_ = 0;
};

struct ViewPiece {
  struct Place {
    int32_t partition;
    Uuid topic_id;
    GroupView::Claimant by;
  };

  // One of the two, or neither.
  FreshRecords fresh;
  group::ViewPosition fresh_position;
  std::optional<storage::ReadPlan> read;
  ReplayRange range;

  std::vector<ViewQuestion> questions;

  // What came of it. kBusy: the view has to be flushed first; nothing was done or asked.
  bool ran = false;
  Status status;
  std::optional<Offset> reached;
  ReplayCount count;
  bool flush_due = false;
  std::vector<ViewAnswer> answers;

  void run(GroupView& view, const Place& place);

 private:
  Status apply(GroupView& keeper, group::View& view, const Place& place);
  Status apply_read(GroupView& keeper, group::View& view, const Place& place);
};

}  // namespace tributary::broker
