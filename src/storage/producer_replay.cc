#include "producer_replay.h"

#include <algorithm>

#include "batch_scanner.h"
#include "log_view.h"
#include "producer_snapshot.h"
#include "segment_name.h"

namespace tributary::storage {

namespace {

constexpr size_t kHeaderChunk = 64 << 10;

Result<std::optional<EndMarker>> marker_at(const File& file, const BatchScanner::Item& item) {
  std::vector<uint8_t> bytes(item.header.size);
  TRIBUTARY_ASSIGN(const size_t got, file.read_at(item.position, bytes, ReadMode::kBlocking));
  bytes.resize(got);
  TRIBUTARY_ASSIGN(const auto batch, wire::BatchView::parse(bytes));
  return read_end_marker(batch);
}

Status replay_file(const File& file, uint64_t size, Offset from, Offset upto, ProducerState& producers) {
  BatchScanner scanner(file, 0, size, BatchScanner::Depth::kHeaders, ReadMode::kBlocking, kHeaderChunk);
  while (true) {
    const auto item = scanner.next();
    // A damaged sealed segment ends here; its readers are told.
    if (!item && item.error().code == Errc::kCorruption) return {};
    if (!item) return tl::unexpected<Error>(item.error());
    if (!*item || (*item)->header.base_offset >= upto) return {};
    const BatchHeader& header = (*item)->header;
    if (header.base_offset < from || !header.has_producer()) continue;
    std::optional<EndMarker> marker;
    if (header.is_control()) {
      TRIBUTARY_ASSIGN(marker, marker_at(file, **item));
    }
    producers.apply(header, marker);
  }
}

// The segments of the log from the one with its start on. What stands below may be what a crash brought back
// of a deletion, with gaps.
class LiveSegments {
 public:
  LiveSegments(const Log::Impl& log, Offset upto) : log_(log), sealed_(*log.sealed), first_(sealed_.size()) {
    const Offset sealed_end = std::min(upto, log.active ? log.active->base : INT64_MAX);
    if (log.start_offset < sealed_end) {
      first_ = static_cast<size_t>(std::max<ptrdiff_t>(floor_segment(sealed_, log.start_offset), 0));
    }
  }

  // Whether the batches from a snapshot on are all there: it was taken where a segment begins, or in the last
  // one.
  bool can_follow(Offset snapshot) const {
    if (log_.active && snapshot >= log_.active->base) return true;
    const ptrdiff_t i = floor_segment(sealed_, snapshot);
    if (i < 0 || i < static_cast<ptrdiff_t>(first_)) return false;
    return sealed_[static_cast<size_t>(i)]->base == snapshot;
  }

  Status replay(Offset from, Offset upto, ProducerState& producers) const {
    for (size_t i = first_; i < sealed_.size(); ++i) {
      if (i + 1 < sealed_.size() && sealed_[i + 1]->base <= from) continue;
      if (sealed_[i]->base >= upto) return {};
      TRIBUTARY_ASSIGN(const auto file, sealed_[i]->open(SegmentPart::kLog, ReadMode::kBlocking));
      const Status replayed = replay_file(*file, sealed_[i]->size, from, upto, producers);
      sealed_[i]->release_files();
      TRIBUTARY_TRY(replayed);
    }
    if (!log_.active || from >= upto) return {};
    return replay_file(*log_.active->log, log_.active->size, from, upto, producers);
  }

 private:
  const Log::Impl& log_;
  const SegmentList& sealed_;
  size_t first_;
};

}  // namespace

Status load_producers(Log::Impl& log, Offset upto, bool believe_absence) {
  log.producers.clear();
  if (log.snapshots.empty() && believe_absence) return {};
  const LiveSegments segments(log, upto);
  for (size_t i = log.snapshots.size(); i-- > 0;) {
    const Offset at = log.snapshots[i];
    if (at > upto || (at < upto && !segments.can_follow(at))) continue;
    const std::string path = segment_path(*log.directory, at, kSnapshotSuffix);
    const auto bytes = read_file(log.fs, path);
    if (bytes && decode_snapshot(as_bytes(*bytes), log.last_now, log.config.producer_id_expiration_ms,
                                 log.producers)) {
      return segments.replay(at, upto, log.producers);
    }
    if (!bytes && bytes.error().code != Errc::kNotFound) return tl::unexpected<Error>(bytes.error());
    log.producers.clear();
    (void)log.fs.remove(path);
    log.snapshots.erase(log.snapshots.begin() + static_cast<ptrdiff_t>(i));
  }
  return segments.replay(0, upto, log.producers);
}

}  // namespace tributary::storage
