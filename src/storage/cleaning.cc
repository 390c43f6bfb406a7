#include "cleaning.h"

#include <fmt/format.h>

#include "index_table.h"
#include "producer_snapshot.h"
#include "segment_name.h"

namespace tributary::storage {

namespace {

constexpr size_t kSegmentsPerGroup = 32;

// What an earlier pass could not remove. One that stands below a swap would make recovery drop the swap.
Status remove_leftovers(FileSystem& fs, const std::string& directory) {
  TRIBUTARY_ASSIGN(const auto entries, fs.list(directory));
  for (const DirectoryEntry& entry : entries) {
    if (entry.name.ends_with(kCleanedSuffix)) TRIBUTARY_TRY(fs.remove(join_path(directory, entry.name)));
  }
  return {};
}

// What producers had written up to the bound, whatever they wrote later: a recovery may lose that.
Status read_last_batches(const CleaningPlan& plan, LastBatches& to) {
  const auto bytes = read_file(plan.fs, segment_path(*plan.directory, plan.bound, kSnapshotSuffix));
  if (!bytes && bytes.error().code != Errc::kNotFound) return tl::unexpected<Error>(bytes.error());
  ProducerState producers;
  if (bytes &&
      decode_snapshot(as_bytes(*bytes), plan.options.now, plan.config.producer_id_expiration_ms, producers)) {
    producers.for_each([&](int64_t id, const ProducerEntry& entry) { to.add(id, entry); });
  }
  return {};
}

// Opens it apart: the segment's own handles are for reads, and few.
Result<uint64_t> size_of(FileSystem& fs, const Segment& segment, SegmentPart part) {
  const auto file = fs.open(segment.path(part), OpenMode::kRead);
  if (!file && file.error().code == Errc::kNotFound) return uint64_t{0};
  if (!file) return tl::unexpected<Error>(file.error());
  return (*file)->size();
}

}  // namespace

Result<Cleaning::Next> Cleaning::State::step() {
  if (plan.bond->cancelled) return Next::kCancelled;
  switch (phase) {
    case Phase::kPrepare:
      return prepare();
    case Phase::kIndex:
      return index();
    case Phase::kCopy:
      return copy();
    case Phase::kSwap:
      return Next::kSwap;
    case Phase::kSync:
      TRIBUTARY_TRY(plan.fs.sync_directory(*plan.directory));
      phase = Phase::kDone;
      return Next::kDone;
    case Phase::kDone:
      return Next::kDone;
  }
  return Next::kDone;
}

Result<Cleaning::Next> Cleaning::State::prepare() {
  TRIBUTARY_TRY(remove_leftovers(plan.fs, *plan.directory));
  TRIBUTARY_TRY(read_last_batches(plan, last_batches_at_bound));
  const auto keys = static_cast<uint64_t>(plan.bound - plan.first_dirty);
  TRIBUTARY_ASSIGN(auto made, OffsetMap::make(plan.options.map_bytes, plan.options.map_load_factor, keys,
                                              plan.options.hash_secret));
  map = std::move(made);
  segments = std::make_shared<SegmentList>(*plan.view.sealed);
  plan.view.sealed = segments;
  const Indexer::Range range{plan.first_dirty, plan.bound, plan.options.io_buffer_bytes,
                             plan.config.inflated_limit};
  indexer = std::make_unique<Indexer>(plan.fs, plan.view, range, *map, stats);
  phase = Phase::kIndex;
  return Next::kStep;
}

Result<Cleaning::Next> Cleaning::State::index() {
  TRIBUTARY_ASSIGN(const bool done, indexer->step());
  if (!done) return Next::kStep;
  end = map->latest() + 1;
  stats.map_utilization = map->utilization();
  indexer.reset();
  if (end <= plan.first_dirty) {
    return fail(Errc::kTooLarge,
                fmt::format("the keys of the batch at offset {} do not fit an offset map of {} bytes", end,
                            plan.options.map_bytes));
  }
  TRIBUTARY_TRY(plan_groups());
  filter = std::make_unique<BatchFilter>(*map, plan.last_batches, last_batches_at_bound,
                                         FilterRules{plan.options.now, plan.config.delete_retention_ms,
                                                     plan.first_dirty, plan.config.inflated_limit});
  return next_group();
}

Status Cleaning::State::plan_groups() {
  std::vector<GroupedSegment> found;
  for (size_t i = 0; i < segments->size() && plan.view.base_of(i) < end; ++i) {
    GroupedSegment one{(*segments)[i], i, plan.view.base_of(i + 1), 0, 0};
    TRIBUTARY_ASSIGN(one.offset_index_bytes, size_of(plan.fs, *one.segment, SegmentPart::kOffsetIndex));
    TRIBUTARY_ASSIGN(one.time_index_bytes, size_of(plan.fs, *one.segment, SegmentPart::kTimeIndex));
    found.push_back(std::move(one));
  }
  groups = group_segments(found, {static_cast<uint64_t>(plan.config.segment_bytes),
                                  static_cast<uint64_t>(plan.config.segment_index_bytes), kSegmentsPerGroup});
  return {};
}

Result<Cleaning::Next> Cleaning::State::next_group() {
  if (group == groups.size()) {
    phase = Phase::kSync;
    map.reset();
    return Next::kStep;
  }
  const auto index_bytes = static_cast<size_t>(plan.config.segment_index_bytes);
  copier = std::make_unique<GroupCopier>(
      GroupCopier::Tools{plan.view, *filter, transactions, stats, plan.options.io_buffer_bytes},
      groups[group],
      CleanedPlace{plan.fs, plan.directory, plan.config.index_interval_bytes, plan.options.longest_segment,
                   index_bytes / kOffsetEntrySize, index_bytes / kTimeEntrySize});
  phase = Phase::kCopy;
  return Next::kStep;
}

Result<Cleaning::Next> Cleaning::State::copy() {
  TRIBUTARY_ASSIGN(const bool done, copier->step());
  if (!done) return Next::kStep;
  phase = Phase::kSwap;
  return Next::kSwap;
}

void Cleaning::State::group_swapped() {
  copier.reset();
  // What reads still need of them they hold themselves.
  for (const GroupedSegment& source : groups[group]) (*segments)[source.index].reset();
  groups[group].clear();
  ++group;
  (void)next_group();
}

Cleaning::Cleaning(std::unique_ptr<State> state) : state_(std::move(state)) {}
Cleaning::~Cleaning() = default;

Result<Cleaning::Next> Cleaning::step() { return state_->step(); }

void Cleaning::discard() {
  state_->copier.reset();
  // The next pass removes what cannot be removed now.
  (void)remove_leftovers(state_->plan.fs, *state_->plan.directory);
}

const TopicPartition& Cleaning::name() const { return state_->plan.name; }
Offset Cleaning::first_dirty() const { return state_->plan.first_dirty; }
Offset Cleaning::end_offset() const { return state_->end; }
const CleaningStats& Cleaning::stats() const { return state_->stats; }

}  // namespace tributary::storage
