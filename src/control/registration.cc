#include "registration.h"

#include "elect_leaders.h"
#include "record_versions.h"
#include "tributary/wire/records/metadata.h"

namespace tributary::control {
namespace {

namespace md = wire::metadata;

constexpr int8_t kUnfence = -1;
constexpr int8_t kFence = 1;

md::RegisterBrokerRecord registration(const ControllerOptions& options, int64_t epoch,
                                      bool with_directories) {
  md::RegisterBrokerRecord record;
  record.broker_id = raw(options.node_id);
  record.incarnation_id = options.incarnation;
  record.broker_epoch = epoch;
  for (const EndpointImage& endpoint : options.endpoints) {
    md::RegisterBrokerRecord::BrokerEndpoint point;
    point.name = endpoint.listener;
    point.host = endpoint.host;
    point.port = endpoint.port;
    point.security_protocol = endpoint.security_protocol;
    record.end_points.push_back(point);
  }
  for (const SupportedFeature& supported : supported_features()) {
    md::RegisterBrokerRecord::BrokerFeature feature;
    feature.name = supported.name;
    feature.min_supported_version = supported.min_level;
    feature.max_supported_version = supported.max_level;
    record.features.push_back(feature);
  }
  record.rack = options.rack ? std::optional<std::string_view>(*options.rack) : std::nullopt;
  if (with_directories) record.log_dirs = options.log_directories;
  return record;
}

RecordList fencing(const Image& image, NodeId node, int8_t change_of_fence) {
  md::BrokerRegistrationChangeRecord change;
  change.broker_id = raw(node);
  change.broker_epoch = image.find_broker(node)->epoch;
  change.fenced = change_of_fence;
  RecordList records;
  records.add(change, 0);
  return records;
}

}  // namespace

RecordList bootstrap_records() {
  md::FeatureLevelRecord level;
  level.name = kMetadataVersionFeature;
  level.feature_level = kMaxMetadataVersion;
  const std::vector<uint8_t> encoded = encode_record(level);
  const ByteView only(encoded);
  return bootstrap_records({&only, 1});
}

RecordList bootstrap_records(std::span<const ByteView> formatted) {
  md::BeginTransactionRecord begin;
  begin.name = "Bootstrap records";
  RecordList records;
  records.add(begin);
  for (const ByteView value : formatted) records.add_encoded(value);
  records.add(md::EndTransactionRecord{});
  return records;
}

RecordList registration_records(const Image& image, const ControllerOptions& options, int64_t epoch) {
  const RecordVersions versions = record_versions(metadata_version(image));
  RecordList records;
  records.add(registration(options, epoch, versions.directories), versions.register_broker);
  return records;
}

std::vector<RecordList> unfence_records(const Image& image, NodeId node) {
  std::vector<RecordList> batches;
  batches.push_back(fencing(image, node, kUnfence));
  for (RecordList& batch : leadership_of_returning(image, node).split(kMaxRecordsPerOperation)) {
    batches.push_back(std::move(batch));
  }
  return batches;
}

RecordList fence_records(const Image& image, NodeId node) { return fencing(image, node, kFence); }

}  // namespace tributary::control
