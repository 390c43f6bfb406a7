#include "group_records.h"

#include "tributary/wire/control_record.h"
#include "tributary/wire/record_batch.h"

namespace tributary::broker {
namespace {

// Of one decompressed batch; the coordinator's own are far smaller.
constexpr size_t kInflatedLimit = 512 << 20;

void note_unusable(ReplayCount& count, Offset offset, const Error& error) {
  if (count.unusable++ == 0) count.first_fault = fmt::format("offset {}: {}", offset, error.message);
}

Status add_marker(const wire::BatchView& batch, const wire::RecordView& record,
                  group::View::Changes& changes) {
  const auto type = wire::parse_control_key(record.key.value_or(ByteView{}));
  if (type != wire::ControlType::kCommit && type != wire::ControlType::kAbort) return {};
  return changes.add(group::LogMarker{batch.producer_id(), type == wire::ControlType::kCommit});
}

Status add_record(const wire::BatchView& batch, const wire::RecordView& record,
                  group::View::Changes& changes) {
  return changes.add(
      group::LogRecord{.offset = batch.base_offset() + record.offset_delta,
                       .key = record.key.value_or(ByteView{}),
                       .value = record.value,
                       .transaction = batch.is_transactional() ? batch.producer_id() : kNoProducer});
}

Status add_batch(const wire::BatchView& batch, group::View::Changes& changes, ReplayCount& count) {
  std::vector<uint8_t> scratch;
  TRIBUTARY_ASSIGN(const ByteView plain, wire::plain_records(batch, scratch, kInflatedLimit));
  wire::RecordIterator records(plain, batch.record_count());
  while (const auto record = records.next()) {
    ++count.records;
    const Status added =
        batch.is_control() ? add_marker(batch, *record, changes) : add_record(batch, *record, changes);
    if (!added) note_unusable(count, batch.base_offset() + record->offset_delta, added.error());
  }
  return records.ok() ? Status{} : fail(Errc::kCorruption, "a malformed record");
}

}  // namespace

void ReplayCount::add(const ReplayCount& more) {
  records += more.records;
  bytes += more.bytes;
  if (unusable == 0) first_fault = more.first_fault;
  unusable += more.unusable;
}

Result<std::optional<group::ViewPosition>> replay(ByteView batches, const ReplayRange& range,
                                                  group::View::Changes& changes, ReplayCount& count) {
  std::optional<group::ViewPosition> reached;
  while (!batches.empty()) {
    const auto batch = wire::BatchView::parse(batches);
    if (!batch && batch.error().code == Errc::kTooLarge) break;  // the next read begins with it
    if (!batch) return tl::unexpected(batch.error());
    if (batch->base_offset() >= range.end) break;
    batches = batches.subspan(batch->size());
    if (batch->last_offset() < range.from) continue;
    if (const Status added = add_batch(*batch, changes, count); !added)
      note_unusable(count, batch->base_offset(), added.error());
    count.bytes += batch->size();
    reached = group::ViewPosition{batch->last_offset(), batch->leader_epoch(), {}};
  }
  return reached;
}

}  // namespace tributary::broker
