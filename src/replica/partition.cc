#include "tributary/replica/partition.h"

#include <algorithm>

#include "tributary/base/assert.h"

namespace tributary::replica {

using wire::ErrorCode;

namespace {
// Kafka tells where the log starts with what the log has against a batch, but not with these.
bool hides_log_start(ErrorCode code) {
  return code == ErrorCode::kMessageTooLarge || code == ErrorCode::kRecordListTooLarge ||
         code == ErrorCode::kCorruptMessage || code == ErrorCode::kKafkaStorageError;
}
}  // namespace

Partition::Partition(Uuid topic_id, std::unique_ptr<storage::Log> log, LeaderEpoch leader_epoch)
    : topic_id_(topic_id),
      log_(std::move(log)),
      leader_epoch_(leader_epoch),
      high_watermark_(log_->end_offset()),
      visible_stable_offset_(last_stable_offset()) {}

void Partition::set_leader_epoch(LeaderEpoch epoch) { leader_epoch_ = std::max(leader_epoch_, epoch); }

ErrorCode Partition::check_epoch(int32_t current_leader_epoch) const {
  if (current_leader_epoch < 0 || current_leader_epoch == raw(leader_epoch_)) return ErrorCode::kNone;
  return current_leader_epoch < raw(leader_epoch_) ? ErrorCode::kFencedLeaderEpoch
                                                   : ErrorCode::kUnknownLeaderEpoch;
}

tl::expected<void, storage::AppendError> Partition::append(MutableBytes batch, Acks acks, TimestampMs now,
                                                           std::shared_ptr<AppendObserver> observer,
                                                           uint32_t slot, storage::AppendOrigin origin) {
  TRIBUTARY_ASSERT(!abandoned_, "append to {}-{} after it was given up", name().topic, name().partition);
  auto info = log_->append(batch, leader_epoch_, origin, now);
  if (!info) {
    if (!hides_log_start(info.error().code)) info.error().log_start_offset = log_->start_offset();
    return tl::unexpected(std::move(info.error()));
  }
  const auto bytes = info->duplicate ? 0u : static_cast<uint32_t>(batch.size());
  if (!info->duplicate) {
    counters_.bytes_in.add_unshared(bytes);
    counters_.messages_in.add_unshared(static_cast<uint64_t>(info->last_offset - info->first_offset + 1));
  }
  staged_.push_back({*info, acks, slot, bytes, std::move(observer)});
  return {};
}

Status Partition::flush() {
  const size_t segments_before = log_->segment_count();
  if (Status written = log_->write_staged(); !written) {
    fail_all(staged_, ErrorCode::kKafkaStorageError);
    return written;
  }
  rolled_since_sync_ |= log_->segment_count() != segments_before;
  while (!staged_.empty()) {
    Waiting waiting = std::move(staged_.front());
    staged_.pop_front();
    appended_bytes_ += waiting.bytes;
    waiting.info.log_start_offset = log_->start_offset();
    if (waiting.acks == Acks::kAll) {
      uncommitted_.push_back(std::move(waiting));
    } else {
      waiting.observer->on_append_done(waiting.slot, ErrorCode::kNone, waiting.info);
    }
  }
  advance_high_watermark();
  return {};
}

void Partition::advance_high_watermark() {
  const bool synced = synced_acks();
  const Offset limit = synced ? std::min(log_->recovery_point(), log_->end_offset()) : log_->end_offset();
  const bool moved = limit > high_watermark_;
  if (moved) {
    high_watermark_ = limit;
    visible_bytes_ = std::max(visible_bytes_, synced ? synced_bytes_ : appended_bytes_);
  }
  answer_committed();
  if (moved || visible_stable_offset_ != last_stable_offset()) notify_progress();
}

void Partition::answer_committed() {
  // A duplicate is answered in its turn: its own offset may lie below others that still wait.
  while (!uncommitted_.empty() && uncommitted_.front().info.last_offset < high_watermark_) {
    Waiting done = std::move(uncommitted_.front());
    uncommitted_.pop_front();
    done.observer->on_append_done(done.slot, ErrorCode::kNone, done.info);
  }
}

void Partition::notify_progress() {
  visible_stable_offset_ = last_stable_offset();
  for (auto it = hooks_.begin(); it != hooks_.end();) {
    ProgressHook& hook = *it++;
    hook.observer->on_progress(*this, hook);
  }
}

std::optional<storage::SyncTicket> Partition::begin_sync(TimestampMs now, bool force) {
  if (sync_in_progress_ || abandoned_) return std::nullopt;
  const bool due = force || rolled_since_sync_ || !awaiting_sync_.empty() || log_->sync_due(now);
  if (!due) return std::nullopt;
  auto ticket = log_->begin_sync();
  sync_in_progress_ = ticket.has_value();
  bytes_in_sync_ = appended_bytes_;
  rolled_since_sync_ = false;
  return ticket;
}

void Partition::sync_finished(const storage::SyncTicket& ticket, const Status& status) {
  sync_in_progress_ = false;
  if (abandoned_) return;
  if (status && log_->sync_done(ticket)) {
    synced_bytes_ = bytes_in_sync_;
    advance_high_watermark();
    answer_synced({});
  } else {
    fail_all(uncommitted_, ErrorCode::kKafkaStorageError);
    answer_synced(status ? fail(Errc::kIo, "the log was cut meanwhile") : status);
  }
}

void Partition::when_synced(Offset up_to, SyncDone done) {
  if (synced_up_to(up_to)) return done({});
  awaiting_sync_.push_back({up_to, std::move(done)});
}

bool Partition::synced_up_to(Offset offset) const {
  return log_->recovery_point() >= std::min(offset, log_->end_offset());
}

// Of a sync that failed everyone hears; of one that did not, those it was far enough for.
void Partition::answer_synced(const Status& status) {
  for (auto waiting = std::exchange(awaiting_sync_, {}); SyncWaiter & one : waiting) {
    if (status && !synced_up_to(one.up_to)) {
      awaiting_sync_.push_back(std::move(one));
    } else {
      one.done(status);
    }
  }
}

ErrorCode Partition::delete_records_before(Offset offset) {
  if (offset == -1) offset = high_watermark_;
  if (offset < 0 || offset > high_watermark_) return ErrorCode::kOffsetOutOfRange;
  const auto moved = log_->advance_start_offset(offset, high_watermark_);
  if (!moved) return ErrorCode::kKafkaStorageError;
  if (*moved) notify_progress();
  return ErrorCode::kNone;
}

void Partition::fail_all(std::deque<Waiting>& waiting, ErrorCode error) {
  for (auto failed = std::exchange(waiting, {}); Waiting & one : failed) {
    one.observer->on_append_done(one.slot, error, {});
  }
}

void Partition::abandon(ErrorCode error) {
  abandoned_ = true;
  fail_all(staged_, error);
  fail_all(uncommitted_, error);
  answer_synced(fail(Errc::kNotFound, "the partition was given up"));
  notify_progress();
  hooks_.clear();
}

}  // namespace tributary::replica
