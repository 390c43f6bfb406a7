// UnregisterBroker (KIP-746): forgets a broker that is gone for good. Here that is a fenced one without
// replicas, as Apache Kafka may leave it behind; this broker itself stays.
#pragma once
#include "operation.h"
#include "tributary/wire/messages/unregister_broker.h"

namespace tributary::control {

Planned<wire::UnregisterBrokerResponse> plan_unregister_broker(const OperationContext& context,
                                                               const wire::UnregisterBrokerRequest& request);

}  // namespace tributary::control
