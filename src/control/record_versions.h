// metadata.version, and which version of a record goes with it: the newest that every reader at that level
// knows.
#pragma once
#include "tributary/control/image.h"

namespace tributary::control {

inline constexpr std::string_view kMetadataVersionFeature = "metadata.version";
inline constexpr int16_t kMinMetadataVersion = 7;
inline constexpr int16_t kMaxMetadataVersion = 30;

struct RecordVersions {
  int16_t register_broker;
  int16_t partition;  // and change of a partition
  bool directories;   // replicas carry their directory
};

// The level of a log that has none yet is the newest.
int16_t metadata_version(const Image& image);
RecordVersions record_versions(int16_t metadata_version);
// Whether a reader of the lower level would miss something the higher one writes.
bool metadata_changed_between(int16_t low, int16_t high);

}  // namespace tributary::control
