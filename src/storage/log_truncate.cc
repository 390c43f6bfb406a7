#include <algorithm>
#include <array>

#include "batch_scanner.h"
#include "log_impl.h"
#include "producer_replay.h"
#include "segment_loader.h"
#include "segment_name.h"
#include "transaction_index.h"
#include "tributary/base/assert.h"

namespace tributary::storage {

namespace {
constexpr size_t kHeaderChunk = 8192;
}

void Log::Impl::lower_recovery_point(Offset offset) {
  recovery_point = std::min(recovery_point, offset);
  checkpointed_recovery = std::min(checkpointed_recovery, offset);
  first_dirty = std::min(first_dirty, offset);
  cancel_cleaning();
  ++generation;
  touched = true;
}

Status Log::Impl::remove_files(const std::vector<Offset>& bases) {
  static constexpr std::array kSuffixes{kOffsetIndexSuffix, kTimeIndexSuffix, kTxnIndexSuffix, kLogSuffix};
  // From the end on, so that what a crash leaves is the log's beginning.
  for (auto base = bases.rbegin(); base != bases.rend(); ++base) {
    for (const std::string_view suffix : kSuffixes) {
      const Status removed = fs.remove(segment_path(*directory, *base, suffix));
      if (!removed && removed.error().code != Errc::kNotFound) return removed;
    }
  }
  return fs.sync_directory(*directory);
}

Status Log::Impl::forget_snapshots_above(Offset offset) {
  while (!snapshots.empty() && snapshots.back() > offset) {
    const Status removed = fs.remove(segment_path(*directory, snapshots.back(), kSnapshotSuffix));
    if (!removed && removed.error().code != Errc::kNotFound) return removed;
    snapshots.pop_back();
    note_directory_change();
  }
  return {};
}

Status Log::Impl::truncate_to(Offset offset) {
  TRIBUTARY_TRY(check_open());
  TRIBUTARY_ASSERT(staged.empty(), "{} is truncated with staged batches", *directory);
  if (offset >= end_offset) {
    epochs.truncate_from_end(end_offset);
    return {};
  }
  const Offset first_base = sealed->empty() ? active->base : sealed->front()->base;
  if (offset < first_base) return truncate_fully_and_start_at(offset);
  TRIBUTARY_TRY(repair_tail());
  // Snapshots go before the batches they tell of, epochs after: recovery does without the one and cuts the
  // other.
  TRIBUTARY_TRY(forget_snapshots_above(offset));
  lower_recovery_point(offset);
  if (offset < active->base) {
    const ptrdiff_t kept = floor_segment(*sealed, offset);
    std::vector<Offset> later;
    for (size_t i = static_cast<size_t>(kept) + 1; i < sealed->size(); ++i)
      later.push_back((*sealed)[i]->base);
    later.push_back(active->base);
    const auto segment = (*sealed)[static_cast<size_t>(kept)];
    TRIBUTARY_TRY(reopen_as_active(segment));
    replace_sealed(SegmentList(sealed->begin(), sealed->begin() + kept));
    in_use.clear();
    TRIBUTARY_TRY(remove_files(later));
  }
  TRIBUTARY_TRY(cut_active(offset));
  start_offset = std::min(start_offset, end_offset);
  epochs.truncate_from_end(end_offset);
  TRIBUTARY_TRY(save_epochs());
  for (const auto& file : unsynced) TRIBUTARY_TRY(file->sync());
  unsynced.clear();
  directory_pending = false;
  return load_producers(*this, end_offset, false);
}

Status Log::Impl::reopen_as_active(const std::shared_ptr<const Segment>& segment) {
  const SegmentPlaceInfo place{fs, directory, config.index_interval_bytes};
  auto loaded = load_segment(place, segment->base, last_now);
  if (!loaded && loaded.error().code == Errc::kCorruption) {
    loaded =
        scan_segment(place, segment->base, last_now, [](auto&, const auto&, ByteView) { return Status{}; });
  }
  if (!loaded) return tl::unexpected<Error>(loaded.error());
  active = std::move(loaded->segment);
  set_jitter();
  end_offset = loaded->next_offset;
  return {};
}

// A batch that spans the offset goes whole, and the log ends behind the last one that stays: what is missing
// up to `offset` is fetched again, and a restart finds the same end.
Status Log::Impl::cut_active(Offset offset) {
  BatchScanner scanner(*active->log, active->offsets.floor_position(offset - 1), active->size,
                       BatchScanner::Depth::kHeaders, ReadMode::kBlocking, kHeaderChunk);
  Offset end = active->base;
  uint64_t position = active->size;
  while (true) {
    TRIBUTARY_ASSIGN(const auto item, scanner.next());
    if (!item) break;
    if (item->header.last_offset >= offset) {
      position = item->position;
      break;
    }
    end = item->header.last_offset + 1;
  }
  if (position < active->size) {
    TRIBUTARY_TRY(active->log->truncate(position));
    active->forget_from(end, position);
    TRIBUTARY_TRY(find_max_timestamp(*active));
    if (active->size == 0) active->first_timestamp = kNoTimestamp;
  }
  if (active->txn_index) {
    TRIBUTARY_ASSIGN(active->aborted_count,
                     aborted_below(*active->txn_index, active->aborted_count, end, ReadMode::kBlocking));
    TRIBUTARY_TRY(active->txn_index->truncate(active->aborted_count * kTxnEntrySize));
  }
  end_offset = end;
  lower_recovery_point(end);
  return active->log->sync();
}

Status Log::Impl::truncate_fully_and_start_at(Offset offset) {
  TRIBUTARY_TRY(check_open());
  TRIBUTARY_ASSERT(staged.empty(), "{} is truncated with staged batches", *directory);
  std::vector<Offset> bases;
  for (const auto& segment : *sealed) bases.push_back(segment->base);
  bases.push_back(active->base);
  TRIBUTARY_TRY(forget_snapshots_above(-1));
  epochs.clear();
  TRIBUTARY_TRY(save_epochs());
  TRIBUTARY_TRY(remove_files(bases));
  TRIBUTARY_ASSIGN(auto file, create_segment_file(offset));
  lower_recovery_point(offset);
  replace_sealed({});
  in_use.clear();
  set_active(offset, std::move(file), last_now);
  producers.clear();
  torn_tail = false;
  start_offset = end_offset = recovery_point = first_dirty = offset;
  unsynced.clear();
  directory_pending = false;
  TRIBUTARY_TRY(active->log->sync());
  return fs.sync_directory(*directory);
}

}  // namespace tributary::storage
