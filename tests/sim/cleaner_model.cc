#include "cleaner_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace tributary::sim {

namespace {

std::optional<std::string> text_of(std::optional<ByteView> bytes) {
  return bytes ? std::optional(std::string(as_text(*bytes))) : std::nullopt;
}

}  // namespace

KeyedBatch KeyedBatch::of(ByteView stamped) {
  const auto view = wire::BatchView::parse(stamped);
  std::vector<uint8_t> scratch;
  const auto plain =
      view ? wire::plain_records(*view, scratch, 1 << 20) : tl::unexpected<Error>(view.error());
  if (!plain || !view->crc_matches()) {
    std::fprintf(stderr, "model: not a batch\n");
    std::abort();
  }
  KeyedBatch batch;
  batch.bytes.assign(view->bytes().begin(), view->bytes().end());
  batch.base = view->base_offset();
  batch.last = view->last_offset();
  batch.codec = view->codec_id();
  batch.producer_id = raw(view->producer_id());
  batch.producer_epoch = view->producer_epoch();
  batch.first_sequence = view->base_sequence();
  batch.last_sequence = view->base_sequence() < 0 ? -1 : view->last_sequence();
  batch.transactional = view->is_transactional();
  batch.control = view->is_control();
  wire::RecordIterator records(*plain, view->record_count());
  while (const auto record = records.next()) {
    batch.records.push_back({batch.base + record->offset_delta, text_of(record->key), text_of(record->value),
                             view->base_timestamp() + record->timestamp_delta});
    if (batch.control) batch.abort = load_be<int16_t>(record->key->data() + 2) == 0;
  }
  if (!records.at_end()) {
    std::fprintf(stderr, "model: records that cannot be read\n");
    std::abort();
  }
  return batch;
}

std::string KeyedBatch::differs_from(const KeyedBatch& found) const {
  const auto header = [](const KeyedBatch& b) {
    return std::tuple(b.base, b.last, b.producer_id, b.producer_epoch, b.first_sequence, b.last_sequence,
                      b.transactional, b.control);
  };
  if (header(*this) != header(found)) return "its header has changed";
  if (!found.records.empty() && found.codec != codec) return "its codec has changed";
  auto at = records.begin();
  for (const KeyedRecord& record : found.records) {
    at = std::find(at, records.end(), record);
    if (at == records.end()) return fmt::format("the record at {} was never written there", record.offset);
  }
  return {};
}

void KeyedView::put(const KeyedRecord& record) {
  const auto [at, fresh] = last_.try_emplace(*record.key, Last{record.offset, record.value});
  if (!fresh && at->second.offset <= record.offset) at->second = {record.offset, record.value};
}

void KeyedView::apply(const KeyedBatch& batch) {
  if (batch.control) {
    const auto decided = pending_.extract(batch.producer_id);
    if (decided.empty() || batch.abort) return;
    for (const KeyedRecord& record : decided.mapped()) put(record);
    return;
  }
  for (const KeyedRecord& record : batch.records) {
    if (batch.transactional) {
      pending_[batch.producer_id].push_back(record);
    } else {
      put(record);
    }
  }
}

std::map<std::string, std::string> KeyedView::values() const {
  std::map<std::string, std::string> all;
  for (const auto& [key, last] : last_) {
    if (last.value) all.emplace(key, *last.value);
  }
  return all;
}

void KeyedModel::push(KeyedBatch batch) {
  end = batch.last + 1;
  batches.push_back(std::move(batch));
}

void KeyedModel::truncate(Offset offset) {
  while (!batches.empty() && batches.back().last >= offset) batches.pop_back();
  end = std::min(end, offset);
  start = std::min(start, end);
  synced = std::min(synced, end);
  cleaned = std::min(cleaned, end);
  committed = std::min(committed, end);
}

const KeyedBatch* KeyedModel::find(Offset base) const {
  const auto at = std::ranges::lower_bound(batches, base, {}, &KeyedBatch::base);
  return at == batches.end() || at->base != base ? nullptr : &*at;
}

std::map<int64_t, KeyedProducer> KeyedModel::producers() const {
  std::map<int64_t, KeyedProducer> all;
  for (const KeyedBatch& batch : batches) {
    if (batch.producer_id < 0) continue;
    KeyedProducer& producer = all[batch.producer_id];
    if (producer.epoch != batch.producer_epoch) {
      producer.last_sequence = -1;
      producer.last_data_base = batch.base;  // that there is none
    }
    producer.epoch = batch.producer_epoch;
    producer.last_base = batch.base;
    if (batch.control) {
      producer.txn_first_offset = -1;
      continue;
    }
    producer.last_sequence = batch.last_sequence;
    producer.last_data_base = batch.base;
    if (batch.transactional && producer.txn_first_offset < 0) producer.txn_first_offset = batch.base;
  }
  return all;
}

}  // namespace tributary::sim
