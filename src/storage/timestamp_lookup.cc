#include "timestamp_lookup.h"

#include <algorithm>

#include "batch_scanner.h"
#include "index_table.h"

namespace tributary::storage {

namespace {

constexpr size_t kHeaderChunk = 8192;

Result<std::vector<uint8_t>> read_batch(const File& log, const BatchScanner::Item& item, ReadMode mode) {
  std::vector<uint8_t> bytes(item.header.size);
  TRIBUTARY_ASSIGN(const size_t got, log.read_at(item.position, bytes, mode));
  if (got == bytes.size()) return bytes;
  return fail(mode == ReadMode::kCached ? Errc::kWouldBlock : Errc::kCorruption,
              "a batch could not be read whole");
}

}  // namespace

Result<uint64_t> TimestampLookup::State::search_start(size_t i, ReadMode mode) const {
  if (view.is_active(i)) return active_search_from;
  const Segment& sealed = *(*view.sealed)[i];
  const auto index = sealed.open(SegmentPart::kTimeIndex, mode);
  if (!index && index.error().code != Errc::kNotFound) return tl::unexpected<Error>(index.error());
  Offset after = from;
  if (index) {
    TRIBUTARY_ASSIGN(const TimeEntry entry, floor_time_in_file(**index, sealed.base, timestamp, mode));
    after = std::max(after, entry.offset);
  }
  return view.search_start(i, after, mode);
}

Result<std::optional<OffsetAndTimestamp>> TimestampLookup::State::search_batch(ByteView bytes) const {
  TRIBUTARY_ASSIGN(const wire::BatchView batch, wire::BatchView::parse(bytes));
  if (!batch.crc_matches()) return fail(Errc::kCorruption, "a batch has a bad CRC");
  const bool append_time = batch.timestamp_type() == wire::TimestampType::kLogAppendTime;
  std::vector<uint8_t> scratch;
  TRIBUTARY_ASSIGN(const ByteView plain, wire::plain_records(batch, scratch, inflated_limit));
  wire::RecordIterator records(plain, batch.record_count());
  while (const auto record = records.next()) {
    const TimestampMs at =
        append_time ? batch.max_timestamp() : batch.base_timestamp() + record->timestamp_delta;
    const Offset offset = batch.base_offset() + record->offset_delta;
    if (at >= timestamp && offset >= from && offset < upto) {
      return OffsetAndTimestamp{offset, at, batch.leader_epoch()};
    }
  }
  return std::nullopt;
}

Result<std::optional<OffsetAndTimestamp>> TimestampLookup::State::search(size_t i, ReadMode mode) const {
  TRIBUTARY_ASSIGN(const uint64_t start, search_start(i, mode));
  auto found = search_from(i, start, mode);
  // A damaged index is no reason to refuse what can be found without it.
  if (!found && found.error().code == Errc::kCorruption && start > 0) found = search_from(i, 0, mode);
  return found;
}

Result<std::optional<OffsetAndTimestamp>> TimestampLookup::State::search_from(size_t i, uint64_t start,
                                                                              ReadMode mode) const {
  TRIBUTARY_ASSIGN(const auto log, view.log_file(i, mode));
  BatchScanner scanner(*log, start, view.end_of(i), BatchScanner::Depth::kHeaders, mode, kHeaderChunk);
  while (true) {
    TRIBUTARY_ASSIGN(const auto item, scanner.next());
    if (!item || item->header.base_offset >= upto) return std::nullopt;
    if (item->header.max_timestamp < timestamp || item->header.last_offset < from) continue;
    TRIBUTARY_ASSIGN(const auto bytes, read_batch(*log, *item, mode));
    TRIBUTARY_ASSIGN(const auto found, search_batch(bytes));
    if (found) return found;
  }
}

Result<OffsetAndTimestamp> TimestampLookup::execute(ReadMode mode) {
  const State& state = *state_;
  const size_t last = state.only_segment ? state.segment + 1 : state.view.segment_count();
  for (size_t i = state.segment; i < last && state.view.base_of(i) < state.upto; ++i) {
    const TimestampMs largest =
        state.view.is_active(i) ? state.active_max_timestamp : (*state.view.sealed)[i]->max_timestamp;
    if (largest < state.timestamp) continue;
    TRIBUTARY_ASSIGN(const auto found, state.search(i, mode));
    if (found) return *found;
  }
  return OffsetAndTimestamp{};
}

}  // namespace tributary::storage
