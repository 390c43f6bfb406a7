#include "active_segment.h"

#include <algorithm>

#include "segment_name.h"

namespace tributary::storage {

namespace {

Result<std::shared_ptr<File>> write_whole(FileSystem& fs, const std::string& path, ByteView content) {
  TRIBUTARY_ASSIGN(std::shared_ptr<File> file, fs.open(path, OpenMode::kCreate));
  TRIBUTARY_TRY(file->truncate(content.size()));
  TRIBUTARY_TRY(file->write_at(0, {&content, 1}));
  return file;
}

}  // namespace

void ActiveSegment::note_batch(const BatchHeader& header, int32_t index_interval) {
  indexes_written = false;
  if (size == 0) first_timestamp = header.max_timestamp;
  // A batch that a cleaning has emptied has no record with that time.
  if (header.record_count > 0 && header.max_timestamp > max_timestamp) {
    max_timestamp = header.max_timestamp;
    max_timestamp_offset = header.last_offset;
  }
  if (bytes_since_entry > static_cast<uint64_t>(index_interval)) {
    offsets.append(header.last_offset, size);
    times.append(max_timestamp, max_timestamp_offset);
    bytes_since_entry = 0;
  }
  recent_[next_recent_] = {header.base_offset, size, header.size};
  next_recent_ = (next_recent_ + 1) % kRecent;
  size += header.size;
  bytes_since_entry += header.size;
}

bool ActiveSegment::should_roll(const LogConfig& config, const RollQuestion& next) const {
  if (size == 0) return !fits(next.last_offset);
  const auto limit = static_cast<uint64_t>(std::min<int64_t>(config.segment_bytes, INT32_MAX));
  const int64_t age = first_timestamp >= 0 ? next.max_timestamp - first_timestamp : next.now - created;
  const size_t index_bytes = static_cast<size_t>(config.segment_index_bytes);
  return size + next.batch_size > limit || age > config.longest_segment_ms() - roll_jitter_ms ||
         offsets.count() >= index_bytes / kOffsetEntrySize ||
         times.count() + 1 >= index_bytes / kTimeEntrySize || !fits(next.last_offset);
}

std::optional<BatchPlace> ActiveSegment::recent(Offset offset) const {
  const auto found = std::ranges::find(recent_, offset, &BatchPlace::base_offset);
  if (found == recent_.end()) return std::nullopt;
  return *found;
}

void ActiveSegment::forget_from(Offset offset, uint64_t position) {
  indexes_written = false;
  offsets.truncate_to(offset);
  times.truncate_to(offset);
  recent_.fill({});
  size = position;
  written_back = std::min(written_back, position);
  bytes_since_entry = 0;
}

Result<std::vector<std::shared_ptr<File>>> ActiveSegment::write_indexes(FileSystem& fs,
                                                                        const std::string& directory,
                                                                        std::string_view mark) {
  const size_t before = times.count();
  times.append(max_timestamp, max_timestamp_offset);
  if (indexes_written && times.count() == before) return std::vector<std::shared_ptr<File>>{};
  const auto path = [&](std::string_view suffix) {
    return segment_path(directory, base, suffix) + std::string(mark);
  };
  TRIBUTARY_ASSIGN(auto offset_file, write_whole(fs, path(kOffsetIndexSuffix), offsets.bytes()));
  TRIBUTARY_ASSIGN(auto time_file, write_whole(fs, path(kTimeIndexSuffix), times.bytes()));
  indexes_written = true;
  return std::vector<std::shared_ptr<File>>{std::move(offset_file), std::move(time_file)};
}

std::shared_ptr<Segment> ActiveSegment::seal(FileSystem& fs,
                                             std::shared_ptr<const std::string> directory) const {
  auto sealed = std::make_shared<Segment>(fs, std::move(directory), base);
  sealed->size = size;
  sealed->max_timestamp = max_timestamp;
  sealed->max_timestamp_offset = max_timestamp_offset;
  sealed->aborted_count = aborted_count;
  return sealed;
}

}  // namespace tributary::storage
