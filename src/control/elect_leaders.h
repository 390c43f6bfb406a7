// ElectLeaders (KIP-183, KIP-460), and the elections that go with a broker's coming back.
#pragma once
#include "operation.h"
#include "tributary/wire/messages/elect_leaders.h"
#include "tributary/wire/records/metadata.h"

namespace tributary::control {

Planned<wire::ElectLeadersResponse> plan_elect_leaders(const OperationContext& context,
                                                       const wire::ElectLeadersRequest& request);

// Changes for every partition that `node`, back with a new epoch, leads or can take over: those it led get a
// new leader epoch, those without a leader get it if it was in sync or eligible.
RecordList leadership_of_returning(const Image& image, NodeId node);

}  // namespace tributary::control
