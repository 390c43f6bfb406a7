// What each type of metadata record does to the state; reached through ImageBuilder::apply only.
#pragma once
#include "record_codec.h"
#include "tributary/control/image_builder.h"
#include "tributary/wire/records/metadata.h"

namespace tributary::control {

struct ImageBuilder::Handlers {
  // topics
  static Status on(ImageBuilder& builder, const wire::metadata::TopicRecord& record);
  static Status on(ImageBuilder& builder, const wire::metadata::PartitionRecord& record);
  static Status on(ImageBuilder& builder, const wire::metadata::PartitionChangeRecord& record);
  static Status on(ImageBuilder& builder, const wire::metadata::RemoveTopicRecord& record);
  static Status on(ImageBuilder& builder, const wire::metadata::ClearElrRecord& record);
  // brokers
  static Status on(ImageBuilder& builder, const wire::metadata::RegisterBrokerRecord& record);
  static Status on(ImageBuilder& builder, const wire::metadata::UnregisterBrokerRecord& record);
  static Status on(ImageBuilder& builder, const wire::metadata::BrokerRegistrationChangeRecord& record);
  static Status on(ImageBuilder& builder, const wire::metadata::FenceBrokerRecord& record);
  static Status on(ImageBuilder& builder, const wire::metadata::UnfenceBrokerRecord& record);
  // the cluster
  static Status on(ImageBuilder& builder, const wire::metadata::ConfigRecord& record);
  static Status on(ImageBuilder& builder, const wire::metadata::FeatureLevelRecord& record);
  static Status on(ImageBuilder& builder, const wire::metadata::ProducerIdsRecord& record);
  static Status on(ImageBuilder& builder, const wire::metadata::NoOpRecord& record);
  static Status on(ImageBuilder& builder, const wire::metadata::ZkMigrationStateRecord& record);
  static Status on(ImageBuilder& builder, const wire::metadata::BeginTransactionRecord& record);
  static Status on(ImageBuilder& builder, const wire::metadata::EndTransactionRecord& record);
  static Status on(ImageBuilder& builder, const wire::metadata::AbortTransactionRecord& record);

  // Kept as they are; `value` is the whole record.
  static Status keep(ImageBuilder& builder, const RecordFrame& frame, ByteView value);
};

// Whether `type` is one that keep() takes.
bool is_kept_type(uint16_t type);

}  // namespace tributary::control
