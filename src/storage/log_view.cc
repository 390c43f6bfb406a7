#include "log_view.h"

#include <algorithm>

#include "batch_scanner.h"
#include "index_table.h"

namespace tributary::storage {

namespace {
constexpr size_t kSearchChunk = 4096 + wire::kBatchHeaderSize;  // about what lies between two index entries
}

size_t LogView::find(Offset offset) const {
  if (offset >= active_base) return sealed->size();
  return static_cast<size_t>(std::max<ptrdiff_t>(floor_segment(*sealed, offset), 0));
}

Result<std::shared_ptr<File>> LogView::log_file(size_t i, ReadMode mode) const {
  if (is_active(i)) return active_log;
  return (*sealed)[i]->open(SegmentPart::kLog, mode);
}

uint64_t LogView::end_of(size_t i) const { return is_active(i) ? active_end : (*sealed)[i]->size; }

Offset LogView::base_of(size_t i) const { return is_active(i) ? active_base : (*sealed)[i]->base; }

Result<uint64_t> LogView::search_start(size_t i, Offset offset, ReadMode mode) const {
  if (is_active(i)) return 0;
  const Segment& segment = *(*sealed)[i];
  auto index = segment.open(SegmentPart::kOffsetIndex, mode);
  if (!index && index.error().code == Errc::kNotFound) return 0;
  if (!index) return tl::unexpected<Error>(index.error());
  TRIBUTARY_ASSIGN(const OffsetEntry entry, floor_offset_in_file(**index, segment.base, offset, mode));
  return entry.position < segment.size ? entry.position : 0;
}

Result<std::vector<AbortedEntry>> LogView::aborted(size_t i, Offset from, Offset upto, ReadMode mode) const {
  std::vector<AbortedEntry> found;
  bool complete = false;
  for (; !complete && i < segment_count(); ++i) {
    const size_t count = is_active(i) ? active_aborted_count : (*sealed)[i]->aborted_count;
    if (count == 0) continue;
    std::shared_ptr<File> file = active_txn_index;
    if (!is_active(i)) {
      TRIBUTARY_ASSIGN(file, (*sealed)[i]->open(SegmentPart::kTxnIndex, mode));
    }
    TRIBUTARY_ASSIGN(complete, collect_aborted(*file, count, from, upto, mode, found));
  }
  std::ranges::sort(found, {}, &AbortedEntry::first_offset);
  return found;
}

Result<std::optional<BatchPlace>> find_batch(const File& log, uint64_t position, uint64_t end, Offset offset,
                                             ReadMode mode) {
  BatchScanner scanner(log, position, end, BatchScanner::Depth::kHeaders, mode, kSearchChunk);
  while (true) {
    TRIBUTARY_ASSIGN(const auto item, scanner.next());
    if (!item) return std::nullopt;
    if (item->header.last_offset >= offset) {
      return BatchPlace{item->header.base_offset, item->position, item->header.size};
    }
  }
}

}  // namespace tributary::storage
