#include "update_features.h"

#include <fmt/format.h>

#include "record_versions.h"
#include "tributary/control/controller.h"
#include "tributary/wire/records/metadata.h"

namespace tributary::control {
namespace {

using Request = wire::UpdateFeaturesRequest;
using Response = wire::UpdateFeaturesResponse;
using wire::ErrorCode;

constexpr std::string_view kKRaftVersionFeature = "kraft.version";
constexpr int16_t kElrMetadataVersion = 23;
constexpr int16_t kKRaftVersion = 1;
constexpr SupportedFeature kSupported[] = {
    {kElrFeature, 0, 1},
    {kKRaftVersionFeature, 0, kKRaftVersion},
    {kMetadataVersionFeature, kMinMetadataVersion, kMaxMetadataVersion},
};

constexpr int8_t kUpgrade = 1;
constexpr int8_t kSafeDowngrade = 2;
constexpr int8_t kUnsafeDowngrade = 3;

SupportedFeature supported(std::string_view name) {
  const auto found = std::find_if(std::begin(kSupported), std::end(kSupported),
                                  [&](const SupportedFeature& feature) { return feature.name == name; });
  return found == std::end(kSupported) ? SupportedFeature{name, 0, 0} : *found;
}

int8_t upgrade_type(const Request::FeatureUpdateKey& update, int16_t version) {
  if (version > 0) return update.upgrade_type;
  return update.allow_downgrade ? kSafeDowngrade : kUpgrade;
}

class FeatureUpdater {
 public:
  explicit FeatureUpdater(const OperationContext& context) : context_(context) {}

  Checked<void> update(std::string_view name, int16_t level, int8_t type) {
    TRIBUTARY_CHECK(check(name, level, type));
    if (name == kMetadataVersionFeature) {
      TRIBUTARY_CHECK(check_metadata_version(level, type));
    }
    if (name == kKRaftVersionFeature) return check_kraft_version(level);
    if (name == kElrFeature && level > 0) TRIBUTARY_CHECK(prepare_elr());
    wire::metadata::FeatureLevelRecord record;
    record.name = name;
    record.feature_level = level;
    records_.add(record);
    return {};
  }

  RecordList take_records() { return std::move(records_); }

 private:
  int16_t current(std::string_view name) const {
    if (name == kKRaftVersionFeature) return kKRaftVersion;
    if (name == kMetadataVersionFeature) return metadata_version(context_.image);
    const auto found = context_.image.features().find(name);
    return found == context_.image.features().end() ? int16_t{0} : found->second;
  }

  static tl::unexpected<ApiFault> invalid(std::string_view name, int16_t level, std::string_view why) {
    return refuse(ErrorCode::kInvalidUpdateVersion,
                  fmt::format("Invalid update version {} for feature {}. {}", level, name, why));
  }

  Checked<void> check(std::string_view name, int16_t level, int8_t type) const {
    if (type < kUpgrade || type > kUnsafeDowngrade) {
      return invalid(name, level, "The controller does not support the given upgrade type.");
    }
    if (level < 0) return invalid(name, level, "A feature version cannot be less than 0.");
    const SupportedFeature range = supported(name);
    if (level < range.min_level || level > range.max_level) {
      const std::string local = fmt::format("Local controller {}", raw(context_.node));
      if (range.max_level == 0) return invalid(name, level, local + " does not support this feature.");
      return invalid(name, level,
                     fmt::format("{} only supports versions {}-{}", local, range.min_level, range.max_level));
    }
    if (level < current(name) && type == kUpgrade) {
      return invalid(
          name, level,
          "Can't downgrade the version of this feature without setting the upgrade type to either safe or "
          "unsafe downgrade.");
    }
    if (level > current(name) && type != kUpgrade) {
      return invalid(name, level, "Can't downgrade to a newer version.");
    }
    return {};
  }

  Checked<void> check_metadata_version(int16_t level, int8_t type) const {
    const int16_t present = metadata_version(context_.image);
    if (level >= present || !metadata_changed_between(level, present)) return {};
    return refuse(
        ErrorCode::kInvalidUpdateVersion,
        fmt::format("Unsupported metadata.version downgrade from {} to {}. {}", present, level,
                    type == kUnsafeDowngrade
                        ? "Unsafe metadata downgrade is not supported in this version."
                        : "Refusing to perform the requested downgrade because it might delete metadata "
                          "information."));
  }

  static Checked<void> check_kraft_version(int16_t level) {
    if (level == kKRaftVersion) return {};
    return invalid(kKRaftVersionFeature, level, "Can't downgrade the version of this feature.");
  }

  // While eligible leaders are kept, the cluster has one min.insync.replicas for all its brokers.
  Checked<void> prepare_elr() {
    if (metadata_version(context_.image) < kElrMetadataVersion) {
      return invalid(kElrFeature, 1,
                     fmt::format("{} could not be set to 1 because it depends on metadata.version level {}",
                                 kElrFeature, kElrMetadataVersion));
    }
    const ConfigMap* cluster = context_.image.find_config(ResourceType::kBroker, "");
    if (cluster == nullptr || !cluster->contains(kMinInsyncReplicas)) {
      add_min_insync("", context_.values.get_string(kMinInsyncReplicas));
    }
    for (const auto& [resource, configs] : context_.image.configs()) {
      const bool of_one_broker = resource.type == ResourceType::kBroker && !resource.name.empty();
      if (of_one_broker && configs->contains(kMinInsyncReplicas)) add_min_insync(resource.name, std::nullopt);
    }
    return {};
  }

  void add_min_insync(std::string_view broker, std::optional<std::string_view> value) {
    wire::metadata::ConfigRecord record;
    record.resource_type = static_cast<int8_t>(ResourceType::kBroker);
    record.resource_name = broker;
    record.name = kMinInsyncReplicas;
    record.value = value;
    records_.add(record);
  }

  const OperationContext& context_;
  RecordList records_;
};

void add_feature_results(const Request& request, Response& response) {
  for (const auto& update : request.feature_updates) {
    Response::UpdatableFeatureResult result;
    result.feature = update.feature;
    set_success(result);
    response.results.push_back(result);
  }
}

}  // namespace

std::span<const SupportedFeature> supported_features() { return kSupported; }

bool elr_enabled(const Image& image) {
  const auto found = image.features().find(kElrFeature);
  return found != image.features().end() && found->second > 0;
}

Planned<Response> plan_update_features(const OperationContext& context, const Request& request,
                                       int16_t version) {
  FeatureUpdater updater(context);
  Planned<Response> planned;
  planned.response.error_message = std::nullopt;
  for (const auto& update : request.feature_updates) {
    auto done = updater.update(update.feature, update.max_version_level, upgrade_type(update, version));
    if (done) continue;
    planned.response.error_code = done.error().code;
    planned.response.error_message =
        context.arena.keep("The update failed for all features since the following feature had an error: " +
                           done.error().message.value_or(""));
    return planned;
  }
  if (version <= 1) add_feature_results(request, planned.response);
  if (!request.validate_only) planned.records = updater.take_records();
  return planned;
}

}  // namespace tributary::control
