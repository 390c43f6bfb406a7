// New partitions: their first state, and a partition's state as a record.
#pragma once
#include "operation.h"
#include "record_versions.h"
#include "tributary/wire/records/metadata.h"

namespace tributary::control {

wire::metadata::PartitionRecord partition_record(const Uuid& topic, int32_t partition,
                                                 const PartitionImage& state, const RecordVersions& versions);

// Replicas on active brokers are in sync from the start, the first of them leads. The caller has checked that
// there is one.
PartitionImage new_partition(const OperationContext& context, std::vector<NodeId> replicas);
std::vector<NodeId> active_of(const Image& image, std::span<const NodeId> replicas);

// A list of brokers as a client gave it. `replication_factor`, if known, must be met.
Checked<std::vector<NodeId>> check_assignment(const Image& image, std::span<const int32_t> brokers,
                                              std::optional<size_t> replication_factor);

}  // namespace tributary::control
