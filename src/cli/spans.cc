#include "spans.h"

#include <fmt/format.h>

#include <algorithm>

namespace tributary::cli {

Result<Spans> list_spans(Cluster& cluster, const Metadata& topics, const OffsetBound& bound,
                         Isolation isolation) {
  TRIBUTARY_ASSIGN(const OffsetList start, list_offsets(cluster, topics, kEarliest, isolation));
  TRIBUTARY_ASSIGN(const OffsetList end, list_offsets(cluster, topics, kLatest, isolation));
  OffsetList at_time;
  if (bound.kind == OffsetBound::Kind::kTimestamp) {
    TRIBUTARY_ASSIGN(at_time, list_offsets(cluster, topics, bound.value, isolation));
  }
  Spans spans;
  for (const auto& [id, listed] : end) {
    SpanOrError& entry = spans[id];
    entry.error = listed.error;
    entry.span.start = start.at(id).offset;
    entry.span.end = listed.offset;
    if (entry.error == wire::ErrorCode::kNone) entry.error = start.at(id).error;
    if (const auto found = at_time.find(id); found != at_time.end()) {
      if (entry.error == wire::ErrorCode::kNone) entry.error = found->second.error;
      if (found->second.offset >= 0) entry.span.at_timestamp = found->second.offset;
    }
  }
  return spans;
}

void keep_partitions(Session& session, Metadata& topics, const std::vector<int32_t>& chosen) {
  if (chosen.empty()) return;
  for (TopicInfo& topic : topics.topics) {
    for (const int32_t index : chosen) {
      if (topic.find(index) == nullptr) {
        session.out.failure(fmt::format("{} partition {}", topic.name, index),
                            wire::ErrorCode::kUnknownTopicOrPartition,
                            fmt::format("the topic has {} partitions", topic.partitions.size()));
      }
    }
    std::erase_if(topic.partitions, [&](const PartitionInfo& partition) {
      return std::ranges::find(chosen, partition.index) == chosen.end();
    });
  }
}

}  // namespace tributary::cli
