// Snapshots of the metadata log, Kafka's *.checkpoint files: a control batch (header, kraft.version, voters),
// batches of record values with offsets from 0, a control batch (footer). bootstrap.checkpoint of a formatted
// directory is one too.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tributary/quorum/quorum.h"
#include "tributary/storage/file_system.h"

namespace tributary::quorum {

struct SnapshotFile {
  TimestampMs last_contained_timestamp = kNoTimestamp;
  int16_t kraft_version = 0;
  std::optional<std::vector<Voter>> voters;
  std::vector<ByteView> values;  // views into `bytes` and `inflated`
  std::string bytes;
  std::vector<std::vector<uint8_t>> inflated;  // of batches that were compressed
};

// Reads and checks the whole file: CRCs, offsets without a gap, header and footer. kCorruption if anything is
// amiss. On the heap, because the views must not move.
Result<std::unique_ptr<SnapshotFile>> read_snapshot_file(storage::FileSystem& fs, const std::string& path);

}  // namespace tributary::quorum
