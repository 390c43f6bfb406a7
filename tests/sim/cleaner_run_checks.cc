// Crashes of a CleanerRun and the checks after them.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cleaner_run.h"

namespace tributary::sim {

using namespace storage;

void CleanerRun::power_cut(const std::vector<Batch>& in_flight, bool kill) {
  ++crashes_;
  trace(kill ? "kill" : "power cut");
  pass_.reset();
  log_.reset();
  removals_.clear();
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
  adopt_survivors(in_flight);
  if (!failed_) check_all();
}

void CleanerRun::open_log(bool clean) {
  LogOptions options;
  options.fs = &fs_;
  options.directory = "/d/t-0";
  options.name = {"t", 0};
  options.config = config_;
  options.probe = &probe_;
  options.now = now_;
  options.recovery_point = recovery_checkpoint_;
  options.log_start_offset = start_checkpoint_;
  options.first_dirty_offset = dirty_checkpoint_;
  options.clean_shutdown = clean;
  auto opened = Log::open(options);
  trace(fmt::format("open clean {} from {}: {}", clean, recovery_checkpoint_,
                    opened ? fmt::format("{} to {}", (*opened)->start_offset(), (*opened)->end_offset())
                           : opened.error().message));
  if (opened) {
    log_ = std::move(*opened);
    if (!fs_.is_down()) dirty_checkpoint_ = std::min(dirty_checkpoint_, log_->first_dirty_offset());
  } else if (!fs_.is_down()) {
    fail("the log does not open: " + opened.error().message);
  }
}

// The log must end where some write ended, not below the last sync; check_batches sees to the rest.
void CleanerRun::adopt_survivors(const std::vector<Batch>& in_flight) {
  const Offset end = log_->end_offset();
  if (end < model_.synced)
    return fail(fmt::format("synced up to {}, but the log ends at {}", model_.synced, end));
  for (const Batch& bytes : in_flight) {
    KeyedBatch batch = KeyedBatch::of(bytes);
    if (batch.last < end) model_.push(std::move(batch));
  }
  model_.truncate(end);
  if (model_.end != end) fail(fmt::format("the log ends at {}, where nothing was written", end));
  model_.start = log_->start_offset();
  save_checkpoints();
}

std::vector<KeyedBatch> CleanerRun::read_all() {
  std::vector<KeyedBatch> all;
  Offset at = log_->start_offset();
  while (at < log_->end_offset()) {
    auto plan = log_->plan_read({at, 1 + random_.below(3000), Isolation::kLogEnd, true}, log_->end_offset());
    if (!plan) return fail("no plan: " + plan.error().message), all;
    const auto size = plan->size(ReadMode::kBlocking);
    if (!size) return fail("no size: " + size.error().message), all;
    std::vector<uint8_t> buffer(*size);
    const auto outcome = plan->execute(buffer, ReadMode::kBlocking);
    if (!outcome) return fail(fmt::format("read at {}: {}", at, outcome.error().message)), all;
    if (outcome->bytes == 0) return all;
    for (ByteView rest = ByteView(buffer).first(outcome->bytes); !rest.empty();) {
      all.push_back(KeyedBatch::of(rest));
      rest = rest.subspan(all.back().bytes.size());
    }
    if (all.back().last < at) return fail("a read went backwards"), all;
    at = all.back().last + 1;
  }
  return all;
}

void CleanerRun::check_all() {
  if (!log_ || fs_.is_down()) return;
  const std::vector<KeyedBatch> found = read_all();
  if (!failed_) check_batches(found);
  if (!failed_) check_view(found);
  if (!failed_) check_committed_read();
  if (!failed_) check_producers();
  if (!failed_) check_lookups(found);
}

// Nothing changes its place or content, and above what was cleaned nothing is missing.
void CleanerRun::check_batches(const std::vector<KeyedBatch>& found) {
  std::set<Offset> bases;
  for (const KeyedBatch& batch : found) {
    bases.insert(batch.base);
    const KeyedBatch* original = model_.find(batch.base);
    if (original == nullptr) return fail(fmt::format("nothing was ever written at {}", batch.base));
    const std::string difference = original->differs_from(batch);
    if (!difference.empty()) return fail(fmt::format("batch at {}: {}", batch.base, difference));
    if (batch.base >= model_.cleaned && batch.bytes != original->bytes)
      return fail(fmt::format("the batch at {} was not to be cleaned", batch.base));
  }
  for (const KeyedBatch& batch : model_.batches) {
    if (batch.base >= std::max(model_.cleaned, model_.start) && !bases.contains(batch.base))
      return fail(fmt::format("the batch at {} is missing", batch.base));
  }
}

// A reader from the start, and one that had read everything up to some point not below the first dirty
// offset, know the same in the end: what one who had read every record knows.
void CleanerRun::check_view(const std::vector<KeyedBatch>& found) {
  std::vector<Offset> from{model_.start, std::max(log_->first_dirty_offset(), model_.start)};
  if (from[1] < model_.end) {
    from.push_back(from[1] + static_cast<Offset>(random_.below(static_cast<uint64_t>(model_.end - from[1]))));
  }
  for (const Offset at : from) {
    KeyedView expected;
    KeyedView view;
    for (const KeyedBatch& batch : model_.batches) {
      // Records below the log's start may be read or not; a reader from the start has not seen them.
      if (batch.base < model_.start) continue;
      expected.apply(batch);
      if (batch.base < at) view.apply(batch);
    }
    for (const KeyedBatch& batch : found) {
      if (batch.base >= std::max(at, model_.start)) view.apply(batch);
    }
    const auto known = view.values();
    const auto wanted = expected.values();
    if (known == wanted) continue;
    for (const auto& [key, value] : wanted) {
      const auto has = known.find(key);
      if (has == known.end()) return fail(fmt::format("a reader from {} lost {}={}", at, key, value));
      if (has->second != value)
        return fail(fmt::format("a reader from {} has {}={}, not {}", at, key, has->second, value));
    }
    for (const auto& [key, value] : known) {
      if (!wanted.contains(key)) return fail(fmt::format("a reader from {} has {}={} back", at, key, value));
    }
  }
}

// As a client does it: by the list of aborted transactions.
void CleanerRun::check_committed_read() {
  if (model_.end <= model_.start) return;
  auto plan = log_->plan_read({model_.start, 1 << 20, Isolation::kCommitted, true}, model_.end);
  if (!plan) return fail("no committed plan: " + plan.error().message);
  std::set<Offset> aborted_offsets;
  std::map<int64_t, std::vector<Offset>> open;
  for (const KeyedBatch& batch : model_.batches) {
    if (!batch.transactional) continue;
    if (!batch.control) {
      open[batch.producer_id].push_back(batch.base);
      continue;
    }
    const auto decided = open.extract(batch.producer_id);
    if (batch.abort && !decided.empty())
      aborted_offsets.insert(decided.mapped().begin(), decided.mapped().end());
  }
  std::vector<uint8_t> buffer(plan->size(ReadMode::kBlocking).value_or(0));
  const auto outcome = plan->execute(buffer, ReadMode::kBlocking);
  if (!outcome) return fail("committed read: " + outcome.error().message);
  std::set<int64_t> skipped;
  auto next = outcome->aborted.begin();
  for (ByteView rest = ByteView(buffer).first(outcome->bytes); !rest.empty();) {
    const KeyedBatch batch = KeyedBatch::of(rest);
    rest = rest.subspan(batch.bytes.size());
    for (; next != outcome->aborted.end() && next->first_offset <= batch.last; ++next) {
      skipped.insert(raw(next->producer_id));
    }
    if (batch.control) {
      if (batch.abort) skipped.erase(batch.producer_id);
      continue;
    }
    const bool shown =
        !(batch.transactional && skipped.contains(batch.producer_id)) && !batch.records.empty();
    if (shown && aborted_offsets.contains(batch.base))
      return fail(fmt::format("aborted data at {} can be seen", batch.base));
    if (!shown && !batch.records.empty() && !aborted_offsets.contains(batch.base))
      return fail(fmt::format("committed data at {} cannot be seen", batch.base));
  }
}

void CleanerRun::check_producers() {
  std::map<int64_t, ActiveProducer> found;
  for (const ActiveProducer& producer : log_->active_producers())
    found.emplace(raw(producer.producer_id), producer);
  for (const auto& [id, expected] : model_.producers()) {
    if (expected.last_base < model_.start) continue;
    const auto at = found.find(id);
    if (at == found.end()) return fail(fmt::format("producer {} was forgotten", id));
    // Data below the log's start is known only from a snapshot, if one is left.
    const bool sequence_known =
        expected.last_data_base < model_.start || at->second.last_sequence == expected.last_sequence;
    if (at->second.producer_epoch != expected.epoch || !sequence_known) {
      return fail(fmt::format("producer {}: epoch {} sequence {}, not {} and {}", id,
                              at->second.producer_epoch, at->second.last_sequence, expected.epoch,
                              expected.last_sequence));
    }
    const bool txn_matters = expected.txn_first_offset >= model_.start || expected.txn_first_offset < 0;
    if (txn_matters && at->second.current_transaction_start != expected.txn_first_offset)
      return fail(fmt::format("producer {}: transaction from {}, not {}", id,
                              at->second.current_transaction_start, expected.txn_first_offset));
  }
}

// The indexes lead to where the records are.
void CleanerRun::check_lookups(const std::vector<KeyedBatch>& found) {
  if (found.empty()) return;
  const KeyedBatch& some = found[random_.below(found.size())];
  const Offset asked = std::max(some.base, model_.start);
  auto plan = log_->plan_read({asked, 1, Isolation::kLogEnd, true}, model_.end);
  const auto size = plan ? plan->size(ReadMode::kBlocking) : tl::unexpected<Error>(plan.error());
  if (!size || *size != some.bytes.size())
    return fail(
        fmt::format("a read at {} found {} bytes, not {}", asked, size.value_or(0), some.bytes.size()));
  const TimestampMs time = now_ - static_cast<TimestampMs>(random_.below(500));
  Offset expected = -1;
  for (const KeyedBatch& batch : found) {
    for (const KeyedRecord& record : batch.records) {
      if (expected < 0 && record.offset >= model_.start && record.timestamp >= time) expected = record.offset;
    }
  }
  const auto at = log_->plan_timestamp_lookup(time, model_.end)->execute(ReadMode::kBlocking);
  if (!at) return fail("time look-up: " + at.error().message);
  if (at->offset != expected) fail(fmt::format("time {} is at {}, not {}", time, at->offset, expected));
}

}  // namespace tributary::sim
