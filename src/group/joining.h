// A JoinGroup request on its way through Membership.
#pragma once
#include "answers.h"
#include "membership.h"

namespace tributary::group {

struct Membership::Joining {
  const RequestInfo& info;
  const wire::JoinGroupRequest& request;
  const OfferedProtocols& protocols;
  Reply<wire::JoinGroupResponse> reply;

  void refuse(wire::ErrorCode error) const { reply(refuse_join(info, request, error)); }
  // Version 0 had none.
  int32_t rebalance_timeout_ms() const {
    return info.version == 0 ? request.session_timeout_ms : request.rebalance_timeout_ms;
  }
};

}  // namespace tributary::group
