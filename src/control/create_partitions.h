// CreatePartitions (KIP-195): a topic only grows.
#pragma once
#include "operation.h"
#include "tributary/wire/messages/create_partitions.h"

namespace tributary::control {

Planned<wire::CreatePartitionsResponse> plan_create_partitions(const OperationContext& context,
                                                               const wire::CreatePartitionsRequest& request);

}  // namespace tributary::control
