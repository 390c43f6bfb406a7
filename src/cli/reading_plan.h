// Which offsets of which partitions are still wanted. Pure.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "tributary/base/ids.h"

namespace tributary::cli {

class ReadingPlan {
 public:
  using PartitionId = std::pair<std::string, int32_t>;

  // From `first` on, to before `until` if there is one.
  void add(PartitionId id, Offset first, std::optional<Offset> until);

  bool wants(const PartitionId& id, Offset offset) const;
  // Everything before this offset has been seen, whether or not there was a record.
  void reached(const PartitionId& id, Offset next);
  // All partitions are read to their ends; never if one has none.
  bool finished() const { return open_ == 0; }

 private:
  struct Range {
    Offset first;
    std::optional<Offset> until;
    bool done;
  };
  std::map<PartitionId, Range> ranges_;
  size_t open_ = 0;
};

}  // namespace tributary::cli
