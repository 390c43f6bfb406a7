// What each partition holds, for offsets that are given as start, end, a distance or a time.
#pragma once
#include <map>

#include "offset_spec.h"
#include "topics.h"

namespace tributary::cli {

struct SpanOrError {
  wire::ErrorCode error{};
  PartitionSpan span;
};
using Spans = std::map<PartitionId, SpanOrError>;

// `bound` says whether a time has to be looked up.
Result<Spans> list_spans(Cluster& cluster, const Metadata& topics, const OffsetBound& bound,
                         Isolation isolation = Isolation::kReadUncommitted);

// Keeps the chosen partitions of each topic; one that does not exist is reported.
void keep_partitions(Session& session, Metadata& topics, const std::vector<int32_t>& chosen);

}  // namespace tributary::cli
