#include <fmt/format.h>

#include "replay_handlers.h"

namespace tributary::control {
namespace md = wire::metadata;
namespace {

std::string identity(const Uuid& id) { return {id.bytes.begin(), id.bytes.end()}; }

// Length-prefixed, so that no two lists of parts give the same text.
void add_part(std::string& to, std::string_view part) {
  to += std::to_string(part.size());
  to += ':';
  to += part;
}

std::string identity(const md::ClientQuotaRecord& record) {
  std::vector<std::string> parts;
  for (const auto& entity : record.entity) {
    std::string part;
    add_part(part, entity.entity_type);
    if (entity.entity_name) add_part(part, *entity.entity_name);
    parts.push_back(std::move(part));
  }
  std::sort(parts.begin(), parts.end());
  std::string whole;
  for (const std::string& part : parts) add_part(whole, part);
  add_part(whole, record.key);
  return whole;
}

std::string scram_identity(int8_t mechanism, std::string_view user) {
  return std::to_string(mechanism) + ":" + std::string(user);
}

// What a record does to the kept ones: `type` and `identity` say which, `removes` that it goes.
struct Change {
  KeptKey key;
  bool removes = false;
};

Result<Change> quota_change(const RecordFrame& frame) {
  TRIBUTARY_ASSIGN(const auto record, decode_record<md::ClientQuotaRecord>(frame));
  return Change{{frame.type, identity(record)}, record.remove};
}

Result<Change> controller_change(const RecordFrame& frame) {
  TRIBUTARY_ASSIGN(const auto record, decode_record<md::RegisterControllerRecord>(frame));
  return Change{{frame.type, std::to_string(record.controller_id)}};
}

Result<Change> acl_change(const RecordFrame& frame) {
  if (frame.type == md::AccessControlEntryRecord::kType) {
    TRIBUTARY_ASSIGN(const auto record, decode_record<md::AccessControlEntryRecord>(frame));
    return Change{{frame.type, identity(record.id)}};
  }
  TRIBUTARY_ASSIGN(const auto record, decode_record<md::RemoveAccessControlEntryRecord>(frame));
  return Change{{md::AccessControlEntryRecord::kType, identity(record.id)}, true};
}

Result<Change> scram_change(const RecordFrame& frame) {
  if (frame.type == md::UserScramCredentialRecord::kType) {
    TRIBUTARY_ASSIGN(const auto record, decode_record<md::UserScramCredentialRecord>(frame));
    return Change{{frame.type, scram_identity(record.mechanism, record.name)}};
  }
  TRIBUTARY_ASSIGN(const auto record, decode_record<md::RemoveUserScramCredentialRecord>(frame));
  return Change{{md::UserScramCredentialRecord::kType, scram_identity(record.mechanism, record.name)}, true};
}

Result<Change> token_change(const RecordFrame& frame) {
  if (frame.type == md::DelegationTokenRecord::kType) {
    TRIBUTARY_ASSIGN(const auto record, decode_record<md::DelegationTokenRecord>(frame));
    return Change{{frame.type, std::string(record.token_id)}};
  }
  TRIBUTARY_ASSIGN(const auto record, decode_record<md::RemoveDelegationTokenRecord>(frame));
  return Change{{md::DelegationTokenRecord::kType, std::string(record.token_id)}, true};
}

using ChangeOf = Result<Change> (*)(const RecordFrame&);

ChangeOf change_of(uint16_t type) {
  switch (type) {
    case md::ClientQuotaRecord::kType:
      return quota_change;
    case md::RegisterControllerRecord::kType:
      return controller_change;
    case md::AccessControlEntryRecord::kType:
    case md::RemoveAccessControlEntryRecord::kType:
      return acl_change;
    case md::UserScramCredentialRecord::kType:
    case md::RemoveUserScramCredentialRecord::kType:
      return scram_change;
    case md::DelegationTokenRecord::kType:
    case md::RemoveDelegationTokenRecord::kType:
      return token_change;
    default:
      return nullptr;
  }
}

}  // namespace

bool is_kept_type(uint16_t type) { return change_of(type) != nullptr; }

Status ImageBuilder::Handlers::keep(ImageBuilder& builder, const RecordFrame& frame, ByteView value) {
  TRIBUTARY_ASSIGN(Change change, change_of(frame.type)(frame));
  if (change.removes) {
    builder.state_.kept_.erase(change.key);
    return {};
  }
  if (change.key.type == md::AccessControlEntryRecord::kType && !builder.options_.allow_unenforced_acls) {
    return fail(Errc::kUnsupported,
                "the metadata log holds access control lists, which this build does not enforce; "
                "allow_unenforced_acls: true starts it all the same");
  }
  builder.state_.kept_.set(std::move(change.key), std::string(as_text(value)));
  return {};
}

void ImageBuilder::put_config(const ConfigResource& resource, std::string_view name,
                              std::optional<std::string_view> value) {
  const auto* found = state_.configs_.find(resource);
  auto map = found ? std::make_shared<ConfigMap>(**found) : std::make_shared<ConfigMap>();
  if (value) {
    map->insert_or_assign(std::string(name), std::string(*value));
  } else if (const auto at = map->find(name); at != map->end()) {
    map->erase(at);
  }
  if (map->empty()) {
    state_.configs_.erase(resource);
  } else {
    state_.configs_.set(resource, std::move(map));
  }
}

Status ImageBuilder::Handlers::on(ImageBuilder& builder, const md::ConfigRecord& record) {
  builder.put_config({ResourceType{record.resource_type}, std::string(record.resource_name)}, record.name,
                     record.value);
  return {};
}

Status ImageBuilder::Handlers::on(ImageBuilder& builder, const md::FeatureLevelRecord& record) {
  // kraft.version is a control record; early Kafka releases wrote it here by mistake and skip it since.
  if (record.name == "kraft.version") return {};
  auto features = std::make_shared<Image::Features>(*builder.state_.features_);
  if (record.feature_level == 0) {
    if (const auto at = features->find(record.name); at != features->end()) features->erase(at);
  } else {
    features->insert_or_assign(std::string(record.name), record.feature_level);
  }
  builder.state_.features_ = std::move(features);
  return {};
}

Status ImageBuilder::Handlers::on(ImageBuilder& builder, const md::ProducerIdsRecord& record) {
  if (record.next_producer_id < builder.state_.next_producer_id_) {
    return fail(Errc::kCorruption, fmt::format("producer ids go back from {} to {} in the metadata log",
                                               builder.state_.next_producer_id_, record.next_producer_id));
  }
  builder.state_.next_producer_id_ = record.next_producer_id;
  return {};
}

}  // namespace tributary::control
