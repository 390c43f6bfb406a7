// Segments read back from their files: with their indexes believed, or batch by batch with the indexes made
// anew.
#pragma once
#include <functional>
#include <memory>

#include "active_segment.h"
#include "segment.h"
#include "tributary/storage/log_config.h"

namespace tributary::storage {

// Where segments lie and how they are indexed.
struct SegmentPlaceInfo {
  FileSystem& fs;
  std::shared_ptr<const std::string> directory;
  int32_t index_interval_bytes;
};

struct LoadedSegment {
  std::unique_ptr<ActiveSegment> segment;
  Offset next_offset = 0;
  uint64_t file_size = 0;  // more than segment->size: what follows is no batch
  bool crc_failed = false;
};

// Reads the indexes whole and only the headers behind their last entry. kCorruption if they do not fit the
// log.
Result<LoadedSegment> load_segment(const SegmentPlaceInfo& place, Offset base, TimestampMs now);

// Called for each good batch in turn.
using OnBatch = std::function<Status(ActiveSegment&, const BatchHeader&, ByteView)>;

// Checks the CRC of every batch, up to the first that is bad; indexes are rebuilt in memory. Nothing is
// written.
Result<LoadedSegment> scan_segment(const SegmentPlaceInfo& place, Offset base, TimestampMs now,
                                   const OnBatch& on_batch);

// A segment that is not the last: sizes and last index entries are looked at. kCorruption: its indexes are
// unusable.
Result<std::shared_ptr<Segment>> load_sealed(const SegmentPlaceInfo& place, Offset base);

// The largest timestamp and the batch that has it, from the last time index entry on.
Status find_max_timestamp(ActiveSegment& segment);

}  // namespace tributary::storage
