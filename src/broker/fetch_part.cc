#include "fetch_part.h"

#include <algorithm>

namespace tributary::broker {

using storage::Isolation;
using storage::ReadMode;
using wire::ErrorCode;

namespace {
constexpr size_t kSlabSize = 64 * 1024;
}

MutableBytes FetchBuffers::allocate(size_t bytes, size_t slab_hint) {
  if (slabs.empty() || slabs.back()->size() - used_of_last < bytes) {
    slabs.push_back(make_buffer(std::max(bytes, slab_hint)));
    used_of_last = 0;
  }
  const MutableBytes part = slabs.back()->bytes().subspan(used_of_last, bytes);
  used_of_last += bytes;
  return part;
}

void FetchPart::read(size_t max_bytes, bool min_one_batch, Done done, Done on_gain) {
  gained_told_ = 0;
  home_.submit(shard_, [self = shared_from_this(), max_bytes, min_one_batch, done = std::move(done),
                        on_gain = std::move(on_gain)](Shard& here) mutable {
    self->bytes_left_ = std::min(max_bytes, here.context().answers.available());
    self->nothing_yet_ = min_one_batch;
    self->done_ = std::move(done);
    self->on_gain_ = std::move(on_gain);
    self->read_here(here);
  });
}

void FetchPart::release() {
  if (shard_ == home_.index()) {
    hooks_.reset();
    on_gain_ = nullptr;
    return;
  }
  home_.submit(shard_, [self = shared_from_this()](Shard&) {
    self->hooks_.reset();
    self->on_gain_ = nullptr;
  });
}

void FetchPart::read_here(Shard& here) {
  buffers_ = std::make_shared<FetchBuffers>();
  hooks_ = std::make_unique<replica::ProgressHook[]>(items_.size());
  bytes_read_ = bytes_there_ = 0;
  answer_now_ = false;
  gain_told_ = false;
  gained_ = 0;
  bool any_cold = false;
  for (size_t i = 0; i < items_.size(); ++i) {
    read_item(here, *items_[i], hooks_[i]);
    any_cold |= items_[i]->cold.has_value();
  }
  if (any_cold) return read_cold(here);
  finish(here);
}

void FetchPart::read_item(Shard& here, FetchItem& item, replica::ProgressHook& hook) {
  item.answer = {};
  item.answer.partition_index = item.partition;
  item.answer.high_watermark = -1;
  item.answer.records = ByteView{};
  item.answer.aborted_transactions.reset();
  if (limits_.isolation == Isolation::kCommitted) item.answer.aborted_transactions.emplace();
  const auto refuse = [&](ErrorCode error) {
    item.answer.error_code = error;
    answer_now_ = true;
  };
  if (limits_.from_follower) return refuse(ErrorCode::kNotLeaderOrFollower);
  const Placement place =
      limits_.by_id ? here.locate(item.topic_id, item.partition) : here.locate(item.topic, item.partition);
  if (place.partition == nullptr) {
    return refuse(place.error == ErrorCode::kNone ? ErrorCode::kNotLeaderOrFollower : place.error);
  }
  replica::Partition& partition = *place.partition;
  hook.observer = this;
  hook.seen_bytes = partition.visible_bytes();
  partition.add_hook(hook);
  if (const auto error = partition.check_epoch(item.current_leader_epoch); error != ErrorCode::kNone) {
    return refuse(error);
  }
  if (item.last_fetched_epoch >= 0) {
    const auto end = partition.log().end_offset_for_epoch(LeaderEpoch{item.last_fetched_epoch});
    if (end.end_offset < 0) return refuse(ErrorCode::kOffsetOutOfRange);
    if (raw(end.epoch) < item.last_fetched_epoch || end.end_offset < item.fetch_offset) {
      item.answer.diverging_epoch.epoch = raw(end.epoch);
      item.answer.diverging_epoch.end_offset = end.end_offset;
      answer_now_ = true;
    }
  }
  // Who diverged may well be ahead: the answer tells it where to cut.
  const bool diverged = item.answer.diverging_epoch.end_offset >= 0;
  if (item.fetch_offset < partition.log().start_offset() ||
      (item.fetch_offset > partition.log().end_offset() && !diverged)) {
    return refuse(ErrorCode::kOffsetOutOfRange);
  }
  item.answer.high_watermark = partition.high_watermark();
  item.answer.last_stable_offset = partition.last_stable_offset();
  item.answer.log_start_offset = partition.log().start_offset();
  if (!diverged) read_records(here, partition, item);
}

void FetchPart::read_records(Shard& here, replica::Partition& partition, FetchItem& item) {
  const Offset bound = limits_.isolation == Isolation::kCommitted ? item.answer.last_stable_offset
                                                                  : item.answer.high_watermark;
  if (item.fetch_offset >= bound || (bytes_left_ == 0 && !nothing_yet_)) return;
  item.limit = std::min(item.max_bytes, bytes_left_);
  auto plan = partition.log().plan_read({item.fetch_offset, item.limit, limits_.isolation, nothing_yet_},
                                        partition.high_watermark());
  if (!plan) {
    item.answer.error_code =
        plan.error().code == Errc::kOutOfRange ? ErrorCode::kOffsetOutOfRange : ErrorCode::kKafkaStorageError;
    answer_now_ = true;
    return;
  }
  const auto size = plan->size(ReadMode::kCached);
  if (size && *size == 0) return;
  if (size) {
    const MutableBytes buffer = buffers_->allocate(*size, items_.size() == 1 ? 0 : kSlabSize);
    const auto outcome = plan->execute(buffer, ReadMode::kCached);
    if (outcome) {
      partition.counters().bytes_out.add_unshared(outcome->bytes);
      return take_result(item, *outcome, buffer);
    }
    if (outcome.error().code != Errc::kWouldBlock) {
      item.answer.error_code = ErrorCode::kCorruptMessage;
      answer_now_ = true;
      return;
    }
  }
  item.cold = std::move(*plan);
  // Counted in full: it is read after this loop.
  bytes_left_ -= std::min(bytes_left_, item.limit);
  nothing_yet_ = false;
  here.probe().cold_reads.add_unshared();
}

void FetchPart::take_result(FetchItem& item, const storage::ReadPlan::Outcome& outcome, MutableBytes buffer) {
  item.answer.records = buffer.first(outcome.bytes);
  for (const auto& aborted : outcome.aborted) {
    auto& shown = item.answer.aborted_transactions->emplace_back();
    shown.producer_id = raw(aborted.producer_id);
    shown.first_offset = aborted.first_offset;
  }
  if (outcome.bytes == 0) return;
  bytes_read_ += outcome.bytes;
  const Offset bound = limits_.isolation == Isolation::kCommitted ? item.answer.last_stable_offset
                                                                  : item.answer.high_watermark;
  const bool more = outcome.next_offset < bound;
  bytes_there_ += more ? std::max(outcome.bytes, item.limit) : outcome.bytes;
  // What follows is in the next segment: no waiting would bring more into this answer (as in Kafka).
  answer_now_ |= more && buffer.size() < item.limit;
  nothing_yet_ = false;
  if (!item.cold) bytes_left_ -= std::min(bytes_left_, outcome.bytes);
}

void FetchPart::read_cold(Shard& here) {
  boost::asio::post(here.context().disk_pool, [self = shared_from_this(), &here] {
    for (FetchItem* item : self->items_) {
      if (!item->cold) continue;
      const auto size = item->cold->size(ReadMode::kBlocking);
      if (!size) {
        item->answer.error_code = ErrorCode::kCorruptMessage;
        continue;
      }
      if (*size == 0) continue;
      const MutableBytes buffer = self->buffers_->allocate(*size, 0);
      const auto outcome = item->cold->execute(buffer, ReadMode::kBlocking);
      if (outcome) {
        self->take_result(*item, *outcome, buffer);
      } else {
        item->answer.error_code = outcome.error().code == Errc::kCorruption ? ErrorCode::kCorruptMessage
                                                                            : ErrorCode::kKafkaStorageError;
      }
    }
    here.post([self, &here] {
      for (FetchItem* item : self->items_) {
        if (!item->cold) continue;
        item->cold.reset();
        self->answer_now_ |= item->answer.error_code != ErrorCode::kNone;
        const Placement place = self->limits_.by_id ? here.locate(item->topic_id, item->partition)
                                                    : here.locate(item->topic, item->partition);
        if (place.partition != nullptr)
          place.partition->counters().bytes_out.add_unshared(item->answer.records->size());
      }
      self->finish(here);
    });
  });
}

void FetchPart::finish(Shard& here) {
  answer_now_ |= bytes_left_ == 0 && bytes_read_ > 0;
  size_t held = 0;
  for (const auto& slab : buffers_->slabs) held += slab->size();
  if (held > 0) {
    here.context().answers.take_anyway(held);
    buffers_->share = MemoryShare(here.context().answers, held);
  }
  Done done = std::exchange(done_, nullptr);  // it holds the fetch that holds this part
  if (&here == &home_) return done();
  home_.post(std::move(done));
}

void FetchPart::on_progress(replica::Partition& partition, replica::ProgressHook& hook) {
  gained_ += partition.visible_bytes() - hook.seen_bytes;
  hook.seen_bytes = partition.visible_bytes();
  if (partition.abandoned()) gained_ += INT32_MAX;  // nothing more to wait for
  tell_gain();
}

// On the home shard this runs at the end of the turn, so that many partitions that move together wake it
// once.
void FetchPart::tell_gain() {
  if (gain_told_ || !on_gain_) return;
  gain_told_ = true;
  const auto tell = [self = shared_from_this()] {
    self->gain_told_ = false;
    self->gained_told_ = self->gained_;
    if (const Done on_gain = self->on_gain_) on_gain();  // which may put another in its place
  };
  if (shard_ == home_.index()) {
    home_.schedule(tell);
  } else {
    home_.post([self = shared_from_this(), gained = gained_, on_gain = on_gain_] {
      self->gained_told_ = gained;
      on_gain();
    });
    gain_told_ = false;
  }
}

}  // namespace tributary::broker
