#include "segment_loader.h"

#include "batch_scanner.h"
#include "segment_name.h"
#include "transaction_index.h"

namespace tributary::storage {

namespace {

constexpr size_t kScanChunk = 1 << 20;
constexpr size_t kHeaderChunk = 8192;

// A missing index is as good as an empty one as long as the segment is so small that it needs no entry.
Result<std::vector<uint8_t>> read_index(const SegmentPlaceInfo& place, Offset base, std::string_view suffix,
                                        uint64_t segment_size) {
  const std::string path = segment_path(*place.directory, base, suffix);
  auto file = place.fs.open(path, OpenMode::kRead);
  if (!file && file.error().code == Errc::kNotFound) {
    if (segment_size <= static_cast<uint64_t>(place.index_interval_bytes)) return std::vector<uint8_t>{};
    return fail(Errc::kCorruption, path + " is missing");
  }
  if (!file) return tl::unexpected<Error>(file.error());
  TRIBUTARY_ASSIGN(const uint64_t size, (*file)->size());
  if (size > segment_size + kTimeEntrySize)
    return fail(Errc::kCorruption, path + " is larger than its segment");
  std::vector<uint8_t> bytes(size);
  TRIBUTARY_ASSIGN(const size_t got, (*file)->read_at(0, bytes, ReadMode::kBlocking));
  bytes.resize(got);
  return bytes;
}

Status open_txn_index(const SegmentPlaceInfo& place, ActiveSegment& segment) {
  const std::string path = segment_path(*place.directory, segment.base, kTxnIndexSuffix);
  auto file = place.fs.open(path, OpenMode::kReadWrite);
  if (!file && file.error().code == Errc::kNotFound) return {};
  if (!file) return tl::unexpected<Error>(file.error());
  TRIBUTARY_ASSIGN(const uint64_t size, (*file)->size());
  segment.txn_index = std::move(*file);
  segment.aborted_count = size / kTxnEntrySize;
  return {};
}

Result<LoadedSegment> open_segment(const SegmentPlaceInfo& place, Offset base, TimestampMs now) {
  TRIBUTARY_ASSIGN(std::shared_ptr<File> file,
                   place.fs.open(segment_path(*place.directory, base, kLogSuffix), OpenMode::kReadWrite));
  LoadedSegment loaded;
  TRIBUTARY_ASSIGN(loaded.file_size, file->size());
  loaded.segment = std::make_unique<ActiveSegment>(base, std::move(file), now);
  loaded.next_offset = base;
  return loaded;
}

Status read_first_timestamp(ActiveSegment& segment) {
  if (segment.size == 0) return {};
  BatchScanner scanner(*segment.log, 0, segment.size, BatchScanner::Depth::kHeaders, ReadMode::kBlocking,
                       wire::kBatchHeaderSize);
  TRIBUTARY_ASSIGN(const auto first, scanner.next());
  segment.first_timestamp = first->header.max_timestamp;
  return {};
}

}  // namespace

Status find_max_timestamp(ActiveSegment& segment) {
  const TimeEntry last = segment.times.last();
  segment.max_timestamp = last.timestamp;
  segment.max_timestamp_offset = last.timestamp < 0 ? -1 : last.offset;
  BatchScanner scanner(*segment.log, segment.offsets.floor_position(last.offset), segment.size,
                       BatchScanner::Depth::kHeaders, ReadMode::kBlocking, kHeaderChunk);
  while (true) {
    TRIBUTARY_ASSIGN(const auto item, scanner.next());
    if (!item) return {};
    if (item->header.record_count == 0 || item->header.max_timestamp <= segment.max_timestamp) continue;
    segment.max_timestamp = item->header.max_timestamp;
    segment.max_timestamp_offset = item->header.last_offset;
  }
}

Result<LoadedSegment> load_segment(const SegmentPlaceInfo& place, Offset base, TimestampMs now) {
  TRIBUTARY_ASSIGN(LoadedSegment loaded, open_segment(place, base, now));
  ActiveSegment& segment = *loaded.segment;
  TRIBUTARY_ASSIGN(auto offset_bytes, read_index(place, base, kOffsetIndexSuffix, loaded.file_size));
  TRIBUTARY_ASSIGN(auto time_bytes, read_index(place, base, kTimeIndexSuffix, loaded.file_size));
  auto offsets = OffsetIndex::decode(base, std::move(offset_bytes), loaded.file_size);
  auto times = TimeIndex::decode(base, std::move(time_bytes));
  if (!offsets || !times) return fail(Errc::kCorruption, "the indexes do not fit the segment");
  segment.offsets = std::move(*offsets);
  segment.times = std::move(*times);
  segment.size = loaded.file_size;
  segment.indexes_written =
      segment.times.count() > 0 && place.fs.exists(segment_path(*place.directory, base, kOffsetIndexSuffix));
  segment.written_back = loaded.file_size;
  const uint64_t last_entry = segment.offsets.last().position;
  segment.bytes_since_entry = segment.size - last_entry;
  BatchScanner tail(*segment.log, last_entry, segment.size, BatchScanner::Depth::kHeaders,
                    ReadMode::kBlocking, kHeaderChunk);
  while (true) {
    TRIBUTARY_ASSIGN(const auto item, tail.next());
    if (!item) break;
    if (item->header.base_offset < loaded.next_offset || !segment.fits(item->header.last_offset)) {
      return fail(Errc::kCorruption, "the offsets of the segment's tail do not rise");
    }
    loaded.next_offset = item->header.last_offset + 1;
  }
  if (segment.times.last().offset >= loaded.next_offset && segment.times.count() > 0) {
    return fail(Errc::kCorruption, "the time index reaches over the end of the segment");
  }
  TRIBUTARY_TRY(find_max_timestamp(segment));
  TRIBUTARY_TRY(read_first_timestamp(segment));
  TRIBUTARY_TRY(open_txn_index(place, segment));
  return loaded;
}

Result<LoadedSegment> scan_segment(const SegmentPlaceInfo& place, Offset base, TimestampMs now,
                                   const OnBatch& on_batch) {
  TRIBUTARY_ASSIGN(LoadedSegment loaded, open_segment(place, base, now));
  ActiveSegment& segment = *loaded.segment;
  BatchScanner scanner(*segment.log, 0, loaded.file_size, BatchScanner::Depth::kWhole, ReadMode::kBlocking,
                       kScanChunk);
  while (true) {
    const auto item = scanner.next();
    if (!item && item.error().code == Errc::kCorruption) break;
    if (!item) return tl::unexpected<Error>(item.error());
    if (!*item) break;
    const BatchHeader& header = (*item)->header;
    if (header.base_offset < loaded.next_offset || !segment.fits(header.last_offset)) break;
    const auto batch = wire::BatchView::parse((*item)->bytes);
    if (!batch || !batch->crc_matches()) {
      loaded.crc_failed = true;
      break;
    }
    segment.note_batch(header, place.index_interval_bytes);
    loaded.next_offset = header.last_offset + 1;
    TRIBUTARY_TRY(on_batch(segment, header, (*item)->bytes));
  }
  segment.written_back = segment.size;
  return loaded;
}

Result<std::shared_ptr<Segment>> load_sealed(const SegmentPlaceInfo& place, Offset base) {
  auto segment = std::make_shared<Segment>(place.fs, place.directory, base);
  TRIBUTARY_ASSIGN(const auto log, place.fs.open(segment->path(SegmentPart::kLog), OpenMode::kRead));
  TRIBUTARY_ASSIGN(segment->size, log->size());
  const bool needs_indexes = segment->size > static_cast<uint64_t>(place.index_interval_bytes);
  const auto offsets = place.fs.open(segment->path(SegmentPart::kOffsetIndex), OpenMode::kRead);
  const auto times = place.fs.open(segment->path(SegmentPart::kTimeIndex), OpenMode::kRead);
  if ((!offsets && needs_indexes) || !times)
    return fail(Errc::kCorruption, "a sealed segment lacks an index");
  if (offsets) {
    TRIBUTARY_ASSIGN(const OffsetEntry last, last_offset_entry(**offsets, base));
    TRIBUTARY_ASSIGN(const uint64_t index_size, (*offsets)->size());
    const bool fits =
        index_size == 0 || (last.offset >= base && last.position < segment->size && last.position > 0);
    if (!fits) return fail(Errc::kCorruption, "an offset index does not fit its segment");
  }
  TRIBUTARY_ASSIGN(const TimeEntry largest, last_time_entry(**times, base));
  if (largest.offset < base) return fail(Errc::kCorruption, "a time index does not fit its segment");
  segment->max_timestamp = largest.timestamp;
  segment->max_timestamp_offset = largest.timestamp < 0 ? -1 : largest.offset;
  if (auto aborted = place.fs.open(segment->path(SegmentPart::kTxnIndex), OpenMode::kRead)) {
    TRIBUTARY_ASSIGN(const uint64_t size, (*aborted)->size());
    segment->aborted_count = size / kTxnEntrySize;
  }
  return segment;
}

}  // namespace tributary::storage
