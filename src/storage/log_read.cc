#include <fmt/format.h>

#include <algorithm>

#include "log_impl.h"
#include "read_plan.h"
#include "timestamp_lookup.h"

namespace tributary::storage {

namespace {

constexpr size_t kOpenSealedSegments = 4;

LogView view_of(const Log::Impl& log) {
  const ActiveSegment& active = *log.active;
  return {log.sealed, active.log, active.txn_index, active.aborted_count, active.base, active.size};
}

}  // namespace

Offset Log::Impl::first_unstable(Offset high_watermark) const {
  const Offset first = producers.first_unstable(high_watermark);
  return first == INT64_MAX ? first : std::max(first, start_offset);
}

void Log::Impl::note_sealed_use(const std::shared_ptr<const Segment>& segment) {
  const auto known = std::ranges::find(in_use, segment);
  if (known != in_use.end()) {
    std::rotate(known, known + 1, in_use.end());
    return;
  }
  if (in_use.size() == kOpenSealedSegments) {
    in_use.front()->release_files();
    in_use.erase(in_use.begin());
  }
  in_use.push_back(segment);
}

Result<ReadPlan> Log::Impl::plan_read(const ReadRequest& request, Offset high_watermark) {
  TRIBUTARY_TRY(check_open());
  if (request.offset < start_offset || request.offset > end_offset) {
    return fail(Errc::kOutOfRange,
                fmt::format("offset {} is outside of {} to {}", request.offset, start_offset, end_offset));
  }
  auto state = std::make_shared<ReadPlan::State>();
  state->request = request;
  state->probe = probe;
  state->bound = end_offset;
  if (request.isolation != Isolation::kLogEnd) state->bound = std::min(state->bound, high_watermark);
  if (request.isolation == Isolation::kCommitted) {
    state->bound = std::min(state->bound, first_unstable(high_watermark));
  }
  if (request.offset >= state->bound) {
    state->nothing = true;
    return ReadPlan(std::move(state));
  }
  state->view = view_of(*this);
  if (state->bound < end_offset && state->bound >= active->base) {
    state->view.active_end = active->offsets.ceiling_position(state->bound).value_or(active->size);
  }
  state->segment = state->view.find(request.offset);
  if (state->view.is_active(state->segment)) {
    state->place = active->recent(request.offset);
    if (!state->place) state->search_from = active->offsets.floor_position(request.offset);
  } else {
    note_sealed_use((*sealed)[state->segment]);
  }
  return ReadPlan(std::move(state));
}

Result<TimestampLookup> Log::Impl::plan_timestamp_lookup(TimestampMs timestamp, Offset upper_bound) {
  TRIBUTARY_TRY(check_open());
  auto state = std::make_shared<TimestampLookup::State>();
  state->view = view_of(*this);
  state->from = start_offset;
  state->upto = std::min(upper_bound, end_offset);
  state->segment = state->view.find(start_offset);
  state->timestamp = timestamp;
  state->active_max_timestamp = active->max_timestamp;
  const Offset after = std::max(active->times.floor(timestamp).offset, start_offset);
  state->active_search_from = active->offsets.floor_position(after);
  state->inflated_limit = config.inflated_limit;
  return TimestampLookup(std::move(state));
}

Result<TimestampLookup> Log::Impl::plan_max_timestamp_lookup() {
  TRIBUTARY_ASSIGN(TimestampLookup lookup, plan_timestamp_lookup(kNoTimestamp, end_offset));
  TimestampLookup::State& state = lookup.state();
  state.segment = sealed->size();
  TimestampMs largest = active->max_timestamp;
  Offset batch_end = active->max_timestamp_offset;
  for (size_t i = sealed->size(); i-- > 0;) {
    if ((*sealed)[i]->max_timestamp < largest || (*sealed)[i]->max_timestamp < 0) continue;
    state.segment = i;
    largest = (*sealed)[i]->max_timestamp;
    batch_end = (*sealed)[i]->max_timestamp_offset;
  }
  state.timestamp = largest;
  state.only_segment = true;
  if (largest < 0) state.upto = state.from;
  state.active_search_from = active->offsets.floor_position(std::max(batch_end, active->base));
  return lookup;
}

}  // namespace tributary::storage
