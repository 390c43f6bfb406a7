#include "tributary/control/image_builder.h"

#include <fmt/format.h>

#include "replay_handlers.h"

namespace tributary::control {

ImageBuilder::ImageBuilder(ReplayOptions options) : options_(options) {}

void ImageBuilder::reset() { *this = ImageBuilder(options_); }

Status ImageBuilder::apply(ByteView value) {
  namespace md = wire::metadata;
  TRIBUTARY_ASSIGN(const RecordFrame frame, parse_frame(value));
  const auto replay = [&]<typename Record>(std::type_identity<Record>) -> Status {
    TRIBUTARY_ASSIGN(const Record record, decode_record<Record>(frame));
    return Handlers::on(*this, record);
  };
  switch (frame.type) {
    case md::RegisterBrokerRecord::kType:
      return replay(std::type_identity<md::RegisterBrokerRecord>{});
    case md::UnregisterBrokerRecord::kType:
      return replay(std::type_identity<md::UnregisterBrokerRecord>{});
    case md::TopicRecord::kType:
      return replay(std::type_identity<md::TopicRecord>{});
    case md::PartitionRecord::kType:
      return replay(std::type_identity<md::PartitionRecord>{});
    case md::ConfigRecord::kType:
      return replay(std::type_identity<md::ConfigRecord>{});
    case md::PartitionChangeRecord::kType:
      return replay(std::type_identity<md::PartitionChangeRecord>{});
    case md::FenceBrokerRecord::kType:
      return replay(std::type_identity<md::FenceBrokerRecord>{});
    case md::UnfenceBrokerRecord::kType:
      return replay(std::type_identity<md::UnfenceBrokerRecord>{});
    case md::RemoveTopicRecord::kType:
      return replay(std::type_identity<md::RemoveTopicRecord>{});
    case md::FeatureLevelRecord::kType:
      return replay(std::type_identity<md::FeatureLevelRecord>{});
    case md::ProducerIdsRecord::kType:
      return replay(std::type_identity<md::ProducerIdsRecord>{});
    case md::BrokerRegistrationChangeRecord::kType:
      return replay(std::type_identity<md::BrokerRegistrationChangeRecord>{});
    case md::NoOpRecord::kType:
      return replay(std::type_identity<md::NoOpRecord>{});
    case md::ZkMigrationStateRecord::kType:
      return replay(std::type_identity<md::ZkMigrationStateRecord>{});
    case md::BeginTransactionRecord::kType:
      return replay(std::type_identity<md::BeginTransactionRecord>{});
    case md::EndTransactionRecord::kType:
      return replay(std::type_identity<md::EndTransactionRecord>{});
    case md::AbortTransactionRecord::kType:
      return replay(std::type_identity<md::AbortTransactionRecord>{});
    case md::ClearElrRecord::kType:
      return replay(std::type_identity<md::ClearElrRecord>{});
    default:
      break;
  }
  if (is_kept_type(frame.type)) return Handlers::keep(*this, frame, value);
  return fail(Errc::kUnsupported,
              fmt::format("metadata record type {} is not known to this build", frame.type));
}

Result<ImagePtr> ImageBuilder::publish(Offset offset, LeaderEpoch epoch) {
  if (!in_transaction() && !waiting_.empty()) {
    const auto& [id, partition] = waiting_.begin()->first;
    return fail(Errc::kCorruption,
                fmt::format("the metadata log has partition {} of topic {} but not all before it", partition,
                            id.to_string()));
  }
  open_topics_.clear();
  auto image = std::make_shared<Image>(in_transaction() ? *before_transaction_ : state_);
  image->offset_ = offset;
  image->epoch_ = epoch;
  return image;
}

Status ImageBuilder::Handlers::on(ImageBuilder& builder, const wire::metadata::BeginTransactionRecord&) {
  if (builder.in_transaction())
    return fail(Errc::kCorruption, "a metadata transaction begins within another");
  builder.open_topics_.clear();
  builder.before_transaction_ = builder.state_;
  return {};
}

Status ImageBuilder::Handlers::on(ImageBuilder& builder, const wire::metadata::EndTransactionRecord&) {
  if (!builder.in_transaction())
    return fail(Errc::kCorruption, "a metadata transaction ends that has not begun");
  builder.before_transaction_.reset();
  return {};
}

Status ImageBuilder::Handlers::on(ImageBuilder& builder, const wire::metadata::AbortTransactionRecord&) {
  if (!builder.in_transaction())
    return fail(Errc::kCorruption, "a metadata transaction aborts that has not begun");
  builder.open_topics_.clear();
  builder.waiting_.clear();
  builder.state_ = *builder.before_transaction_;
  builder.before_transaction_.reset();
  return {};
}

Status ImageBuilder::Handlers::on(ImageBuilder&, const wire::metadata::NoOpRecord&) { return {}; }

// Left over from migrations of the past; means nothing any more.
Status ImageBuilder::Handlers::on(ImageBuilder&, const wire::metadata::ZkMigrationStateRecord&) { return {}; }

}  // namespace tributary::control
