// AlterPartitionReassignments and ListPartitionReassignments (KIP-455, KIP-860) as far as a cluster of one
// node goes: a partition can only be where it is. So a valid reassignment is one that changes nothing, and
// none is ever under way.
#pragma once
#include "operation.h"
#include "tributary/control/controller.h"

namespace tributary::control {

wire::AlterPartitionReassignmentsResponse check_reassignments(
    const OperationContext& context, const wire::AlterPartitionReassignmentsRequest& request);

}  // namespace tributary::control
