#include "log_loader.h"

#include <fmt/format.h>

#include <algorithm>

#include "batch_scanner.h"
#include "leftovers.h"
#include "producer_replay.h"
#include "segment_name.h"
#include "transaction_index.h"
#include "tributary/storage/partition_metadata.h"

namespace tributary::storage {

LogLoader::LogLoader(LogOptions options)
    : options_(std::move(options)), log_(std::make_unique<Log::Impl>(options_)) {}

Result<std::unique_ptr<Log::Impl>> LogLoader::load() {
  TRIBUTARY_TRY(read_directory());
  TRIBUTARY_TRY(read_metadata());
  if (is_new_) {
    // A directory that has lost its segments must not give out offsets again that were synced once.
    const Offset lost_below = had_files_ ? options_.recovery_point : 0;
    TRIBUTARY_TRY(begin_empty(std::max(options_.log_start_offset, lost_below)));
    return std::move(log_);
  }
  TRIBUTARY_TRY(drop_empty_segments());
  TRIBUTARY_TRY(read_epochs());
  log_->start_offset = options_.log_start_offset;
  if (options_.clean_shutdown) {
    TRIBUTARY_TRY(load_clean());
  } else {
    // Segments below the log's start may have been deleted already and come back; they tell nothing of later
    // ones.
    // The one that ends right at the recovery point may have been sealed after the last sync: its indexes are
    // in doubt.
    const Offset from = std::max({options_.recovery_point - 1, options_.log_start_offset, Offset{0}});
    const auto above = std::ranges::upper_bound(bases_, from);
    TRIBUTARY_TRY(recover(above == bases_.begin() ? 0 : static_cast<size_t>(above - bases_.begin()) - 1));
  }
  TRIBUTARY_TRY(bound_by_start());
  TRIBUTARY_TRY(finish());
  return std::move(log_);
}

Status LogLoader::read_directory() {
  auto names = clear_leftovers(log_->fs, *log_->directory);
  if (!names && names.error().code == Errc::kNotFound) {
    TRIBUTARY_TRY(log_->fs.create_directories(*log_->directory));
    names = std::vector<std::string>{};
  }
  if (!names) return tl::unexpected<Error>(names.error());
  for (const std::string& name : *names) {
    const auto segment = parse_segment_name(name);
    if (!segment) continue;
    if (segment->suffix == kLogSuffix) bases_.push_back(segment->base);
    if (segment->suffix == kSnapshotSuffix) log_->snapshots.push_back(segment->base);
  }
  std::ranges::sort(bases_);
  std::ranges::sort(log_->snapshots);
  is_new_ = bases_.empty();
  had_files_ = !names->empty();
  return {};
}

// A roll that failed may leave an empty segment, while the one before it grows on.
Status LogLoader::drop_empty_segments() {
  for (size_t i = bases_.size(); i-- > 1;) {
    TRIBUTARY_ASSIGN(const auto file,
                     log_->fs.open(segment_path(*log_->directory, bases_[i], kLogSuffix), OpenMode::kRead));
    TRIBUTARY_ASSIGN(const uint64_t size, file->size());
    if (size > 0) continue;
    bool drop = i + 1 < bases_.size();
    if (!drop) {
      TRIBUTARY_ASSIGN(drop, is_overtaken(i));
    }
    if (!drop) continue;
    TRIBUTARY_TRY(log_->remove_files({bases_[i]}));
    bases_.erase(bases_.begin() + static_cast<ptrdiff_t>(i));
  }
  return {};
}

Result<bool> LogLoader::is_overtaken(size_t i) {
  const auto loaded = load_segment(place(), bases_[i - 1], options_.now);
  if (loaded) return loaded->next_offset > bases_[i];
  if (loaded.error().code != Errc::kCorruption) return tl::unexpected<Error>(loaded.error());
  TRIBUTARY_ASSIGN(const auto scanned, scan_segment(place(), bases_[i - 1], options_.now,
                                                    [](auto&, const auto&, ByteView) { return Status{}; }));
  return scanned.next_offset > bases_[i];
}

Status LogLoader::read_metadata() {
  TRIBUTARY_ASSIGN(log_->topic_id, read_partition_metadata(log_->fs, *log_->directory));
  if (log_->topic_id || !options_.topic_id) return {};
  TRIBUTARY_ASSIGN(auto file, write_partition_metadata(log_->fs, *log_->directory, *options_.topic_id));
  log_->topic_id = options_.topic_id;
  log_->unsynced.push_back(std::move(file));
  log_->note_directory_change();
  return {};
}

Status LogLoader::read_epochs() {
  const auto text = read_file(log_->fs, join_path(*log_->directory, "leader-epoch-checkpoint"));
  if (!text && text.error().code != Errc::kNotFound) return tl::unexpected<Error>(text.error());
  // A crash may have torn it, or taken it before its directory entry was on the disk.
  epochs_lost_ = text ? !log_->epochs.decode(*text) : !options_.clean_shutdown;
  return {};
}

Status LogLoader::load_sealed_below(size_t end) {
  SegmentList list;
  for (size_t i = 0; i < end; ++i) {
    auto segment = load_sealed(place(), bases_[i]);
    if (!segment && segment.error().code == Errc::kCorruption) {
      TRIBUTARY_TRY(rebuild_indexes(bases_[i]));
      segment = load_sealed(place(), bases_[i]);
    }
    if (!segment) return tl::unexpected<Error>(segment.error());
    list.push_back(std::move(*segment));
  }
  log_->replace_sealed(std::move(list));
  return {};
}

// Of a sealed segment. Its batches stay as they are; a reader that meets a bad one is told. Atomically,
// because no recovery looks at this segment again.
Status LogLoader::rebuild_indexes(Offset base) {
  TRIBUTARY_ASSIGN(const auto scanned, scan_segment(place(), base, options_.now,
                                                    [](auto&, const auto&, ByteView) { return Status{}; }));
  ActiveSegment& segment = *scanned.segment;
  segment.times.append(segment.max_timestamp, segment.max_timestamp_offset);
  TRIBUTARY_TRY(write_file_atomically(log_->fs, segment_path(*log_->directory, base, kOffsetIndexSuffix),
                                      as_text(segment.offsets.bytes())));
  return write_file_atomically(log_->fs, segment_path(*log_->directory, base, kTimeIndexSuffix),
                               as_text(segment.times.bytes()));
}

Status LogLoader::load_clean() {
  auto last = load_segment(place(), bases_.back(), options_.now);
  if (!last && last.error().code == Errc::kCorruption) return recover(bases_.size() - 1);
  if (!last) return tl::unexpected<Error>(last.error());
  TRIBUTARY_TRY(load_sealed_below(bases_.size() - 1));
  if (epochs_lost_) TRIBUTARY_TRY(replay_epochs_below(bases_.size() - 1));
  log_->end_offset = last->next_offset;
  log_->active = std::move(last->segment);
  log_->set_jitter();
  log_->recovery_point = log_->end_offset;
  return load_producers(*log_, log_->end_offset, true);
}

Status LogLoader::recover(size_t first) {
  TRIBUTARY_TRY(load_sealed_below(first));
  log_->end_offset = bases_[first];
  log_->touched = true;
  if (epochs_lost_) {
    log_->epochs.clear();
    TRIBUTARY_TRY(replay_epochs_below(first));
  }
  log_->epochs.truncate_from_end(bases_[first]);
  TRIBUTARY_TRY(load_producers(*log_, bases_[first], false));
  TRIBUTARY_TRY(log_->forget_snapshots_above(bases_[first]));
  for (size_t i = first; i < bases_.size(); ++i) {
    if (options_.cancelled != nullptr && options_.cancelled->load())
      return fail(Errc::kCancelled, fmt::format("recovery of {} was cancelled", *log_->directory));
    TRIBUTARY_ASSIGN(const bool goes_on, recover_one(i));
    if (goes_on) continue;
    TRIBUTARY_TRY(drop_from(i + 1));
    break;
  }
  log_->recovery_point = std::min(options_.recovery_point, log_->end_offset);
  return {};
}

// Whether batches missing between two segments never reached the disk. What is missing below the recovery
// point or the log's start was not lost but deleted or, up to where the log was cleaned, compacted.
bool LogLoader::is_loss(Offset from, Offset upto) const {
  if (from >= upto) return false;
  const Offset complete_from = std::max(options_.recovery_point, options_.first_dirty_offset.value_or(0));
  if (options_.log_start_offset >= complete_from) return upto > options_.log_start_offset;
  return from >= complete_from;
}

Result<bool> LogLoader::recover_one(size_t i) {
  if (i > 0) TRIBUTARY_TRY(log_->write_snapshot(bases_[i]));
  TRIBUTARY_ASSIGN(auto loaded,
                   scan_segment(place(), bases_[i], options_.now,
                                [this](ActiveSegment& segment, const BatchHeader& header, ByteView bytes) {
                                  return note_batch(segment, header, bytes);
                                }));
  log_->end_offset = loaded.next_offset;
  const bool torn = loaded.segment->size < loaded.file_size;
  const bool gap = i + 1 < bases_.size() && is_loss(loaded.next_offset, bases_[i + 1]);
  const bool overlap = i + 1 < bases_.size() && loaded.next_offset > bases_[i + 1];
  if (torn || gap || overlap || i + 1 == bases_.size()) {
    TRIBUTARY_TRY(keep_as_active(std::move(loaded)));
    return false;
  }
  TRIBUTARY_TRY(keep_as_sealed(std::move(loaded)));
  return true;
}

Status LogLoader::note_batch(ActiveSegment& segment, const BatchHeader& header, ByteView bytes) {
  if (header.leader_epoch > log_->epochs.latest())
    log_->epochs.assign(raw(header.leader_epoch), header.base_offset);
  if (!header.has_producer()) return {};
  std::optional<EndMarker> marker;
  if (header.is_control()) {
    TRIBUTARY_ASSIGN(const auto batch, wire::BatchView::parse(bytes));
    marker = read_end_marker(batch);
  }
  const auto undo = log_->producers.apply(header, marker);
  if (!undo.completed || !undo.completed->aborted) return {};
  return log_->append_aborted(segment, *undo.completed);
}

Status LogLoader::keep_as_active(LoadedSegment loaded) {
  if (loaded.segment->size < loaded.file_size) {
    if (log_->probe != nullptr) {
      log_->probe->truncated_bytes.add(loaded.file_size - loaded.segment->size);
      log_->probe->corrupt_batches.add(loaded.crc_failed ? 1 : 0);
    }
    TRIBUTARY_TRY(loaded.segment->log->truncate(loaded.segment->size));
    // What was cut off must not come back under what is appended next.
    TRIBUTARY_TRY(loaded.segment->log->sync());
    cut_ = true;
  }
  TRIBUTARY_TRY(log_->settle_txn_index(*loaded.segment));
  log_->active = std::move(loaded.segment);
  log_->set_jitter();
  return {};
}

Status LogLoader::keep_as_sealed(LoadedSegment loaded) {
  ActiveSegment& segment = *loaded.segment;
  TRIBUTARY_TRY(log_->settle_txn_index(segment));
  TRIBUTARY_ASSIGN(const auto index_files, segment.write_indexes(log_->fs, *log_->directory));
  log_->unsynced.insert(log_->unsynced.end(), index_files.begin(), index_files.end());
  log_->unsynced.push_back(segment.log);
  if (segment.txn_index) log_->unsynced.push_back(segment.txn_index);
  log_->note_directory_change();
  SegmentList list = *log_->sealed;
  list.push_back(segment.seal(log_->fs, log_->directory));
  log_->replace_sealed(std::move(list));
  return {};
}

Status LogLoader::drop_from(size_t first) {
  if (first >= bases_.size()) return {};
  cut_ = true;
  const std::vector<Offset> later(bases_.begin() + static_cast<ptrdiff_t>(first), bases_.end());
  TRIBUTARY_TRY(log_->remove_files(later));
  bases_.resize(first);
  return {};
}

Status LogLoader::begin_empty(Offset base) {
  TRIBUTARY_ASSIGN(auto file, log_->create_segment_file(base));
  log_->set_active(base, std::move(file), options_.now);
  log_->start_offset = log_->end_offset = log_->recovery_point = log_->first_dirty = base;
  return log_->forget_snapshots_above(-1);
}

Status LogLoader::replay_epochs_below(size_t end) {
  for (size_t i = 0; i < end; ++i) {
    const Segment& segment = *(*log_->sealed)[i];
    TRIBUTARY_ASSIGN(const auto file, segment.open(SegmentPart::kLog, ReadMode::kBlocking));
    BatchScanner scanner(*file, 0, segment.size, BatchScanner::Depth::kHeaders, ReadMode::kBlocking,
                         64 << 10);
    while (true) {
      const auto item = scanner.next();
      if (!item && item.error().code != Errc::kCorruption) return tl::unexpected<Error>(item.error());
      if (!item || !*item) break;
      const BatchHeader& header = (*item)->header;
      if (header.leader_epoch > log_->epochs.latest())
        log_->epochs.assign(raw(header.leader_epoch), header.base_offset);
    }
    segment.release_files();
  }
  return {};
}

// A checkpoint of the log's start above all there is means that files were lost: the log goes on from there,
// empty.
Status LogLoader::bound_by_start() {
  if (log_->end_offset < options_.log_start_offset) {
    TRIBUTARY_TRY(log_->truncate_fully_and_start_at(options_.log_start_offset));
  }
  const Offset first = log_->sealed->empty() ? log_->active->base : log_->sealed->front()->base;
  log_->start_offset = std::max(options_.log_start_offset, first);
  log_->epochs.truncate_from_end(log_->end_offset);
  log_->epochs.truncate_from_start(log_->start_offset);
  return {};
}

Status LogLoader::finish() {
  // A snapshot that came back later would tell of batches that are no more.
  cut_ = cut_ || (!log_->snapshots.empty() && log_->snapshots.back() > log_->end_offset);
  TRIBUTARY_TRY(log_->forget_snapshots_above(log_->end_offset));
  TRIBUTARY_TRY(remove_stray_snapshots());
  if (!options_.clean_shutdown) TRIBUTARY_TRY(adopt_unsynced());
  log_->opened_end = log_->end_offset;
  if (log_->recovery_point < log_->end_offset) log_->unsynced_since = options_.now;
  log_->checkpointed_recovery = std::min(options_.recovery_point, log_->recovery_point);
  // A checkpoint above all there is is of a log that was lost.
  const Offset dirty = options_.first_dirty_offset.value_or(log_->start_offset);
  log_->first_dirty = dirty > log_->end_offset ? log_->start_offset : dirty;
  return cut_ ? log_->fs.sync_directory(*log_->directory) : Status{};
}

// What a process wrote that was killed is there, but may not be on the disk: it is synced with the next
// appends.
Status LogLoader::adopt_unsynced() {
  if (!log_->epochs.entries().empty()) log_->epochs.changed();
  TRIBUTARY_TRY(log_->save_epochs());
  log_->note_directory_change();
  if (!log_->topic_id) return {};
  auto metadata = log_->fs.open(join_path(*log_->directory, "partition.metadata"), OpenMode::kReadWrite);
  if (!metadata) return tl::unexpected<Error>(metadata.error());
  log_->unsynced.push_back(std::move(*metadata));
  return {};
}

// Of the snapshots that belong to no segment only the newest is of use.
Status LogLoader::remove_stray_snapshots() {
  std::vector<Offset>& all = log_->snapshots;
  const auto is_stray = [&](Offset at) {
    return at != all.back() && !std::ranges::binary_search(bases_, at);
  };
  for (const Offset at : std::vector(all)) {
    if (!is_stray(at)) continue;
    TRIBUTARY_TRY(log_->fs.remove(segment_path(*log_->directory, at, kSnapshotSuffix)));
    std::erase(all, at);
  }
  return {};
}

}  // namespace tributary::storage
