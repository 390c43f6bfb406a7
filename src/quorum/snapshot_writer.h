// Writes one snapshot: to NAME.part, synced, then renamed, so that a file under its own name is always whole.
#pragma once
#include <string>

#include "control_records.h"
#include "tributary/storage/file_system.h"

namespace tributary::quorum {

// "00000000000000000099-0000000002.checkpoint"
std::string snapshot_name(const OffsetAndEpoch& end);
std::optional<OffsetAndEpoch> parse_snapshot_name(std::string_view name);

inline constexpr std::string_view kSnapshotSuffix = ".checkpoint";
inline constexpr std::string_view kPartSuffix = ".part";

struct SnapshotParameters {
  OffsetAndEpoch end;
  TimestampMs last_contained_timestamp = 0;
  TimestampMs now = 0;
  VoterSet voters;
};

// The size of the file. On an error the .part file may stay; it is removed when the directory is opened next.
Result<uint64_t> write_snapshot_file(storage::FileSystem& fs, const std::string& directory,
                                     const SnapshotParameters& parameters, const SnapshotSource& content);

}  // namespace tributary::quorum
