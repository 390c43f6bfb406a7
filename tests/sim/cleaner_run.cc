#include "cleaner_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace tributary::sim {

using namespace storage;

namespace {

constexpr int64_t kProducers = 4;
constexpr uint64_t kKeys = 9;

std::vector<uint8_t> marker(int64_t producer_id, int16_t epoch, bool abort, TimestampMs now) {
  wire::BatchOptions options;
  options.producer_id = ProducerId{producer_id};
  options.producer_epoch = epoch;
  options.transactional = true;
  options.control = true;
  wire::BatchBuilder builder(options);
  std::array<uint8_t, 4> key{};
  store_be<int16_t>(key.data() + 2, abort ? 0 : 1);
  const std::array<uint8_t, 6> value{};
  builder.append(now, ByteView(key), ByteView(value));
  return builder.build();
}

}  // namespace

void CleanerRun::fail(const std::string& why) {
  if (!failed_) std::fprintf(stderr, "seed %llu: %s\n", static_cast<unsigned long long>(seed_), why.c_str());
  failed_ = true;
}

void CleanerRun::trace(const std::string& what) const {
  if (trace_) std::fprintf(stderr, "%s\n", what.c_str());
}

bool CleanerRun::run(int steps) {
  config_.compact_policy = true;
  config_.delete_policy = false;
  config_.retention_ms = -1;
  config_.index_interval_bytes = static_cast<int32_t>(random_.below(300));
  change_config();
  if (!fs_.create_directories("/d") || !fs_.sync_directory("/")) fail("no directory");
  open_log(false);
  for (int i = 0; i < steps && !failed_; ++i) {
    step();
    if (!trace_ || failed_) continue;
    // Checks after each step find the culprit; they must not change what comes next.
    const Random before = random_;
    check_all();
    random_ = before;
  }
  if (!failed_) check_all();
  return !failed_;
}

void CleanerRun::step() {
  now_ += static_cast<TimestampMs>(random_.below(40));
  switch (random_.below(24)) {
    case 0:
    case 1:
      return sync();
    case 2:
      return truncate();
    case 3:
      return delete_records();
    case 4:
      return change_config();
    case 5:
      return close_and_reopen();
    case 6:
      return fs_.crash_at(fs_.operations() + 1 + random_.below(30));
    case 7:
      return power_cut({}, true);
    case 8:
      return random_.one_in(3) ? power_cut({}, false) : check_all();
    case 9:
      return run_removals();
    case 10:
    case 11:
    case 12:
    case 13:
    case 14:
    case 15:
    case 16:
      return clean();
    default:
      return append_some();
  }
}

void CleanerRun::change_config() {
  config_.segment_bytes = 400 + static_cast<int64_t>(random_.below(2500));
  config_.delete_retention_ms = static_cast<int64_t>(random_.below(300));
  config_.min_compaction_lag_ms = random_.one_in(3) ? static_cast<int64_t>(random_.below(100)) : 0;
  if (log_) log_->set_config(config_);
}

std::vector<uint8_t> CleanerRun::data(wire::BatchOptions options) {
  static constexpr std::array kCodecs{wire::Codec::kNone,   wire::Codec::kNone, wire::Codec::kGzip,
                                      wire::Codec::kSnappy, wire::Codec::kLz4,  wire::Codec::kZstd};
  options.codec = kCodecs[random_.below(kCodecs.size())];
  wire::BatchBuilder builder(options);
  const uint64_t records = 1 + random_.below(4);
  for (uint64_t i = 0; i < records; ++i) {
    const std::string key = fmt::format("k{}", random_.below(kKeys));
    const std::string value = fmt::format("v{}", ++values_) + std::string(random_.below(60), 'x');
    const auto deleted = random_.one_in(4) ? std::nullopt : std::optional(as_bytes(value));
    builder.append(now_ - static_cast<TimestampMs>(random_.below(50)), as_bytes(key), deleted);
  }
  return builder.build();
}

CleanerRun::Batch CleanerRun::producer_batch(int64_t producer_id) {
  const auto known = model_.producers();
  const auto found = known.find(producer_id);
  const KeyedProducer producer = found == known.end() ? KeyedProducer{} : found->second;
  int16_t& epoch = epochs_of_[producer_id];
  epoch = std::max(epoch, producer.epoch);
  const bool in_txn = producer.txn_first_offset >= 0;
  if (in_txn && random_.one_in(2)) {
    if (random_.one_in(3)) ++epoch;  // as transactions v2 end them
    return marker(producer_id, epoch, random_.one_in(2), now_);
  }
  if (!in_txn && random_.one_in(12)) ++epoch;
  // What lies below the log's start may be forgotten with the snapshot that told of it.
  if (producer.last_data_base < model_.start && producer.epoch >= 0) ++epoch;
  wire::BatchOptions options;
  options.producer_id = ProducerId{producer_id};
  options.producer_epoch = epoch;
  options.base_sequence = producer.epoch == epoch ? producer.last_sequence + 1 : 0;
  options.transactional = in_txn || producer_id >= kProducers / 2;
  return data(options);
}

CleanerRun::Batch CleanerRun::random_batch() {
  if (random_.one_in(2)) return data({});
  return producer_batch(static_cast<int64_t>(random_.below(kProducers)));
}

void CleanerRun::append_some() {
  std::vector<Batch> staged;
  std::vector<int64_t> used;
  for (uint64_t i = 1 + random_.below(4); i > 0; --i) {
    Batch batch = random_batch();
    const auto view = wire::BatchView::parse(batch);
    const int64_t id = raw(view->producer_id());
    // The model knows a producer's next sequence number only once the last batch is written.
    if (id >= 0 && std::ranges::find(used, id) != used.end()) continue;
    used.push_back(id);
    staged.push_back(std::move(batch));
    const auto origin = view->is_control() ? AppendOrigin::kCoordinator : AppendOrigin::kClient;
    const auto info = log_->append(staged.back(), LeaderEpoch{0}, origin, now_);
    if (!info) return fail("a good batch was refused: " + info.error().message);
  }
  const Status written = log_->write_staged();
  trace(fmt::format("write of {} from {}: {}", staged.size(), model_.end,
                    written ? "done" : written.error().message));
  if (!written) return power_cut(staged, random_.one_in(3));
  for (const Batch& bytes : staged) model_.push(KeyedBatch::of(bytes));
  if (log_->end_offset() != model_.end) fail(fmt::format("end {} is not {}", log_->end_offset(), model_.end));
}

void CleanerRun::sync() {
  auto ticket = log_->begin_sync();
  if (ticket) {
    const Status done = ticket->run();
    if (!done) return power_cut({}, random_.one_in(3));
    if (!log_->sync_done(*ticket)) return fail("sync_done failed");
    model_.synced = std::max(model_.synced, log_->recovery_point());
  }
  trace(fmt::format("synced to {}", log_->recovery_point()));
  save_checkpoints();
}

void CleanerRun::save_checkpoints() {
  recovery_checkpoint_ = log_->recovery_point();
  start_checkpoint_ = log_->start_offset();
  log_->note_checkpointed(recovery_checkpoint_);
}

void CleanerRun::truncate() {
  if (!random_.one_in(4) || model_.end <= model_.start || fs_.is_down()) return;
  fs_.crash_at(UINT64_MAX);  // crashes of truncations are the business of another simulation
  const Offset target =
      model_.start + static_cast<Offset>(random_.below(static_cast<uint64_t>(model_.end - model_.start)));
  // A leader's word never asks for less than what is committed.
  if (target < model_.committed) return;
  const Status done = log_->truncate_to(target);
  trace(fmt::format("truncate to {}: {}", target, done ? "done" : done.error().message));
  if (!done) return fail("truncation failed: " + done.error().message);
  model_.truncate(log_->end_offset());
  save_checkpoints();
  dirty_checkpoint_ = std::min(dirty_checkpoint_, log_->first_dirty_offset());
}

void CleanerRun::delete_records() {
  if (!random_.one_in(4) || model_.end <= model_.start || fs_.is_down()) return;
  const Offset target =
      model_.start +
      static_cast<Offset>(random_.below(static_cast<uint64_t>(model_.end - model_.start) / 2 + 1));
  fs_.crash_at(UINT64_MAX);  // as above
  if (!log_->advance_start_offset(target, model_.end)) return fail("DeleteRecords failed");
  start_checkpoint_ = log_->start_offset();
  auto removal = log_->apply_retention(now_, model_.end);
  if (!removal) return fail("retention failed: " + removal.error().message);
  removals_.push_back(std::move(*removal));
  model_.start = log_->start_offset();
  start_checkpoint_ = model_.start;
  trace(fmt::format("starts at {}", model_.start));
}

void CleanerRun::close_and_reopen() {
  if (!random_.one_in(2)) return;
  Status closed = log_->close();
  trace(fmt::format("close: {}", closed ? "done" : closed.error().message));
  if (!closed) return power_cut({}, random_.one_in(3));
  if (pass_) pass_->discard();
  if (fs_.is_down()) return power_cut({}, random_.one_in(3));
  pass_.reset();
  model_.synced = model_.end;
  recovery_checkpoint_ = model_.end;
  start_checkpoint_ = log_->start_offset();
  log_.reset();
  fs_.kill();
  open_log(true);
  if (failed_) return;
  if (log_->end_offset() != model_.end) fail("a clean end was not found again");
  check_all();
}

}  // namespace tributary::sim
