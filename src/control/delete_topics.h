// DeleteTopics (KIP-4, by id KIP-516).
#pragma once
#include "operation.h"
#include "tributary/wire/messages/delete_topics.h"

namespace tributary::control {

Planned<wire::DeleteTopicsResponse> plan_delete_topics(const OperationContext& context,
                                                       const wire::DeleteTopicsRequest& request,
                                                       int16_t version);

}  // namespace tributary::control
