// Which neighbouring segments are rewritten into one, so that a log does not end as many tiny ones.
#pragma once
#include <vector>

#include "segment.h"

namespace tributary::storage {

struct GroupLimits {
  uint64_t segment_bytes = 0;
  uint64_t index_bytes = 0;
  size_t segments = SIZE_MAX;  // each has open files while its group is rewritten
};

struct GroupedSegment {
  std::shared_ptr<const Segment> segment;
  size_t index = 0;  // in the log's list
  Offset end = 0;    // where the next one begins
  uint64_t offset_index_bytes = 0;
  uint64_t time_index_bytes = 0;
};
using SegmentGroup = std::vector<GroupedSegment>;

std::vector<SegmentGroup> group_segments(const std::vector<GroupedSegment>& segments,
                                         const GroupLimits& limits);

}  // namespace tributary::storage
