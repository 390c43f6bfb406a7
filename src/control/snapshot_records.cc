#include "snapshot_records.h"

#include "partition_records.h"
#include "record_codec.h"
#include "record_versions.h"
#include "tributary/wire/records/metadata.h"

namespace tributary::control {
namespace {

namespace md = wire::metadata;

class ImageWriter {
 public:
  ImageWriter(const Image& image, const std::function<Status(ByteView)>& take)
      : image_(image), take_(take), versions_(record_versions(metadata_version(image))) {}

  Status run() {
    TRIBUTARY_TRY(features());
    for (const auto& [id, entry] : image_.brokers()) TRIBUTARY_TRY(broker(*entry));
    TRIBUTARY_TRY(kept(md::RegisterControllerRecord::kType));
    TRIBUTARY_TRY(topics());
    TRIBUTARY_TRY(configs());
    TRIBUTARY_TRY(kept(md::ClientQuotaRecord::kType));
    TRIBUTARY_TRY(producer_ids());
    TRIBUTARY_TRY(kept(md::AccessControlEntryRecord::kType));
    TRIBUTARY_TRY(kept(md::UserScramCredentialRecord::kType));
    return kept(md::DelegationTokenRecord::kType);
  }

 private:
  template <typename Record>
  Status put(const Record& record, int16_t version = Record::kMaxVersion) {
    return take_(encode_record(record, version));
  }

  Status feature(std::string_view name, int16_t level) {
    md::FeatureLevelRecord record;
    record.name = name;
    record.feature_level = level;
    return put(record);
  }

  // metadata.version comes first: it says how to read the rest.
  Status features() {
    const auto first = image_.features().find(kMetadataVersionFeature);
    if (first != image_.features().end()) TRIBUTARY_TRY(feature(first->first, first->second));
    for (const auto& [name, level] : image_.features()) {
      if (name != kMetadataVersionFeature) TRIBUTARY_TRY(feature(name, level));
    }
    return {};
  }

  Status broker(const BrokerImage& broker) {
    md::RegisterBrokerRecord record;
    record.broker_id = raw(broker.id);
    record.is_migrating_zk_broker = broker.is_migrating_zk_broker;
    record.incarnation_id = broker.incarnation;
    record.broker_epoch = broker.epoch;
    for (const EndpointImage& endpoint : broker.endpoints) {
      md::RegisterBrokerRecord::BrokerEndpoint point;
      point.name = endpoint.listener;
      point.host = endpoint.host;
      point.port = endpoint.port;
      point.security_protocol = endpoint.security_protocol;
      record.end_points.push_back(point);
    }
    for (const FeatureRange& range : broker.features) {
      md::RegisterBrokerRecord::BrokerFeature entry;
      entry.name = range.name;
      entry.min_supported_version = range.min_level;
      entry.max_supported_version = range.max_level;
      record.features.push_back(entry);
    }
    record.rack = broker.rack ? std::optional<std::string_view>(*broker.rack) : std::nullopt;
    record.fenced = broker.fenced;
    record.in_controlled_shutdown = broker.in_controlled_shutdown;
    record.log_dirs = broker.log_directories;
    record.cordoned_log_dirs = broker.cordoned_directories;
    return put(record, versions_.register_broker);
  }

  Status topics() {
    Status status;
    image_.for_each_topic([&](const TopicPtr& entry) {
      if (status) status = topic(*entry);
    });
    return status;
  }

  Status topic(const TopicImage& topic) {
    md::TopicRecord record;
    record.name = topic.name;
    record.topic_id = topic.id;
    TRIBUTARY_TRY(put(record));
    for (size_t i = 0; i < topic.partitions.size(); ++i) {
      const auto partition =
          partition_record(topic.id, static_cast<int32_t>(i), topic.partitions[i], versions_);
      TRIBUTARY_TRY(put(partition, versions_.partition));
    }
    return {};
  }

  Status configs() {
    for (const auto& [resource, map] : image_.configs()) {
      for (const auto& [name, value] : *map) {
        md::ConfigRecord record;
        record.resource_type = static_cast<int8_t>(resource.type);
        record.resource_name = resource.name;
        record.name = name;
        record.value = value;
        TRIBUTARY_TRY(put(record));
      }
    }
    return {};
  }

  Status producer_ids() {
    if (image_.next_producer_id() == 0) return {};
    md::ProducerIdsRecord record;
    record.broker_id = -1;
    record.broker_epoch = -1;
    record.next_producer_id = image_.next_producer_id();
    return put(record);
  }

  Status kept(uint16_t type) {
    const KeptRecords& records = image_.kept_records();
    for (auto at = records.lower_bound(KeptKey{type, ""}); at != records.end() && at->first.type == type;
         ++at) {
      TRIBUTARY_TRY(take_(as_bytes(at->second)));
    }
    return {};
  }

  const Image& image_;
  const std::function<Status(ByteView)>& take_;
  RecordVersions versions_;
};

}  // namespace

Status write_image(const Image& image, const std::function<Status(ByteView)>& take) {
  return ImageWriter(image, take).run();
}

}  // namespace tributary::control
