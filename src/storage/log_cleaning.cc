#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cleaning.h"
#include "log_impl.h"
#include "rename_journal.h"
#include "segment_name.h"

namespace tributary::storage {

namespace {

constexpr std::array kParts{kLogSuffix, kOffsetIndexSuffix, kTimeIndexSuffix, kTxnIndexSuffix};

std::string marked(const std::string& path, std::string_view mark) { return path + std::string(mark); }

uint64_t sum_of_sizes(const SegmentList& list, size_t from, Offset upto) {
  uint64_t sum = 0;
  for (size_t i = from; i < list.size() && list[i]->base < upto; ++i) sum += list[i]->size;
  return sum;
}

size_t floor_index(const SegmentList& list, Offset offset) {
  return static_cast<size_t>(std::max<ptrdiff_t>(floor_segment(list, offset), 0));
}

// Brings the files of a rewritten group into the place of its sources'. What a crash leaves of it, recovery
// finishes once every rewritten file is called *.swap, and drops before; file systems keep the order of
// changes in a directory.
class Swap {
 public:
  Swap(FileSystem& fs, const std::string& directory) : directory_(directory), journal_(fs) {}

  Status run(const SegmentGroup& sources, const std::vector<Offset>& made) {
    // The lowest last: as long as it is called *.cleaned, recovery drops all of them.
    for (auto base = made.rbegin(); base != made.rend(); ++base) {
      TRIBUTARY_TRY(rename_parts(*base, kCleanedSuffix, kSwapSuffix));
    }
    for (const GroupedSegment& source : sources) TRIBUTARY_TRY(set_aside(source.segment->base, made));
    for (const Offset base : made) TRIBUTARY_TRY(rename_parts(base, kSwapSuffix, {}));
    return {};
  }
  Status undo() { return journal_.undo(); }
  std::vector<std::string> removed() && { return std::move(removed_); }

 private:
  Status rename_parts(Offset base, std::string_view from, std::string_view to) {
    for (const std::string_view part : kParts) {
      const std::string path = segment_path(directory_, base, part);
      Status renamed = journal_.rename(marked(path, from), marked(path, to));
      const bool absent = part == kTxnIndexSuffix && !renamed && renamed.error().code == Errc::kNotFound;
      if (!renamed && !absent) return renamed;
    }
    return {};
  }

  Status set_aside(Offset base, const std::vector<Offset>& made) {
    for (const std::string_view part : kParts) TRIBUTARY_TRY(set_aside(base, part));
    // A snapshot is of use only where a segment begins.
    const bool begins_one = std::ranges::find(made, base) != made.end();
    return begins_one ? Status{} : set_aside(base, kSnapshotSuffix);
  }

  Status set_aside(Offset base, std::string_view part) {
    const std::string path = segment_path(directory_, base, part);
    Status renamed = journal_.rename(path, marked(path, kDeletedSuffix));
    if (!renamed && renamed.error().code == Errc::kNotFound && part != kLogSuffix) return {};
    if (renamed) removed_.push_back(marked(path, kDeletedSuffix));
    return renamed;
  }

  const std::string& directory_;
  RenameJournal journal_;
  std::vector<std::string> removed_;
};

// Where the sources stand in the list; null if any of them has left it.
std::optional<size_t> find_sources(const SegmentList& list, const SegmentGroup& sources) {
  const auto first = std::ranges::find(list, sources.front().segment);
  const auto at = static_cast<size_t>(first - list.begin());
  if (list.size() - at < sources.size()) return std::nullopt;
  for (size_t i = 0; i < sources.size(); ++i) {
    if (list[at + i] != sources[i].segment) return std::nullopt;
  }
  return at;
}

}  // namespace

// The first offset that must not be cleaned: nothing of the active segment, nothing a recovery would read
// again, nothing too young, and no transaction whose marker a power cut may take back.
Offset Log::Impl::cleaning_bound(TimestampMs now, Offset high_watermark) const {
  const Offset settled = std::min(high_watermark, checkpointed_recovery);
  // Snapshots do not tell where a transaction began whose marker was in the log when it was opened.
  if (settled < std::min(opened_end, end_offset) && producers.size() > 0) return 0;
  Offset bound = std::min({first_unstable(settled), settled, active->base});
  if (config.min_compaction_lag_ms > 0) {
    for (size_t i = floor_index(*sealed, first_dirty_offset()); i < sealed->size(); ++i) {
      if ((*sealed)[i]->max_timestamp <= now - config.min_compaction_lag_ms) continue;
      bound = std::min(bound, (*sealed)[i]->base);
      break;
    }
  }
  if (bound >= active->base) return active->base;
  const ptrdiff_t holder = floor_segment(*sealed, bound);
  return holder < 0 ? bound : (*sealed)[static_cast<size_t>(holder)]->base;
}

CleanableLog Log::Impl::cleanable(TimestampMs now, Offset high_watermark) const {
  CleanableLog found;
  found.first_dirty = first_dirty_offset();
  found.first_uncleanable = cleaning_bound(now, high_watermark);
  found.now = now;
  found.min_dirty_ratio = config.min_cleanable_dirty_ratio;
  found.max_lag_ms = config.max_compaction_lag_ms;
  const size_t first = floor_index(*sealed, found.first_dirty);
  found.clean_bytes = sum_of_sizes(*sealed, floor_index(*sealed, start_offset), found.first_dirty);
  if (found.first_uncleanable > found.first_dirty) {
    found.cleanable_bytes = sum_of_sizes(*sealed, first, found.first_uncleanable);
  }
  if (found.max_lag_ms < INT64_MAX && found.first_dirty < active->base) {
    found.dirty.assign(sealed->begin() + static_cast<ptrdiff_t>(std::min(first, sealed->size())),
                       sealed->end());
  }
  return found;
}

// What lies below the log's start goes as a whole. After a power cut it may be torn, and no recovery looks at
// it.
std::shared_ptr<const SegmentList> Log::Impl::sealed_from_start() const {
  const size_t first = std::min(floor_index(*sealed, start_offset), sealed->size());
  return std::make_shared<SegmentList>(sealed->begin() + static_cast<ptrdiff_t>(first), sealed->end());
}

Result<std::unique_ptr<Cleaning>> Log::Impl::begin_cleaning(const CleaningOptions& options,
                                                            Offset high_watermark) {
  TRIBUTARY_TRY(check_open());
  if (cleaning) return fail(Errc::kBusy, fmt::format("{} is being cleaned", *directory));
  const CleanableLog found = cleanable(options.now, high_watermark);
  if (found.cleanable_bytes == 0) return fail(Errc::kNotFound, fmt::format("{} is clean", *directory));
  LastBatches last_batches;
  producers.for_each([&](int64_t id, const ProducerEntry& entry) { last_batches.add(id, entry); });
  cleaning = std::make_shared<CleaningBond>();
  return std::make_unique<Cleaning>(std::make_unique<Cleaning::State>(
      CleaningPlan{fs, directory, name, config,
                   LogView{sealed_from_start(), active->log, active->txn_index, active->aborted_count,
                           active->base, active->size},
                   found.first_dirty, found.first_uncleanable, std::move(last_batches), options, cleaning}));
}

Result<SegmentRemoval> Log::Impl::swap_cleaned(Cleaning& pass) {
  TRIBUTARY_TRY(check_open());
  const GroupCopier& copier = *pass.state().copier;
  const SegmentGroup& sources = copier.group();
  const auto at = find_sources(*sealed, sources);
  if (pass.state().plan.bond->cancelled || !at) {
    return fail(Errc::kBusy, fmt::format("{} lost the segments that were to be replaced", *directory));
  }
  for (const GroupedSegment& source : sources) TRIBUTARY_TRY(source.segment->open_all());
  for (const GroupedSegment& source : sources) source.segment->retire();
  Swap swap(fs, *directory);
  const std::vector<Offset> made = copier.output().bases();
  if (Status swapped = swap.run(sources, made); !swapped) {
    closed = !swap.undo();
    cancel_cleaning();
    return tl::unexpected<Error>(swapped.error());
  }
  SegmentList list(sealed->begin(), sealed->begin() + static_cast<ptrdiff_t>(*at));
  const auto fresh = copier.output().seal();
  list.insert(list.end(), fresh.begin(), fresh.end());
  list.insert(list.end(), sealed->begin() + static_cast<ptrdiff_t>(*at + sources.size()), sealed->end());
  replace_sealed(std::move(list));
  for (const GroupedSegment& source : sources) {
    std::erase(in_use, source.segment);
    if (std::ranges::find(made, source.segment->base) == made.end())
      std::erase(snapshots, source.segment->base);
  }
  note_directory_change();
  pass.state().group_swapped();
  return SegmentRemoval(fs, std::move(swap).removed());
}

void Log::Impl::end_cleaning(Cleaning& pass) {
  const Cleaning::State& state = pass.state();
  if (state.group < state.groups.size()) {
    for (const GroupedSegment& source : state.groups[state.group]) source.segment->let_go();
  }
  cleaning.reset();
}

void Log::Impl::cancel_cleaning() {
  if (cleaning) cleaning->cancelled = true;
}

}  // namespace tributary::storage
