#include "producer_state.h"

#include <algorithm>

namespace tributary::storage {

int32_t ProducerBatch::first_sequence() const {
  if (last_sequence == wire::kNoSequence) return wire::kNoSequence;
  if (last_sequence >= offset_delta) return last_sequence - offset_delta;
  return INT32_MAX - (offset_delta - last_sequence) + 1;
}

void ProducerEntry::set_epoch(int16_t to) {
  if (epoch == to) return;
  epoch = to;
  batch_count = 0;
}

void ProducerEntry::add_batch(const ProducerBatch& batch) {
  if (batch_count == kRemembered) {
    std::move(batches.begin() + 1, batches.end(), batches.begin());
    --batch_count;
  }
  batches[batch_count++] = batch;
}

std::optional<EndMarker> read_end_marker(const wire::BatchView& batch) {
  wire::RecordIterator records(batch.payload(), batch.record_count());
  const auto record = records.next();
  if (batch.codec_id() != 0 || !record || !record->key || !record->value) return std::nullopt;
  if (record->key->size() < 4 || record->value->size() < 6) return std::nullopt;
  const auto type = load_be<int16_t>(record->key->data() + 2);
  if (type != 0 && type != 1) return std::nullopt;
  const TimestampMs timestamp = batch.timestamp_type() == wire::TimestampType::kLogAppendTime
                                    ? batch.max_timestamp()
                                    : batch.base_timestamp() + record->timestamp_delta;
  return EndMarker{type == 0, load_be<int32_t>(record->value->data() + 2), timestamp};
}

const ProducerEntry* ProducerState::find(int64_t producer_id) const {
  const auto found = producers_.find(producer_id);
  return found == producers_.end() ? nullptr : &found->second.entry;
}

const ProducerBatch* ProducerState::find_duplicate(const BatchHeader& batch) const {
  const ProducerEntry* entry = find(batch.producer_id);
  if (entry == nullptr || entry->epoch != batch.producer_epoch) return nullptr;
  for (size_t i = 0; i < entry->batch_count; ++i) {
    const ProducerBatch& known = entry->batches[i];
    if (known.last_sequence == batch.last_sequence() && known.first_sequence() == batch.base_sequence) {
      return &known;
    }
  }
  return nullptr;
}

ProducerEntry& ProducerState::touch(int64_t producer_id) {
  const auto [found, is_new] = producers_.try_emplace(producer_id);
  if (is_new) {
    found->second.use = by_use_.insert(by_use_.end(), producer_id);
  } else {
    by_use_.splice(by_use_.end(), by_use_, found->second.use);
  }
  return found->second.entry;
}

void ProducerState::erase(int64_t producer_id) {
  const auto found = producers_.find(producer_id);
  by_use_.erase(found->second.use);
  producers_.erase(found);
}

ProducerState::Undo ProducerState::apply(const BatchHeader& batch, const std::optional<EndMarker>& marker) {
  Undo undo{batch.producer_id, std::nullopt, std::nullopt};
  if (batch.is_control() && !marker) return undo;
  const ProducerEntry* before = find(batch.producer_id);
  if (before != nullptr) undo.before = *before;
  ProducerEntry& entry = touch(batch.producer_id);
  if (marker) {
    undo.completed = complete(entry, batch, *marker);
    return undo;
  }
  entry.set_epoch(batch.producer_epoch);
  entry.add_batch({batch.last_sequence(), static_cast<int32_t>(batch.last_offset - batch.base_offset),
                   batch.last_offset, batch.max_timestamp});
  entry.last_timestamp = batch.max_timestamp;
  if (batch.is_transactional() && entry.txn_first_offset < 0) {
    entry.txn_first_offset = batch.base_offset;
    open_.emplace(batch.base_offset, batch.producer_id);
  }
  return undo;
}

std::optional<CompletedTxn> ProducerState::complete(ProducerEntry& entry, const BatchHeader& batch,
                                                    const EndMarker& marker) {
  std::optional<CompletedTxn> completed;
  if (entry.txn_first_offset >= 0) {
    completed = CompletedTxn{batch.producer_id, entry.txn_first_offset, batch.base_offset, marker.abort,
                             stable_after(batch.producer_id, batch.base_offset)};
    open_.erase(entry.txn_first_offset);
    unreplicated_.push_back({entry.txn_first_offset, batch.base_offset});
  }
  entry.set_epoch(batch.producer_epoch);
  entry.coordinator_epoch = marker.coordinator_epoch;
  entry.last_timestamp = marker.timestamp;
  entry.txn_first_offset = -1;
  return completed;
}

Offset ProducerState::stable_after(int64_t producer_id, Offset marker_offset) const {
  for (const auto& [first, owner] : open_) {
    if (owner != producer_id) return first;
  }
  return marker_offset + 1;
}

void ProducerState::restore(const Undo& undo) {
  const ProducerEntry* now = find(undo.producer_id);
  if (now == nullptr) return;
  if (now->txn_first_offset >= 0) open_.erase(now->txn_first_offset);
  if (undo.completed) {
    std::erase_if(unreplicated_,
                  [&](const auto& t) { return t.marker_offset == undo.completed->marker_offset; });
  }
  if (!undo.before) {
    erase(undo.producer_id);
    return;
  }
  producers_.at(undo.producer_id).entry = *undo.before;
  if (undo.before->txn_first_offset >= 0) open_.emplace(undo.before->txn_first_offset, undo.producer_id);
}

bool ProducerState::make_room(size_t maximum, uint64_t& evicted) {
  auto candidate = by_use_.begin();
  while (producers_.size() >= maximum && candidate != by_use_.end()) {
    const int64_t id = *candidate++;
    if (producers_.at(id).entry.txn_first_offset >= 0) continue;
    erase(id);
    ++evicted;
  }
  return producers_.size() < maximum;
}

Offset ProducerState::first_unstable(Offset high_watermark) const {
  Offset first = open_.empty() ? INT64_MAX : open_.begin()->first;
  for (const Unreplicated& done : unreplicated_) {
    if (done.marker_offset >= high_watermark) first = std::min(first, done.first_offset);
  }
  return first;
}

void ProducerState::forget_replicated(Offset high_watermark) {
  if (unreplicated_.empty()) return;
  std::erase_if(unreplicated_, [&](const auto& done) { return done.marker_offset < high_watermark; });
}

size_t ProducerState::expire(TimestampMs now, int64_t idle_ms) {
  return std::erase_if(producers_, [&](const auto& item) {
    const ProducerEntry& entry = item.second.entry;
    const bool expired = entry.txn_first_offset < 0 && now - entry.last_timestamp >= idle_ms;
    if (expired) by_use_.erase(item.second.use);
    return expired;
  });
}

std::vector<ActiveProducer> ProducerState::active() const {
  std::vector<ActiveProducer> all;
  all.reserve(producers_.size());
  for_each([&](int64_t id, const ProducerEntry& entry) {
    all.push_back({ProducerId{id}, entry.epoch, entry.last_sequence(), entry.last_timestamp,
                   entry.coordinator_epoch, entry.txn_first_offset});
  });
  return all;
}

void ProducerState::clear() {
  producers_.clear();
  by_use_.clear();
  open_.clear();
  unreplicated_.clear();
}

void ProducerState::load(int64_t producer_id, const ProducerEntry& entry) {
  touch(producer_id) = entry;
  if (entry.txn_first_offset >= 0) open_.emplace(entry.txn_first_offset, producer_id);
}

}  // namespace tributary::storage
