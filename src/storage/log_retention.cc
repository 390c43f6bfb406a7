#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "log_impl.h"
#include "segment_name.h"

namespace tributary::storage {

namespace {

constexpr std::array kSideSuffixes{kOffsetIndexSuffix, kTimeIndexSuffix, kTxnIndexSuffix, kSnapshotSuffix};

// Marks the files of a segment as deleted and adds what they are called now. With its log the segment is
// gone; a file beside it that cannot be renamed is removed under its own name.
Status rename_away(FileSystem& fs, const std::string& directory, Offset base,
                   std::vector<std::string>& paths) {
  const auto marked = [](const std::string& path) { return path + std::string(kDeletedSuffix); };
  const std::string log = segment_path(directory, base, kLogSuffix);
  TRIBUTARY_TRY(fs.rename(log, marked(log)));
  paths.push_back(marked(log));
  for (const std::string_view suffix : kSideSuffixes) {
    const std::string path = segment_path(directory, base, suffix);
    const Status renamed = fs.rename(path, marked(path));
    if (renamed || renamed.error().code != Errc::kNotFound) paths.push_back(renamed ? marked(path) : path);
  }
  return {};
}

}  // namespace

void SegmentRemoval::run() {
  // What cannot be removed now goes when the log is opened next.
  for (const std::string& path : paths_) (void)fs_->remove(path);
}

Result<bool> Log::Impl::advance_start_offset(Offset offset, Offset high_watermark) {
  TRIBUTARY_TRY(check_open());
  if (offset > high_watermark) {
    return fail(Errc::kOutOfRange,
                fmt::format("offset {} is above the high watermark {}", offset, high_watermark));
  }
  if (offset <= start_offset) return false;
  start_offset = offset;
  epochs.truncate_from_start(offset);
  return true;
}

size_t Log::Impl::count_expired(TimestampMs now, Offset high_watermark) const {
  const bool by_time = config.delete_policy && config.retention_ms >= 0;
  const bool by_size = config.delete_policy && config.retention_bytes >= 0;
  auto total = static_cast<int64_t>(size_bytes());
  size_t count = 0;
  const auto expired = [&](TimestampMs largest, uint64_t size, const std::string& path) {
    if (by_size && total - static_cast<int64_t>(size) >= config.retention_bytes) return true;
    if (!by_time) return false;
    if (largest < 0) largest = fs.modified_ms(path).value_or(now);
    return now - largest > config.retention_ms;
  };
  for (; count < sealed->size(); ++count) {
    const Segment& segment = *(*sealed)[count];
    const Offset next = count + 1 < sealed->size() ? (*sealed)[count + 1]->base : active->base;
    if (high_watermark < next) return count;
    const bool passed = next <= start_offset;
    if (!passed && !expired(segment.max_timestamp, segment.size, segment.path(SegmentPart::kLog)))
      return count;
    total -= static_cast<int64_t>(segment.size);
  }
  const bool whole =
      active->size > 0 && staged.empty() && high_watermark >= end_offset &&
      expired(active->max_timestamp, active->size, segment_path(*directory, active->base, kLogSuffix));
  return whole ? count + 1 : count;
}

Result<SegmentRemoval> Log::Impl::apply_retention(TimestampMs now, Offset high_watermark) {
  TRIBUTARY_TRY(check_open());
  last_now = std::max(last_now, now);
  producers.forget_replicated(std::min(high_watermark, checkpointed_recovery));
  for (const auto& segment : in_use) segment->release_files();
  in_use.clear();
  const size_t count = count_expired(now, high_watermark);
  if (count > sealed->size()) {
    TRIBUTARY_TRY(repair_tail());
    TRIBUTARY_TRY(roll(end_offset, 0));
  }
  return drop_oldest(count);
}

Result<SegmentRemoval> Log::Impl::drop_oldest(size_t count) {
  std::vector<std::string> paths;
  size_t gone = 0;
  Status status;
  // From the oldest on: file systems keep changes of a directory in order, so a crash cannot leave a hole.
  while (gone < count && status) {
    status = rename_away(fs, *directory, (*sealed)[gone]->base, paths);
    if (status) ++gone;
  }
  if (gone > 0) {
    const auto kept = sealed->begin() + static_cast<ptrdiff_t>(gone);
    std::erase_if(snapshots, [&](Offset at) {
      return std::any_of(sealed->begin(), kept, [at](const auto& segment) { return segment->base == at; });
    });
    replace_sealed(SegmentList(kept, sealed->end()));
    start_offset = std::max(start_offset, sealed->empty() ? active->base : sealed->front()->base);
    epochs.truncate_from_start(start_offset);
    note_directory_change();
  }
  // What is left is tried again the next time.
  if (!status && gone == 0) return tl::unexpected<Error>(status.error());
  return SegmentRemoval(fs, std::move(paths));
}

}  // namespace tributary::storage
