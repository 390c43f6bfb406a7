// The rules for what an idempotent or transactional producer may append next.
#include <fmt/format.h>

#include "producer_state.h"

namespace tributary::storage {

namespace {

using wire::ErrorCode;

AppendError refuse(ErrorCode code, std::string message) { return {code, std::move(message), {}}; }

bool follows(int32_t last, int32_t next) {
  return next == int64_t{last} + 1 || (next == 0 && last == INT32_MAX);
}

std::optional<AppendError> check_sequence(const ProducerEntry& entry, const BatchHeader& batch) {
  if (batch.producer_epoch != entry.epoch) {
    if (batch.base_sequence == 0 || entry.epoch == -1) return std::nullopt;
    return refuse(ErrorCode::kOutOfOrderSequenceNumber,
                  fmt::format("producer {} began epoch {} with sequence number {}; its epoch here was {}",
                              batch.producer_id, batch.producer_epoch, batch.base_sequence, entry.epoch));
  }
  if (follows(entry.last_sequence(), batch.base_sequence)) return std::nullopt;
  return refuse(ErrorCode::kOutOfOrderSequenceNumber,
                fmt::format("producer {} sent sequence number {} after {}", batch.producer_id,
                            batch.base_sequence, entry.last_sequence()));
}

std::optional<AppendError> check_marker(const ProducerEntry& entry, const BatchHeader& batch,
                                        const EndMarker& marker) {
  if (marker.coordinator_epoch >= entry.coordinator_epoch) return std::nullopt;
  return refuse(ErrorCode::kTransactionCoordinatorFenced,
                fmt::format("marker of coordinator epoch {} for producer {}, which has seen epoch {}",
                            marker.coordinator_epoch, batch.producer_id, entry.coordinator_epoch));
}

}  // namespace

std::optional<AppendError> ProducerState::check(const BatchHeader& batch,
                                                const std::optional<EndMarker>& marker,
                                                AppendOrigin origin) const {
  const ProducerEntry* entry = find(batch.producer_id);
  if (entry == nullptr || (batch.is_control() && !marker)) return std::nullopt;
  if (batch.producer_epoch < entry->epoch) {
    return refuse(ErrorCode::kInvalidProducerEpoch,
                  fmt::format("epoch {} of producer {} is older than {}, the last one seen",
                              batch.producer_epoch, batch.producer_id, entry->epoch));
  }
  if (marker) return check_marker(*entry, batch, *marker);
  if (origin == AppendOrigin::kClient) {
    if (auto error = check_sequence(*entry, batch)) return error;
  }
  if (entry->txn_first_offset >= 0 && !batch.is_transactional()) {
    return refuse(
        ErrorCode::kInvalidTxnState,
        fmt::format("producer {} has a transaction open and sent a batch outside of it", batch.producer_id));
  }
  return std::nullopt;
}

}  // namespace tributary::storage
