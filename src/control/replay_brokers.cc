#include <fmt/format.h>

#include "replay_handlers.h"

namespace tributary::control {
namespace {

tl::unexpected<Error> unknown_broker(int32_t id, int64_t epoch) {
  return fail(
      Errc::kCorruption,
      fmt::format("a metadata record names broker {} of epoch {}, which is not registered", id, epoch));
}

std::shared_ptr<BrokerImage> broker_of(const wire::metadata::RegisterBrokerRecord& record) {
  auto broker = std::make_shared<BrokerImage>();
  broker->id = NodeId{record.broker_id};
  broker->epoch = record.broker_epoch;
  broker->incarnation = record.incarnation_id;
  for (const auto& point : record.end_points) {
    broker->endpoints.push_back(
        {std::string(point.name), std::string(point.host), point.port, point.security_protocol});
  }
  if (record.rack) broker->rack = std::string(*record.rack);
  broker->fenced = record.fenced;
  broker->in_controlled_shutdown = record.in_controlled_shutdown;
  broker->log_directories = record.log_dirs;
  for (const auto& feature : record.features) {
    broker->features.push_back(
        {std::string(feature.name), feature.min_supported_version, feature.max_supported_version});
  }
  broker->cordoned_directories = record.cordoned_log_dirs;
  broker->is_migrating_zk_broker = record.is_migrating_zk_broker;
  return broker;
}

}  // namespace

std::shared_ptr<BrokerImage> ImageBuilder::copy_broker(NodeId id) const {
  const auto broker = state_.find_broker(id);
  return broker ? std::make_shared<BrokerImage>(*broker) : nullptr;
}

void ImageBuilder::put_broker(NodeId id, std::shared_ptr<const BrokerImage> broker) {
  auto brokers = std::make_shared<Image::Brokers>(*state_.brokers_);
  if (broker) {
    (*brokers)[id] = std::move(broker);
  } else {
    brokers->erase(id);
  }
  state_.brokers_ = std::move(brokers);
}

Status ImageBuilder::Handlers::on(ImageBuilder& builder, const wire::metadata::RegisterBrokerRecord& record) {
  builder.put_broker(NodeId{record.broker_id}, broker_of(record));
  return {};
}

Status ImageBuilder::Handlers::on(ImageBuilder& builder,
                                  const wire::metadata::UnregisterBrokerRecord& record) {
  const NodeId id{record.broker_id};
  const auto broker = builder.state_.find_broker(id);
  if (!broker || broker->epoch != record.broker_epoch)
    return unknown_broker(record.broker_id, record.broker_epoch);
  builder.put_broker(id, nullptr);
  return {};
}

Status ImageBuilder::Handlers::on(ImageBuilder& builder,
                                  const wire::metadata::BrokerRegistrationChangeRecord& record) {
  auto broker = builder.copy_broker(NodeId{record.broker_id});
  if (!broker || broker->epoch != record.broker_epoch)
    return unknown_broker(record.broker_id, record.broker_epoch);
  if (record.fenced != 0) broker->fenced = record.fenced > 0;
  if (record.in_controlled_shutdown > 0) broker->in_controlled_shutdown = true;
  if (!record.log_dirs.empty()) broker->log_directories = record.log_dirs;
  if (record.cordoned_log_dirs) broker->cordoned_directories = record.cordoned_log_dirs;
  const NodeId id = broker->id;
  builder.put_broker(id, std::move(broker));
  return {};
}

Status ImageBuilder::Handlers::on(ImageBuilder& builder, const wire::metadata::FenceBrokerRecord& record) {
  auto broker = builder.copy_broker(NodeId{record.id});
  if (!broker || broker->epoch != record.epoch) return unknown_broker(record.id, record.epoch);
  broker->fenced = true;
  builder.put_broker(NodeId{record.id}, std::move(broker));
  return {};
}

Status ImageBuilder::Handlers::on(ImageBuilder& builder, const wire::metadata::UnfenceBrokerRecord& record) {
  auto broker = builder.copy_broker(NodeId{record.id});
  if (!broker || broker->epoch != record.epoch) return unknown_broker(record.id, record.epoch);
  broker->fenced = false;
  builder.put_broker(NodeId{record.id}, std::move(broker));
  return {};
}

}  // namespace tributary::control
