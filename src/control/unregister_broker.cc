#include "unregister_broker.h"

#include <fmt/format.h>

#include "tributary/wire/records/metadata.h"

namespace tributary::control {
namespace {

Checked<RecordList> unregister(const OperationContext& context, int32_t id) {
  const auto broker = context.image.find_broker(NodeId{id});
  if (!broker) {
    return refuse(wire::ErrorCode::kBrokerIdNotRegistered,
                  fmt::format("Broker ID {} is not currently registered", id));
  }
  if (!broker->fenced) {
    return refuse(wire::ErrorCode::kInvalidRequest,
                  fmt::format("Broker ID {} is not fenced: stop it before it is unregistered", id));
  }
  wire::metadata::UnregisterBrokerRecord record;
  record.broker_id = id;
  record.broker_epoch = broker->epoch;
  RecordList records;
  records.add(record);
  return records;
}

}  // namespace

Planned<wire::UnregisterBrokerResponse> plan_unregister_broker(const OperationContext& context,
                                                               const wire::UnregisterBrokerRequest& request) {
  Planned<wire::UnregisterBrokerResponse> planned;
  set_success(planned.response);
  auto records = unregister(context, request.broker_id);
  if (records) {
    planned.records = std::move(*records);
  } else {
    set_fault(planned.response, std::move(records).error(), context.arena);
  }
  return planned;
}

}  // namespace tributary::control
