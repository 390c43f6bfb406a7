// What the controller writes about itself and its broker: the records of a first start, and those of each
// start.
#pragma once
#include "operation.h"
#include "tributary/control/controller.h"

namespace tributary::control {

// The first records of a new cluster, as one metadata transaction, which is how Kafka writes them: our
// levels, or those a formatted directory came with.
RecordList bootstrap_records();
RecordList bootstrap_records(std::span<const ByteView> formatted);
// This broker as a new incarnation, still fenced. `epoch` is the offset this batch will get.
RecordList registration_records(const Image& image, const ControllerOptions& options, int64_t epoch);
// In batches: the broker is there, then the partitions it leads.
std::vector<RecordList> unfence_records(const Image& image, NodeId node);
// The broker is gone.
RecordList fence_records(const Image& image, NodeId node);

}  // namespace tributary::control
