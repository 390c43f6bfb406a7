#include <fmt/format.h>

#include <algorithm>

#include "log_impl.h"
#include "producer_snapshot.h"
#include "segment_name.h"

namespace tributary::storage {

namespace {

// The same for the same segment, so that a restart does not move the moment it is rolled.
int64_t jitter_of(const TopicPartition& name, Offset base, int64_t maximum) {
  if (maximum <= 0) return 0;
  Random random(std::hash<std::string>{}(name.topic) ^ (static_cast<uint64_t>(name.partition) << 32) ^
                static_cast<uint64_t>(base));
  return static_cast<int64_t>(random.below(static_cast<uint64_t>(maximum)));
}

}  // namespace

Result<std::shared_ptr<File>> Log::Impl::create_segment_file(Offset base) {
  TRIBUTARY_ASSIGN(std::shared_ptr<File> file,
                   fs.open(segment_path(*directory, base, kLogSuffix), OpenMode::kCreate));
  TRIBUTARY_ASSIGN(const uint64_t size, file->size());
  if (size > 0) TRIBUTARY_TRY(file->truncate(0));  // what an earlier segment of that name may have left
  note_directory_change();
  return file;
}

void Log::Impl::set_active(Offset base, std::shared_ptr<File> file, TimestampMs created) {
  active = std::make_unique<ActiveSegment>(base, std::move(file), created);
  set_jitter();
}

void Log::Impl::set_jitter() {
  active->roll_jitter_ms = jitter_of(name, active->base, config.segment_jitter_ms);
}

Status Log::Impl::write_snapshot(Offset at, std::span<const ProducerState::Undo> pending) {
  if (!snapshots.empty() && snapshots.back() >= at) return {};
  const std::vector<uint8_t> bytes = encode_snapshot(producers, pending);
  const ByteView piece = bytes;
  TRIBUTARY_ASSIGN(std::shared_ptr<File> file,
                   fs.open(segment_path(*directory, at, kSnapshotSuffix), OpenMode::kCreate));
  TRIBUTARY_TRY(file->truncate(bytes.size()));
  TRIBUTARY_TRY(file->write_at(0, {&piece, 1}));
  snapshots.push_back(at);
  unsynced.push_back(std::move(file));
  note_directory_change();
  return {};
}

// Begins a segment at `base`, the offset of the first staged batch that is not written yet.
Status Log::Impl::roll(Offset base, size_t first_unwritten) {
  TRIBUTARY_ASSIGN(const auto index_files, active->write_indexes(fs, *directory));
  unsynced.insert(unsynced.end(), index_files.begin(), index_files.end());
  const auto pending = std::count_if(staged.begin() + static_cast<ptrdiff_t>(first_unwritten), staged.end(),
                                     [](const StagedBatch& batch) { return batch.has_undo; });
  TRIBUTARY_TRY(write_snapshot(base, std::span(undo).last(static_cast<size_t>(pending))));
  TRIBUTARY_ASSIGN(auto file, create_segment_file(base));

  unsynced.push_back(active->log);
  if (active->txn_index) unsynced.push_back(active->txn_index);
  note_directory_change();
  SegmentList list = *sealed;
  list.push_back(active->seal(fs, directory));
  replace_sealed(std::move(list));
  set_active(base, std::move(file), last_now);
  return {};
}

}  // namespace tributary::storage
