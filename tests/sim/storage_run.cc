#include "storage_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace tributary::sim {

using namespace storage;

namespace {

constexpr int64_t kProducers = 4;

wire::BatchOptions options_of(int64_t producer_id, int16_t epoch, int32_t sequence, bool transactional,
                              bool control) {
  wire::BatchOptions options;
  options.producer_id = ProducerId{producer_id};
  options.producer_epoch = epoch;
  options.base_sequence = sequence;
  options.transactional = transactional;
  options.control = control;
  return options;
}

std::vector<uint8_t> marker(int64_t producer_id, int16_t epoch, bool abort, TimestampMs now) {
  wire::BatchBuilder builder(options_of(producer_id, epoch, wire::kNoSequence, true, true));
  std::array<uint8_t, 4> key{};
  store_be<int16_t>(key.data() + 2, abort ? 0 : 1);
  const std::array<uint8_t, 6> value{};
  builder.append(now, ByteView(key), ByteView(value));
  return builder.build();
}

std::vector<uint8_t> data(wire::BatchOptions options, Random& random, TimestampMs now) {
  wire::BatchBuilder builder(options);
  const uint64_t records = 1 + random.below(4);
  for (uint64_t i = 0; i < records; ++i) {
    const std::string value(random.below(120), static_cast<char>('a' + random.below(26)));
    builder.append(now - static_cast<TimestampMs>(random.below(50)), as_bytes("key"), as_bytes(value));
  }
  return builder.build();
}

}  // namespace

void StorageRun::fail(const std::string& why) {
  if (!failed_) std::fprintf(stderr, "seed %llu: %s\n", static_cast<unsigned long long>(seed_), why.c_str());
  failed_ = true;
}

void StorageRun::trace(const std::string& what) const {
  if (trace_) std::fprintf(stderr, "%s\n", what.c_str());
}

bool StorageRun::run(int steps) {
  config_.segment_bytes = 700 + static_cast<int64_t>(random_.below(2500));
  config_.index_interval_bytes = static_cast<int32_t>(random_.below(400));
  config_.retention_ms = -1;
  if (!fs_.create_directories("/d") || !fs_.sync_directory("/")) fail("no directory");
  open_log(false);
  for (int i = 0; i < steps && !failed_ && !ended_; ++i) {
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

void StorageRun::step() {
  now_ += static_cast<TimestampMs>(random_.below(40));
  switch (random_.below(24)) {
    case 0:
      return sync();
    case 1:
      return retention();
    case 2:
      return truncate();
    case 3:
      return delete_records();
    case 4:
      return change_config();
    case 5:
      return close_and_reopen();
    case 6:
      return begin_epoch();
    case 7:
    case 8:
      return append_follower();
    case 9:
      return resend();
    case 10:
      return refuse_gap();
    case 11:
      return arm();
    case 12:
      return power_cut({}, true);
    case 13:
      return random_.one_in(3) ? power_cut({}, false) : check_all();
    default:
      return append_some();
  }
}

// The next operations will run into a crash or a fault.
void StorageRun::arm() {
  const uint64_t at = fs_.operations() + 1 + random_.below(25);
  if (random_.one_in(3)) {
    fs_.fail_operations(at, 1 + random_.below(3), random_.one_in(2) ? Errc::kNoSpace : Errc::kIo);
  } else {
    fs_.crash_at(at);
  }
}

StorageRun::Batch StorageRun::producer_batch(int64_t producer_id) {
  const auto known = model_.producers();
  const auto found = known.find(producer_id);
  const ModelProducer producer = found == known.end() ? ModelProducer{} : found->second;
  int16_t& epoch = epochs_of_[producer_id];
  epoch = std::max(epoch, producer.epoch);
  const bool in_txn = producer.txn_first_offset >= 0;
  if (in_txn && random_.one_in(3)) return marker(producer_id, epoch, random_.one_in(2), now_);
  if (!in_txn && random_.one_in(12)) ++epoch;
  // What lies below the log's start may be forgotten with the snapshot that told of it.
  if (producer.last_data_base < model_.start && producer.epoch >= 0) ++epoch;
  const bool same_epoch = producer.epoch == epoch;
  const int32_t sequence = same_epoch ? producer.last_sequence + 1 : 0;
  return data(options_of(producer_id, epoch, sequence, in_txn || producer_id >= kProducers / 2, false),
              random_, now_);
}

StorageRun::Batch StorageRun::random_batch() {
  if (random_.one_in(3)) return data({}, random_, now_);
  return producer_batch(static_cast<int64_t>(random_.below(kProducers)));
}

void StorageRun::append_some() {
  std::vector<Batch> staged;
  const uint64_t count = 1 + random_.below(4);
  std::vector<int64_t> used;
  for (uint64_t i = 0; i < count; ++i) {
    Batch batch = random_batch();
    const auto view = wire::BatchView::parse(batch);
    const int64_t id = raw(view->producer_id());
    // The model knows a producer's next sequence number only once the last batch is written.
    if (id >= 0 && std::ranges::find(used, id) != used.end()) continue;
    used.push_back(id);
    staged.push_back(std::move(batch));
    const auto origin = view->is_control() ? AppendOrigin::kCoordinator : AppendOrigin::kClient;
    const auto info = log_->append(staged.back(), LeaderEpoch{epoch_}, origin, now_);
    if (!info) return fail("a good batch was refused: " + info.error().message);
    if (info->duplicate) return fail("a new batch was taken for a duplicate");
  }
  finish_write(staged);
}

void StorageRun::finish_write(const std::vector<Batch>& staged) {
  const Status written = log_->write_staged();
  trace(fmt::format("write of {} from {}: {}", staged.size(), model_.end,
                    written ? "done" : written.error().message));
  if (!written && fs_.is_down()) return crash_if_down(staged);
  for (const Batch& bytes : staged) {
    ModelBatch batch = ModelBatch::of(bytes);
    trace(fmt::format("  {} to {}: producer {} epoch {} sequence {}{}{}", batch.base, batch.last,
                      batch.producer_id, batch.producer_epoch, batch.first_sequence,
                      batch.transactional ? " transactional" : "",
                      batch.is_marker ? (batch.is_abort ? " abort" : " commit") : ""));
    if (written || batch.last < log_->end_offset()) {
      model_.push(std::move(batch));
    } else {
      ghosts_.push_back(bytes);
    }
  }
  if (log_->end_offset() != model_.end) fail(fmt::format("end {} is not {}", log_->end_offset(), model_.end));
}

void StorageRun::append_follower() {
  std::vector<Batch> parts;
  std::vector<uint8_t> all;
  Offset next = model_.end;
  std::vector<int64_t> used;
  const uint64_t count = 1 + random_.below(3);
  for (uint64_t i = 0; i < count; ++i) {
    Batch batch = random_batch();
    const int64_t id = raw(wire::BatchView::parse(batch)->producer_id());
    if (id >= 0 && std::ranges::find(used, id) != used.end()) continue;
    used.push_back(id);
    if (random_.one_in(6)) next += static_cast<Offset>(random_.below(5));
    if (random_.one_in(10)) ++epoch_;
    wire::stamp_base_offset(batch, next);
    wire::stamp_leader_epoch(batch, LeaderEpoch{epoch_});
    next = wire::BatchView::parse(batch)->next_offset();
    all.insert(all.end(), batch.begin(), batch.end());
    parts.push_back(std::move(batch));
  }
  if (random_.one_in(4)) all.resize(all.size() + random_.below(40));  // a fetch answer's cut-off end
  const Status taken = log_->append_as_follower(all);
  if (!taken && all.size() == 0) return;
  if (!taken && !fs_.is_down()) {
    // Zeros behind the last batch look like the beginning of a malformed one.
    return;
  }
  finish_write(parts);
}

void StorageRun::resend() {
  std::vector<size_t> candidates;
  const auto producers = model_.producers();
  for (size_t i = 0; i < model_.batches.size(); ++i) {
    const ModelBatch& batch = model_.batches[i];
    if (batch.producer_id < 0 || batch.is_marker || batch.base < model_.start) continue;
    if (producers.at(batch.producer_id).epoch == batch.producer_epoch &&
        producers.at(batch.producer_id).last_sequence == batch.last_sequence) {
      candidates.push_back(i);
    }
  }
  if (candidates.empty()) return;
  const ModelBatch& original = model_.batches[candidates[random_.below(candidates.size())]];
  Batch again = original.bytes;
  wire::stamp_base_offset(again, 0);
  const auto info = log_->append(again, LeaderEpoch{epoch_}, AppendOrigin::kClient, now_);
  if (!info) return fail("a repeated batch was refused: " + info.error().message);
  if (!info->duplicate || info->first_offset != original.base || info->last_offset != original.last) {
    fail(fmt::format("a repeat of offset {} was answered with {}", original.base, info->first_offset));
  }
}

void StorageRun::refuse_gap() {
  const auto producers = model_.producers();
  if (producers.empty()) return;
  const auto& [id, producer] = *producers.begin();
  if (producer.last_batch_base < model_.start || producer.last_sequence < 0) return;
  Batch batch =
      data(options_of(id, producer.epoch, producer.last_sequence + 7, producer.txn_first_offset >= 0, false),
           random_, now_);
  const auto info = log_->append(batch, LeaderEpoch{epoch_}, AppendOrigin::kClient, now_);
  if (info) return fail("a gap in the sequence numbers was let through");
  if (info.error().code != wire::ErrorCode::kOutOfOrderSequenceNumber) fail("a gap got the wrong error");
}

void StorageRun::sync() {
  auto ticket = log_->begin_sync();
  if (!ticket) return;
  if (random_.one_in(2)) append_some();
  if (failed_ || !log_) return;
  const Status done = ticket->run();
  trace(fmt::format("sync to {}: {}", ticket->up_to(), done ? "done" : done.error().message));
  // After a crash the ticket is of a log that is gone.
  if (fs_.is_down()) return crash_if_down({});
  if (!done) return;
  if (!log_->sync_done(*ticket)) return fail("sync_done failed");
  model_.synced = std::max(model_.synced, log_->recovery_point());
  if (random_.one_in(2)) save_checkpoint();
}

void StorageRun::save_checkpoint() {
  checkpointed_recovery_ = log_->recovery_point();
  checkpointed_start_ = log_->start_offset();
}

void StorageRun::retention() {
  LogConfig tight = config_;
  tight.retention_bytes = static_cast<int64_t>(random_.below(6000));
  log_->set_config(tight);
  auto removal = log_->apply_retention(now_, model_.end);
  trace(fmt::format("retention from {} to {}", model_.start, log_->start_offset()));
  log_->set_config(config_);
  in_retention_ = fs_.is_down();
  if (in_retention_) return crash_if_down({});
  model_.start = log_->start_offset();
  model_.end = log_->end_offset();
  highest_start_ = std::max(highest_start_, model_.start);
  if (!removal) return;
  if (random_.one_in(2)) removal->run();
  if (fs_.is_down()) return crash_if_down({});
  save_checkpoint();
}

void StorageRun::truncate() {
  if (!random_.one_in(3) || model_.end <= model_.start) return;
  const Offset target =
      model_.start + static_cast<Offset>(random_.below(static_cast<uint64_t>(model_.end - model_.start)));
  fs_.fail_operations(0, 0, Errc::kIo);  // half a truncation is only looked at after a crash
  const Offset synced = model_.synced;
  const size_t cut = model_.find(target);
  model_.synced = std::min(synced, cut == 0 ? 0 : model_.batches[cut - 1].last + 1);
  const Status done = log_->truncate_to(target);
  trace(fmt::format("truncate to {}: {}", target, done ? "done" : done.error().message));
  if (fs_.is_down()) {
    // Cut off, but perhaps not for good yet.
    for (size_t i = cut; i < model_.batches.size(); ++i) ghosts_.push_back(model_.batches[i].bytes);
    return crash_if_down({});
  }
  if (!done) return fail("truncation failed: " + done.error().message);
  model_.truncate(target);
  const Offset last_end = model_.batches.empty() ? 0 : model_.batches.back().last + 1;
  // Where a crash left offsets without batches, any of them will do.
  if (log_->end_offset() < last_end || log_->end_offset() > target) {
    return fail(
        fmt::format("truncated to {}, ends at {}, last batch at {}", target, log_->end_offset(), last_end));
  }
  model_.end = log_->end_offset();
  model_.synced = std::min(model_.synced, model_.end);
  model_.start = log_->start_offset();
  save_checkpoint();
}

void StorageRun::delete_records() {
  if (!random_.one_in(3) || model_.end <= model_.start) return;
  const Offset target =
      model_.start + static_cast<Offset>(random_.below(static_cast<uint64_t>(model_.end - model_.start) + 1));
  const auto moved = log_->advance_start_offset(target, model_.end);
  if (!moved) return fail("DeleteRecords failed");
  model_.start = log_->start_offset();
  highest_start_ = std::max(highest_start_, model_.start);
  if (random_.one_in(2)) save_checkpoint();
}

void StorageRun::change_config() {
  config_.segment_bytes = 700 + static_cast<int64_t>(random_.below(2500));
  config_.segment_ms = random_.one_in(3) ? 100 : 1'000'000;
  log_->set_config(config_);
}

void StorageRun::begin_epoch() {
  ++epoch_;
  if (!log_->begin_epoch(LeaderEpoch{epoch_})) fail("begin_epoch failed");
}

void StorageRun::close_and_reopen() {
  const bool later = random_.one_in(2);
  Status closed = log_->close(later ? CloseSync::kLater : CloseSync::kNow);
  if (closed && later) closed = fs_.sync_file_system("/d");
  trace(fmt::format("close: {}", closed ? "done" : closed.error().message));
  if (const auto left = fs_.list("/d/t-0"); left && trace_) {
    for (const auto& entry : *left) trace("  left: " + entry.name);
  }
  if (fs_.is_down()) return crash_if_down({});
  if (!closed) return power_cut({}, true);
  if (log_->recovery_point() != log_->end_offset()) fail("closed but not synced");
  model_.synced = model_.end;
  checkpointed_recovery_ = model_.end;
  checkpointed_start_ = log_->start_offset();
  log_.reset();
  // A clean end survives a power cut too.
  if (random_.one_in(3)) {
    fs_.crash(random_);
  } else {
    fs_.kill();
  }
  open_log(true);
  if (failed_) return;
  if (log_->end_offset() != model_.end)
    fail(fmt::format("after a clean end: {} is not {}", log_->end_offset(), model_.end));
  check_all();
}

void StorageRun::open_log(bool clean) {
  LogOptions options;
  options.fs = &fs_;
  options.directory = "/d/t-0";
  options.name = {"t", 0};
  options.config = config_;
  options.probe = &probe_;
  options.now = now_;
  options.recovery_point = checkpointed_recovery_;
  options.log_start_offset = checkpointed_start_;
  options.clean_shutdown = clean;
  auto opened = Log::open(options);
  trace(fmt::format("open clean {} from {}: {}", clean, checkpointed_recovery_,
                    opened ? fmt::format("{} to {}", (*opened)->start_offset(), (*opened)->end_offset())
                           : opened.error().message));
  if (opened) {
    log_ = std::move(*opened);
  } else if (!fs_.is_down()) {
    fail("the log does not open: " + opened.error().message);
  }
}

}  // namespace tributary::sim
