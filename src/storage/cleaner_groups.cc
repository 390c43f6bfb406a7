#include "cleaner_groups.h"

namespace tributary::storage {

namespace {

struct Sums {
  uint64_t log = 0;
  uint64_t offset_index = 0;
  uint64_t time_index = 0;

  void add(const GroupedSegment& one) {
    log += one.segment->size;
    offset_index += one.offset_index_bytes;
    time_index += one.time_index_bytes;
  }
};

}  // namespace

std::vector<SegmentGroup> group_segments(const std::vector<GroupedSegment>& segments,
                                         const GroupLimits& limits) {
  std::vector<SegmentGroup> groups;
  Sums sums;
  for (const GroupedSegment& next : segments) {
    Sums grown = sums;
    grown.add(next);
    const bool joins = !groups.empty() && groups.back().size() < limits.segments &&
                       grown.log <= limits.segment_bytes && grown.offset_index <= limits.index_bytes &&
                       grown.time_index <= limits.index_bytes &&
                       next.end - 1 - groups.back().front().segment->base <= INT32_MAX;
    if (!joins) {
      groups.emplace_back();
      grown = {};
      grown.add(next);
    }
    groups.back().push_back(next);
    sums = grown;
  }
  return groups;
}

}  // namespace tributary::storage
