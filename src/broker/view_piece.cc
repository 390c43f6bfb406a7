#include "view_piece.h"

namespace tributary::broker {

void FreshRecords::add(group::Record record, Offset offset) {
  const size_t key_bytes = record.key.size();
  const auto [at, added] = newest_.try_emplace(std::move(record.key));
  Newest& newest = at->second;
  if (added) bytes_ += key_bytes + sizeof(*at);
  bytes_ -= newest.value ? newest.value->size() : 0;
  bytes_ += record.value ? record.value->size() : 0;
  newest = {offset, std::move(record.value)};
}

Status FreshRecords::apply_to(group::View& view, int32_t partition,
                              const group::ViewPosition& position) const {
  const auto changes = view.begin(partition);
  for (const auto& [key, newest] : newest_) {
    TRIBUTARY_TRY(changes->add(group::LogRecord{newest.offset, key, newest.value, kNoProducer}));
  }
  return view.apply(*changes, position);
}

void ViewPiece::run(GroupView& keeper, const Place& place) {
  auto view = keeper.open();
  status = view ? apply(**view, place) : tl::unexpected(view.error());
  ran = true;
  if (!status && status.error().code == Errc::kBusy) return;
  if (!status) view = tl::unexpected(status.error());
  if (reached) flush_due = keeper.note_applied();
  for (const ViewQuestion& question : questions) answers.push_back(question(view));
}

Status ViewPiece::apply(group::View& view, const Place& place) {
  if (read) return apply_read(view, place);
  if (fresh.empty()) return {};
  TRIBUTARY_TRY(fresh.apply_to(view, place.partition, fresh_position));
  reached = fresh_position.applied;
  return {};
}

Status ViewPiece::apply_read(group::View& view, const Place& place) {
  TRIBUTARY_ASSIGN(const size_t size, read->size(storage::ReadMode::kBlocking));
  const std::unique_ptr<uint8_t[]> buffer(new uint8_t[size]);
  TRIBUTARY_ASSIGN(const auto outcome, read->execute({buffer.get(), size}, storage::ReadMode::kBlocking));
  const auto changes = view.begin(place.partition);
  ReplayCount replayed;
  TRIBUTARY_ASSIGN(auto position, replay({buffer.get(), outcome.bytes}, range, *changes, replayed));
  // Compaction can leave nothing below the end.
  if (!position) position = group::ViewPosition{range.end - 1, range.end_epoch, {}};
  position->topic_id = place.topic_id;
  TRIBUTARY_TRY(view.apply(*changes, *position));
  reached = position->applied;
  count = std::move(replayed);
  return {};
}

}  // namespace tributary::broker
