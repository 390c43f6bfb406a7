#include "cleaner_indexer.h"

#include <fmt/format.h>

#include <algorithm>

namespace tributary::storage {

Result<std::optional<BatchScanner::Item>> next_good_batch(BatchScanner& scanner, Offset segment_base) {
  const uint64_t position = scanner.position();
  const auto corrupt = [&](std::string_view what) {
    return fail(Errc::kCorruption,
                fmt::format("corrupt batch at position {} of segment {}: {}", position, segment_base, what));
  };
  auto item = scanner.next();
  if (!item && item.error().code == Errc::kCorruption) return corrupt(item.error().message);
  if (!item || !*item) return item;
  const auto batch = wire::BatchView::parse((*item)->bytes);
  if (!batch || !batch->crc_matches()) return corrupt("its CRC does not match");
  if ((*item)->header.last_offset - segment_base > INT32_MAX)
    return corrupt("its offsets do not fit the segment");
  return item;
}

Indexer::Indexer(FileSystem& fs, const LogView& view, Range range, OffsetMap& map, CleaningStats& stats)
    : fs_(fs), view_(view), range_(range), map_(map), stats_(stats), segment_(view.find(range.from)) {
  map_.set_latest(range.from - 1);
}

Status Indexer::open_segment() {
  if (!begun_) {
    TRIBUTARY_ASSIGN(const auto aborted,
                     view_.aborted(segment_, range_.from, range_.upto, ReadMode::kBlocking));
    transactions_.add_aborted(aborted);
    begun_ = true;
  }
  TRIBUTARY_ASSIGN(const uint64_t start, view_.search_start(segment_, range_.from, ReadMode::kBlocking));
  // Opened apart: the segments' own handles are for reads, and few.
  TRIBUTARY_ASSIGN(file_, fs_.open((*view_.sealed)[segment_]->path(SegmentPart::kLog), OpenMode::kRead));
  scanner_ = std::make_unique<BatchScanner>(*file_, start, view_.end_of(segment_),
                                            BatchScanner::Depth::kWhole, ReadMode::kBlocking, range_.buffer);
  return {};
}

Result<bool> Indexer::step() {
  for (size_t read = 0; read < range_.buffer;) {
    if (segment_ >= view_.segment_count() || view_.base_of(segment_) >= range_.upto) return true;
    if (!scanner_) TRIBUTARY_TRY(open_segment());
    TRIBUTARY_ASSIGN(const auto item, next_good_batch(*scanner_, view_.base_of(segment_)));
    if (!item) {
      ++segment_;
      scanner_.reset();
      // Offsets that have no batch are known as well.
      const Offset end = segment_ < view_.segment_count() ? view_.base_of(segment_) : range_.upto;
      map_.set_latest(std::max(map_.latest(), std::min(end, range_.upto) - 1));
      continue;
    }
    read += item->bytes.size();
    TRIBUTARY_ASSIGN(const bool full, note_batch(*item));
    if (full) return true;
  }
  return false;
}

// True: the map is full, and knows the batches before this one.
Result<bool> Indexer::note_batch(const BatchScanner::Item& item) {
  TRIBUTARY_ASSIGN(const auto batch, wire::BatchView::parse(item.bytes));
  stats_.map_bytes_read += item.bytes.size();
  if (item.header.is_control()) {
    transactions_.on_control(item.header, read_end_marker(batch));
  } else if (!transactions_.on_data(item.header)) {
    TRIBUTARY_ASSIGN(const bool full, put_records(batch));
    if (full) return true;
  }
  stats_.map_records_read += static_cast<uint64_t>(item.header.record_count);
  map_.set_latest(std::max(map_.latest(), item.header.last_offset));
  return false;
}

Result<bool> Indexer::put_records(const wire::BatchView& batch) {
  if (batch.last_offset() < range_.from) return false;
  TRIBUTARY_ASSIGN(const ByteView plain, wire::plain_records(batch, plain_, range_.inflated_limit));
  wire::RecordIterator records(plain, batch.record_count());
  keys_.clear();
  while (const auto record = records.next()) {
    const Offset offset = batch.base_offset() + record->offset_delta;
    if (record->key && offset >= range_.from) keys_.emplace_back(map_.prepare(*record->key), offset);
  }
  if (!records.at_end()) return fail(Errc::kCorruption, "the records of a batch cannot be read");
  return !std::ranges::all_of(keys_, [&](const auto& key) { return map_.put(key.first, key.second); });
}

}  // namespace tributary::storage
