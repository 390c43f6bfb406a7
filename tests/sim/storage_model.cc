#include "storage_model.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace tributary::sim {

ModelBatch ModelBatch::of(ByteView stamped) {
  const auto view = wire::BatchView::parse(stamped);
  if (!view) {
    std::fprintf(stderr, "model: not a batch\n");
    std::abort();
  }
  ModelBatch batch;
  batch.bytes.assign(view->bytes().begin(), view->bytes().end());
  batch.base = view->base_offset();
  batch.last = view->last_offset();
  batch.epoch = raw(view->leader_epoch());
  batch.producer_id = raw(view->producer_id());
  batch.producer_epoch = view->producer_epoch();
  batch.first_sequence = view->base_sequence();
  batch.last_sequence = view->base_sequence() < 0 ? -1 : view->last_sequence();
  batch.transactional = view->is_transactional();
  batch.max_timestamp = view->max_timestamp();
  if (view->is_control()) {
    wire::RecordIterator records(view->payload(), view->record_count());
    batch.is_marker = true;
    batch.is_abort = load_be<int16_t>(records.next()->key->data() + 2) == 0;
  }
  return batch;
}

void LogModel::push(ModelBatch batch) {
  end = batch.last + 1;
  batches.push_back(std::move(batch));
}

Offset LogModel::truncate(Offset offset) {
  if (offset >= end) return end;
  Offset lowest = end;
  for (; !batches.empty() && batches.back().last >= offset; batches.pop_back()) lowest = batches.back().base;
  end = batches.empty() ? 0 : batches.back().last + 1;
  if (lowest >= start) end = std::max(end, start);
  synced = std::min(synced, end);
  start = std::min(start, end);
  return end;
}

std::map<int64_t, ModelProducer> LogModel::producers() const {
  std::map<int64_t, ModelProducer> all;
  for (const ModelBatch& batch : batches) {
    if (batch.producer_id < 0) continue;
    ModelProducer& producer = all[batch.producer_id];
    if (producer.epoch != batch.producer_epoch) producer.last_sequence = -1;
    producer.epoch = batch.producer_epoch;
    producer.last_batch_base = batch.base;
    if (batch.is_marker) {
      producer.txn_first_offset = -1;
      continue;
    }
    producer.last_sequence = batch.last_sequence;
    producer.last_data_base = batch.base;
    if (batch.transactional && producer.txn_first_offset < 0) producer.txn_first_offset = batch.base;
  }
  return all;
}

std::vector<ModelAborted> LogModel::aborted() const {
  std::map<int64_t, Offset> open;
  std::vector<ModelAborted> all;
  for (const ModelBatch& batch : batches) {
    if (!batch.transactional) continue;
    if (!batch.is_marker) {
      open.try_emplace(batch.producer_id, batch.base);
      continue;
    }
    const auto first = open.find(batch.producer_id);
    if (first == open.end()) continue;
    if (batch.is_abort) all.push_back({batch.producer_id, first->second, batch.base});
    open.erase(first);
  }
  return all;
}

Offset LogModel::first_unstable() const {
  Offset first = INT64_MAX;
  for (const auto& [id, producer] : producers()) {
    if (producer.txn_first_offset >= 0) first = std::min(first, producer.txn_first_offset);
  }
  return first;
}

size_t LogModel::find(Offset offset) const {
  const auto at = std::ranges::lower_bound(batches, offset, {}, &ModelBatch::last);
  return static_cast<size_t>(at - batches.begin());
}

}  // namespace tributary::sim
