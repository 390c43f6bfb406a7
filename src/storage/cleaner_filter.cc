#include "cleaner_filter.h"

namespace tributary::storage {

void LastBatches::add(int64_t producer_id, const ProducerEntry& entry) {
  const ProducerBatch* last = entry.last_batch();
  places_[producer_id] = {last == nullptr ? -1 : last->last_offset, entry.epoch};
}

bool LastBatches::has_data(const BatchHeader& batch) const {
  const auto place = places_.find(batch.producer_id);
  return place != places_.end() && place->second.last_offset == batch.last_offset;
}

bool LastBatches::has_marker(const BatchHeader& batch) const {
  const auto place = places_.find(batch.producer_id);
  return place != places_.end() && place->second.last_offset < 0 &&
         place->second.epoch == batch.producer_epoch;
}

// Of a batch that has one, the base timestamp is the horizon.
bool BatchFilter::horizon_is_over(const wire::BatchView& batch) const {
  return batch.has_delete_horizon() && batch.base_timestamp() <= rules_.now &&
         batch.last_offset() < rules_.first_dirty;
}

BatchFilter::Verdict BatchFilter::judge_control(const BatchHeader& header, const wire::BatchView& batch,
                                                BatchPosition position, CleanedTransactions& transactions,
                                                Outcome& outcome) const {
  const auto marker = transactions.on_control(header, read_end_marker(batch));
  outcome.aborted = marker.aborted;
  // Without its record a marker would not tell the epoch to who replays it.
  const bool tells_epoch = header.has_producer() && (now_.has_marker(header) || at_bound_.has_marker(header));
  Verdict verdict;
  verdict.records_go = marker.can_go && !tells_epoch && horizon_is_over(batch);
  verdict.keep_if_empty = position == BatchPosition::kLastOfGroup;
  verdict.sets_horizon = marker.can_go;
  return verdict;
}

BatchFilter::Verdict BatchFilter::judge_data(const BatchHeader& header, BatchPosition position,
                                             CleanedTransactions& transactions) const {
  Verdict verdict;
  verdict.records_go = transactions.on_data(header);
  verdict.keep_if_empty = position == BatchPosition::kLastOfGroup ||
                          (header.has_producer() && (now_.has_data(header) || at_bound_.has_data(header)));
  return verdict;
}

bool BatchFilter::stays(const wire::BatchView& batch, const Candidate& candidate, Outcome& outcome) const {
  const wire::RecordView& record = candidate.record.record;
  if (!is_known_to_map(batch, record)) return true;
  if (!record.key) {
    ++outcome.keyless;
    return false;
  }
  if (!record.value && horizon_is_over(batch)) return false;
  return batch.base_offset() + record.offset_delta >= map_.get(candidate.key);
}

Result<BatchFilter::Outcome> BatchFilter::filter(const BatchHeader& header, ByteView bytes,
                                                 BatchPosition position, CleanedTransactions& transactions,
                                                 std::vector<uint8_t>& out) {
  TRIBUTARY_ASSIGN(const auto batch, wire::BatchView::parse(bytes));
  Outcome outcome;
  outcome.records_read = static_cast<uint64_t>(header.record_count);
  const Verdict verdict = header.is_control() ? judge_control(header, batch, position, transactions, outcome)
                                              : judge_data(header, position, transactions);
  const size_t before = out.size();
  if (!verdict.records_go) TRIBUTARY_TRY(filter_records(batch, verdict, outcome, out));
  if (outcome.records_kept == 0 && verdict.keep_if_empty) write_empty_batch(batch, out);
  outcome.size = out.size() - before;
  return outcome;
}

Status BatchFilter::read_records(const wire::BatchView& batch) {
  TRIBUTARY_ASSIGN(const ByteView plain, wire::plain_records(batch, plain_, rules_.inflated_limit));
  wire::RecordIterator records(plain, batch.record_count());
  candidates_.clear();
  size_t at = 0;
  while (const auto record = records.next()) {
    const ByteView bytes = plain.subspan(at, static_cast<size_t>(record->size));
    at += bytes.size();
    const bool wanted = record->key && is_known_to_map(batch, *record);
    candidates_.push_back({{*record, bytes}, wanted ? map_.prepare(*record->key) : KeyHash{}});
  }
  return records.at_end() ? Status{} : fail(Errc::kCorruption, "the records of a batch cannot be read");
}

Status BatchFilter::filter_records(const wire::BatchView& batch, const Verdict& verdict, Outcome& outcome,
                                   std::vector<uint8_t>& out) {
  TRIBUTARY_TRY(read_records(batch));
  kept_.clear();
  bool has_tombstone = false;
  for (const Candidate& candidate : candidates_) {
    if (!stays(batch, candidate, outcome)) continue;
    has_tombstone = has_tombstone || (!batch.is_control() && !candidate.record.record.value);
    kept_.push_back(candidate.record);
  }
  outcome.records_kept = kept_.size();
  if (kept_.empty()) return {};
  std::optional<TimestampMs> horizon;
  if ((has_tombstone || verdict.sets_horizon) && !batch.has_delete_horizon()) {
    horizon = rules_.delete_retention_ms > INT64_MAX - rules_.now ? INT64_MAX
                                                                  : rules_.now + rules_.delete_retention_ms;
  }
  if (horizon || kept_.size() < outcome.records_read) return rewrite_batch(batch, kept_, horizon, out);
  out.insert(out.end(), batch.bytes().begin(), batch.bytes().end());
  return {};
}

}  // namespace tributary::storage
