#include "record_versions.h"

namespace tributary::control {
namespace {

constexpr int16_t kLevelMigration = 8;
constexpr int16_t kLevelDirectories = 17;
constexpr int16_t kLevelElr = 23;
constexpr int16_t kLevelCordoned = 30;
constexpr int16_t kLevelsWithNewRecords[] = {7, 8, 11, 13, 14, 15, 17, 23, 30};

int16_t register_broker_version(int16_t level) {
  if (level >= kLevelCordoned) return 4;
  if (level >= kLevelDirectories) return 3;
  return level >= kLevelMigration ? 2 : 1;
}

int16_t partition_version(int16_t level) {
  if (level >= kLevelElr) return 2;
  return level >= kLevelDirectories ? 1 : 0;
}

}  // namespace

int16_t metadata_version(const Image& image) {
  const auto found = image.features().find(kMetadataVersionFeature);
  return found == image.features().end() ? kMaxMetadataVersion : found->second;
}

RecordVersions record_versions(int16_t level) {
  return {register_broker_version(level), partition_version(level), level >= kLevelDirectories};
}

bool metadata_changed_between(int16_t low, int16_t high) {
  return std::any_of(std::begin(kLevelsWithNewRecords), std::end(kLevelsWithNewRecords),
                     [&](int16_t level) { return level > low && level <= high; });
}

}  // namespace tributary::control
