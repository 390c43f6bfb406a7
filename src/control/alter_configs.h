// AlterConfigs (replaces all of a resource's configuration) and IncrementalAlterConfigs (KIP-339).
#pragma once
#include "operation.h"
#include "tributary/wire/messages/alter_configs.h"
#include "tributary/wire/messages/incremental_alter_configs.h"

namespace tributary::control {

Planned<wire::AlterConfigsResponse> plan_alter_configs(const OperationContext& context,
                                                       const wire::AlterConfigsRequest& request);
Planned<wire::IncrementalAlterConfigsResponse> plan_incremental_alter_configs(
    const OperationContext& context, const wire::IncrementalAlterConfigsRequest& request);

}  // namespace tributary::control
