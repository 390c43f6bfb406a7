#include "tributary/control/controller.h"

#include "alter_configs.h"
#include "create_partitions.h"
#include "create_topics.h"
#include "delete_topics.h"
#include "elect_leaders.h"
#include "metadata_log.h"
#include "reassign_partitions.h"
#include "refusals.h"
#include "registration.h"
#include "tributary/wire/records/metadata.h"
#include "unregister_broker.h"
#include "update_features.h"

namespace tributary::control {

using wire::ErrorCode;

struct Controller::Impl {
  explicit Impl(ControllerOptions given) : options(std::move(given)) {}

  OperationContext context(wire::Arena& arena) const {
    return {*log->image(), *options.values, options.node_id, options.log_directories, *options.random, arena};
  }

  // The answer as planned if its records are committed; else every item of it says why not.
  template <typename Response>
  Response commit(Planned<Response> planned, wire::Arena& arena) {
    if (planned.records.empty()) return std::move(planned.response);
    if (auto committed = log->commit(planned.records, options.clock->wall_ms()); !committed) {
      const bool too_large = committed.error().code == Errc::kTooLarge;
      refuse_all(planned.response, too_large ? ErrorCode::kPolicyViolation : ErrorCode::kKafkaStorageError,
                 arena.keep(std::move(committed.error().message)));
    }
    return std::move(planned.response);
  }

  ControllerOptions options;
  std::unique_ptr<MetadataLog> log;
};

Controller::Controller(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Controller::~Controller() = default;

Result<std::unique_ptr<Controller>> Controller::open(ControllerOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  TRIBUTARY_ASSIGN(impl->log, MetadataLog::open(impl->options));
  return std::unique_ptr<Controller>(new Controller(std::move(impl)));
}

void Controller::set_values(std::shared_ptr<const config::Values> values) {
  impl_->options.values = std::move(values);
}

ImagePtr Controller::image() const { return impl_->log->image(); }

void Controller::on_image(std::function<void(ImagePtr)> listener) {
  impl_->log->on_image(std::move(listener));
}

wire::CreateTopicsResponse Controller::create_topics(const wire::CreateTopicsRequest& request,
                                                     int16_t /*version*/, wire::Arena& arena) {
  return impl_->commit(plan_create_topics(impl_->context(arena), request), arena);
}

wire::DeleteTopicsResponse Controller::delete_topics(const wire::DeleteTopicsRequest& request,
                                                     int16_t version, wire::Arena& arena) {
  return impl_->commit(plan_delete_topics(impl_->context(arena), request, version), arena);
}

wire::CreatePartitionsResponse Controller::create_partitions(const wire::CreatePartitionsRequest& request,
                                                             wire::Arena& arena) {
  return impl_->commit(plan_create_partitions(impl_->context(arena), request), arena);
}

wire::AlterConfigsResponse Controller::alter_configs(const wire::AlterConfigsRequest& request,
                                                     wire::Arena& arena) {
  return impl_->commit(plan_alter_configs(impl_->context(arena), request), arena);
}

wire::IncrementalAlterConfigsResponse Controller::incremental_alter_configs(
    const wire::IncrementalAlterConfigsRequest& request, wire::Arena& arena) {
  return impl_->commit(plan_incremental_alter_configs(impl_->context(arena), request), arena);
}

wire::ElectLeadersResponse Controller::elect_leaders(const wire::ElectLeadersRequest& request,
                                                     int16_t /*version*/, wire::Arena& arena) {
  return impl_->commit(plan_elect_leaders(impl_->context(arena), request), arena);
}

wire::UpdateFeaturesResponse Controller::update_features(const wire::UpdateFeaturesRequest& request,
                                                         int16_t version, wire::Arena& arena) {
  return impl_->commit(plan_update_features(impl_->context(arena), request, version), arena);
}

wire::AlterPartitionReassignmentsResponse Controller::alter_partition_reassignments(
    const wire::AlterPartitionReassignmentsRequest& request, wire::Arena& arena) {
  return check_reassignments(impl_->context(arena), request);
}

wire::UnregisterBrokerResponse Controller::unregister_broker(const wire::UnregisterBrokerRequest& request,
                                                             wire::Arena& arena) {
  return impl_->commit(plan_unregister_broker(impl_->context(arena), request), arena);
}

wire::DescribeQuorumResponse Controller::describe_quorum(const wire::DescribeQuorumRequest& request,
                                                         int16_t /*version*/, wire::Arena& arena) {
  return describe_quorum_facts(impl_->log->quorum().describe(impl_->options.clock->wall_ms()), request,
                               arena);
}

Result<ProducerIdBlock> Controller::allocate_producer_ids() {
  constexpr int32_t kBlockSize = 1000;
  const ImagePtr image = impl_->log->image();
  const int64_t first = image->next_producer_id();
  if (first > INT64_MAX - kBlockSize) return fail(Errc::kOutOfRange, "there are no producer ids left");
  wire::metadata::ProducerIdsRecord record;
  record.broker_id = raw(impl_->options.node_id);
  record.broker_epoch = image->find_broker(impl_->options.node_id)->epoch;
  record.next_producer_id = first + kBlockSize;
  RecordList records;
  records.add(record);
  TRIBUTARY_TRY(impl_->log->commit(records, impl_->options.clock->wall_ms()));
  return ProducerIdBlock{first, kBlockSize};
}

void Controller::tick() { impl_->log->tick(impl_->options.clock->wall_ms()); }

Status Controller::close() {
  impl_->log->on_image(nullptr);
  Status fenced = impl_->log->fence_broker();
  TRIBUTARY_TRY(impl_->log->quorum().close());
  return fenced;
}

}  // namespace tributary::control
