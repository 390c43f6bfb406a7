// Crashes of a StorageRun and the checks after them.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "storage_run.h"

namespace tributary::sim {

using namespace storage;

void StorageRun::crash_if_down(const std::vector<Batch>& in_flight) {
  power_cut(in_flight, random_.one_in(3));
}

void StorageRun::power_cut(const std::vector<Batch>& in_flight, bool kill) {
  ++crashes_;
  trace(kill ? "kill" : "power cut");
  log_.reset();
  const auto fall = [&] {
    if (kill) {
      fs_.kill();
    } else {
      fs_.crash(random_);
    }
  };
  fall();
  if (const auto left = fs_.list("/d/t-0"); left && trace_) {
    for (const auto& entry : *left) trace("  left: " + entry.name);
    trace("  epochs: " + read_file(fs_, "/d/t-0/leader-epoch-checkpoint").value_or("none"));
  }
  // Recovery itself may be cut short, and again.
  while (random_.one_in(4)) {
    fs_.crash_at(fs_.operations() + 1 + random_.below(12));
    open_log(false);
    log_.reset();
    fall();
    if (failed_) return;
  }
  open_log(false);
  if (failed_) return;
  adopt_survivors(in_flight, kill);
  if (!failed_) check_all();
}

std::vector<ModelBatch> StorageRun::read_all() {
  std::vector<ModelBatch> all;
  Offset at = log_->start_offset();
  while (at < log_->end_offset()) {
    const size_t limit = 1 + random_.below(3000);
    auto plan = log_->plan_read({at, limit, Isolation::kLogEnd, true}, log_->end_offset());
    if (!plan) return fail("no plan: " + plan.error().message), all;
    const auto size = plan->size(ReadMode::kBlocking);
    if (!size) return fail("no size: " + size.error().message), all;
    std::vector<uint8_t> buffer(*size);
    const auto outcome = plan->execute(buffer, ReadMode::kBlocking);
    if (!outcome) return fail(fmt::format("read at {}: {}", at, outcome.error().message)), all;
    if (outcome->bytes == 0) return all;  // offsets without records at the end
    ByteView rest = ByteView(buffer).first(outcome->bytes);
    while (!rest.empty()) {
      all.push_back(ModelBatch::of(rest));
      rest = rest.subspan(all.back().bytes.size());
    }
    if (all.back().last < at) return fail("a read went backwards"), all;
    at = all.back().last + 1;
  }
  return all;
}

// What survived must be what was written, from the log's start on, up to some point not below the last sync.
void StorageRun::adopt_survivors(const std::vector<Batch>& in_flight, bool killed) {
  std::vector<ModelBatch> expected = model_.batches;
  for (const Batch& bytes : in_flight) expected.push_back(ModelBatch::of(bytes));
  const std::vector<ModelBatch> found = read_all();
  if (failed_) return;
  Offset start = log_->start_offset();
  if (start > model_.end && !found.empty()) return fail("the log starts behind its end");
  size_t at = 0;
  while (at < expected.size() && expected[at].last < start) ++at;
  std::vector<ModelBatch> kept(expected.begin(), expected.begin() + static_cast<ptrdiff_t>(at));
  Offset matched_end = start;
  bool unbroken = true;
  const Offset deleted_below = std::exchange(in_retention_, false) ? model_.end : model_.start;
  for (const ModelBatch& batch : found) {
    // Of what was being deleted any segment may have come back; the log is taken to start behind such gaps.
    while (at < expected.size() && expected[at].last < deleted_below && expected[at].bytes != batch.bytes) {
      kept.push_back(expected[at++]);
      start = batch.base;
      ended_ = true;  // what the log knows of producers has gaps too, and the model cannot tell which
    }
    const bool same = at < expected.size() && expected[at].bytes == batch.bytes;
    const bool ghost = std::ranges::find(ghosts_, batch.bytes) != ghosts_.end();
    if (!same && !ghost) return fail(fmt::format("a batch at {} was never written there", batch.base));
    // A refused write whose cut was not synced is back. What had been written in its place is gone, and what
    // followed that is here only if a later segment begins where the ghost ends.
    const bool replaced = !same && at < expected.size() && expected[at].base <= batch.last;
    if (replaced && expected[at].base < model_.synced)
      return fail(fmt::format("a synced batch at {} is gone", expected[at].base));
    unbroken = unbroken && same;
    if (unbroken && matched_end >= start) matched_end = batch.last + 1;
    while (at < expected.size() && expected[at].base <= batch.last) ++at;
    kept.push_back(batch);
  }
  const Offset needed = model_.synced;
  if (std::max(matched_end, log_->end_offset()) < needed) {
    return fail(fmt::format("synced up to {}, but the log ends at {}", needed, log_->end_offset()));
  }
  if (!log_->advance_start_offset(start, log_->end_offset())) return fail("the start does not advance");
  model_.batches = std::move(kept);
  model_.start = start;
  highest_start_ = std::max(highest_start_, start);
  model_.end = log_->end_offset();
  if (!killed) ghosts_.clear();
  if (killed) ghosts_.insert(ghosts_.end(), in_flight.begin(), in_flight.end());
  save_checkpoint();
}

void StorageRun::check_all() {
  if (!log_ || fs_.is_down() || ended_) return;
  check_content();
  if (!failed_) check_producers();
  if (!failed_) check_epochs();
  if (!failed_) check_timestamps();
  if (!failed_) check_committed_reads();
}

void StorageRun::check_content() {
  const std::vector<ModelBatch> found = read_all();
  size_t at = model_.find(model_.start);
  for (const ModelBatch& batch : found) {
    if (failed_) return;
    if (at >= model_.batches.size() || model_.batches[at].bytes != batch.bytes) {
      return fail(fmt::format("offset {} holds another batch", batch.base));
    }
    ++at;
  }
  if (at != model_.batches.size())
    return fail(fmt::format("{} batches are missing", model_.batches.size() - at));
  if (model_.end <= model_.start) return;
  const Offset asked =
      model_.start + static_cast<Offset>(random_.below(static_cast<uint64_t>(model_.end - model_.start)));
  const size_t holder = model_.find(asked);
  auto plan = log_->plan_read({asked, 1, Isolation::kLogEnd, true}, model_.end);
  const auto size = plan->size(ReadMode::kBlocking);
  const size_t expected = holder < model_.batches.size() ? model_.batches[holder].bytes.size() : 0;
  if (!size || *size != expected)
    fail(fmt::format("a read at {} found {} bytes, not {}", asked, size.value_or(0), expected));
}

void StorageRun::check_producers() {
  std::map<int64_t, ActiveProducer> found;
  for (const ActiveProducer& producer : log_->active_producers())
    found.emplace(raw(producer.producer_id), producer);
  for (const auto& [id, expected] : model_.producers()) {
    const auto at = found.find(id);
    const bool must_be_there = expected.last_batch_base >= model_.start;
    if (at == found.end()) {
      if (must_be_there) return fail(fmt::format("producer {} was forgotten", id));
      continue;
    }
    // Data below the log's start is known only from a snapshot, if one is left.
    const bool sequence_known =
        expected.last_data_base < model_.start || at->second.last_sequence == expected.last_sequence;
    if (must_be_there && (at->second.producer_epoch != expected.epoch || !sequence_known)) {
      return fail(fmt::format("producer {}: epoch {} sequence {}, not {} and {}", id,
                              at->second.producer_epoch, at->second.last_sequence, expected.epoch,
                              expected.last_sequence));
    }
    const bool txn_matters = expected.txn_first_offset >= model_.start || expected.txn_first_offset < 0;
    if (must_be_there && txn_matters && at->second.current_transaction_start != expected.txn_first_offset) {
      return fail(fmt::format("producer {}: transaction from {}, not {}", id,
                              at->second.current_transaction_start, expected.txn_first_offset));
    }
  }
}

void StorageRun::check_epochs() {
  for (const ModelBatch& batch : model_.batches) {
    const Offset offset = std::max({batch.base, model_.start, highest_start_});
    if (batch.last < offset) continue;
    if (raw(log_->epoch_for_offset(offset)) != batch.epoch) {
      return fail(fmt::format("offset {} has epoch {}, not {}", offset, raw(log_->epoch_for_offset(offset)),
                              batch.epoch));
    }
  }
}

void StorageRun::check_timestamps() {
  if (model_.batches.empty()) return;
  const TimestampMs asked = model_.batches[random_.below(model_.batches.size())].max_timestamp -
                            static_cast<TimestampMs>(random_.below(30));
  Offset expected = -1;
  for (const ModelBatch& batch : model_.batches) {
    if (batch.last < model_.start || expected >= 0) continue;
    const auto view = wire::BatchView::parse(batch.bytes);
    wire::RecordIterator records(view->payload(), view->record_count());
    while (const auto record = records.next()) {
      const Offset offset = batch.base + record->offset_delta;
      if (expected < 0 && offset >= model_.start && view->base_timestamp() + record->timestamp_delta >= asked)
        expected = offset;
    }
  }
  auto lookup = log_->plan_timestamp_lookup(asked, model_.end);
  const auto found = lookup->execute(ReadMode::kBlocking);
  if (!found) return fail("time look-up: " + found.error().message);
  if (found->offset != expected)
    fail(fmt::format("time {} is at {}, not {}", asked, found->offset, expected));
}

void StorageRun::check_committed_reads() {
  const Offset unstable = model_.first_unstable();
  if (unstable >= model_.start && log_->last_stable_offset(model_.end) != std::min(unstable, model_.end)) {
    return fail(fmt::format("last stable offset {}, not {}", log_->last_stable_offset(model_.end),
                            std::min(unstable, model_.end)));
  }
  if (model_.end <= model_.start) return;
  const Offset asked =
      model_.start + static_cast<Offset>(random_.below(static_cast<uint64_t>(model_.end - model_.start)));
  auto plan = log_->plan_read({asked, 200 + random_.below(2000), Isolation::kCommitted, true}, model_.end);
  if (!plan) return fail("no plan: " + plan.error().message);
  std::vector<uint8_t> buffer(plan->size(ReadMode::kBlocking).value_or(0));
  const auto outcome = plan->execute(buffer, ReadMode::kBlocking);
  if (!outcome) return fail("committed read: " + outcome.error().message);
  if (outcome->bytes == 0) return;
  Offset upto = asked;
  for (ByteView rest = ByteView(buffer).first(outcome->bytes); !rest.empty();) {
    const ModelBatch batch = ModelBatch::of(rest);
    upto = batch.last + 1;
    rest = rest.subspan(batch.bytes.size());
  }
  if (unstable >= model_.start && upto > std::min(unstable, model_.end))
    return fail("a committed read went over the last stable offset");
  // A transaction that began below the log's start may be known with a later first offset.
  std::vector<int64_t> unclear;
  std::vector<std::pair<int64_t, Offset>> expected;
  for (const ModelAborted& txn : model_.aborted()) {
    if (txn.first_offset < model_.start) unclear.push_back(txn.producer_id);
  }
  const auto is_clear = [&](int64_t id) { return std::ranges::find(unclear, id) == unclear.end(); };
  for (const ModelAborted& txn : model_.aborted()) {
    const bool overlaps = txn.marker_offset >= asked && txn.first_offset < upto;
    if (overlaps && is_clear(txn.producer_id)) expected.emplace_back(txn.producer_id, txn.first_offset);
  }
  std::vector<std::pair<int64_t, Offset>> found;
  for (const AbortedTransaction& txn : outcome->aborted) {
    if (is_clear(raw(txn.producer_id))) found.emplace_back(raw(txn.producer_id), txn.first_offset);
  }
  std::ranges::sort(expected, {}, [](const auto& txn) { return txn.second; });
  if (found != expected)
    fail(fmt::format("read of {} to {} lists {} aborted transactions, not {}", asked, upto, found.size(),
                     expected.size()));
}

}  // namespace tributary::sim
