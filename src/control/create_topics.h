// CreateTopics (KIP-4, KIP-464, KIP-525).
#pragma once
#include "operation.h"
#include "tributary/wire/messages/create_topics.h"

namespace tributary::control {

Planned<wire::CreateTopicsResponse> plan_create_topics(const OperationContext& context,
                                                       const wire::CreateTopicsRequest& request);

}  // namespace tributary::control
