#include "read_plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace tributary::storage {

namespace {

// A segment that left the log in the meantime took the offset with it.
template <typename T>
tl::unexpected<Error> gone_or(const Result<T>& result) {
  if (result.error().code != Errc::kNotFound) return tl::unexpected<Error>(result.error());
  return fail(Errc::kOutOfRange, "the segment has been deleted");
}

}  // namespace

Status ReadPlan::State::locate_in(size_t index, ReadMode mode) {
  const auto file = view.log_file(index, mode);
  if (!file) return gone_or(file);
  uint64_t from = search_from;
  if (!view.is_active(index)) {
    TRIBUTARY_ASSIGN(from, view.search_start(index, request.offset, mode));
  }
  const uint64_t end = view.end_of(index);
  auto found = find_batch(**file, from, end, request.offset, mode);
  // An index that points into the middle of something is no reason to refuse what can be found without it.
  if (!found && found.error().code == Errc::kCorruption && from > 0) {
    found = find_batch(**file, 0, end, request.offset, mode);
  }
  if (!found) return tl::unexpected<Error>(found.error());
  place = *found;
  return {};
}

Status ReadPlan::State::locate(ReadMode mode) {
  if (nothing || place) return {};
  for (; segment < view.segment_count() && view.base_of(segment) < bound; ++segment) {
    TRIBUTARY_TRY(locate_in(segment, mode));
    if (place) break;
    search_from = 0;
  }
  nothing = !place || place->base_offset >= bound;
  return {};
}

size_t ReadPlan::State::wanted() const {
  if (nothing) return 0;
  const uint64_t available = view.end_of(segment) - place->position;
  uint64_t size = std::min<uint64_t>(request.max_bytes, available);
  if (size < place->size) size = request.min_one_batch ? place->size : 0;
  return static_cast<size_t>(size);
}

Result<ReadPlan::State::Checked> ReadPlan::State::check(ByteView bytes) const {
  Checked checked;
  while (checked.size < bytes.size()) {
    const ByteView rest = bytes.subspan(checked.size);
    const auto batch = wire::BatchView::parse(rest);
    if (!batch && batch.error().code == Errc::kTooLarge) {
      checked.cut_short = true;
      return checked;
    }
    if (batch && batch->base_offset() >= bound) return checked;
    const Offset at_least = checked.size == 0 ? request.offset : checked.next_offset;
    const bool in_order =
        batch && (checked.size == 0 ? batch->last_offset() : batch->base_offset()) >= at_least;
    if (!in_order || !batch->crc_matches()) {
      if (checked.size > 0) return checked;
      if (probe != nullptr) probe->corrupt_batches.add();
      return fail(Errc::kCorruption, fmt::format("corrupt batch at position {} of segment {}",
                                                 place->position, view.base_of(segment)));
    }
    checked.size += batch->size();
    checked.next_offset = batch->next_offset();
  }
  return checked;
}

Result<size_t> ReadPlan::size(ReadMode mode) {
  TRIBUTARY_TRY(state_->locate(mode));
  return state_->wanted();
}

Result<ReadPlan::Outcome> ReadPlan::execute(MutableBytes buffer, ReadMode mode) {
  State& state = *state_;
  TRIBUTARY_TRY(state.locate(mode));
  Outcome outcome;
  const size_t wanted = std::min(state.wanted(), buffer.size());
  if (wanted < wire::kBatchHeaderSize) return outcome;
  const auto file = state.view.log_file(state.segment, mode);
  if (!file) return gone_or(file);
  TRIBUTARY_ASSIGN(const size_t got, (*file)->read_at(state.place->position, buffer.first(wanted), mode));
  TRIBUTARY_ASSIGN(const auto checked, state.check(buffer.first(got)));
  if (checked.size == 0 && checked.cut_short && got < wanted) {
    if (mode == ReadMode::kCached) return fail(Errc::kWouldBlock, "not in the page cache");
    return fail(Errc::kCorruption, "the segment is shorter than it was");
  }
  outcome.bytes = checked.size;
  outcome.next_offset = checked.next_offset;
  if (state.request.isolation == Isolation::kCommitted && checked.size > 0) {
    const Offset upto = std::min(checked.next_offset, state.bound);
    const auto aborted = state.view.aborted(state.segment, state.request.offset, upto, mode);
    if (!aborted) return gone_or(aborted);
    for (const AbortedEntry& entry : *aborted) {
      outcome.aborted.push_back({ProducerId{entry.producer_id}, entry.first_offset});
    }
  }
  return outcome;
}

}  // namespace tributary::storage
