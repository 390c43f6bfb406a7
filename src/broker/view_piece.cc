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
  const auto lock = keeper.enter(place.partition, place.by);
  if (!lock) return;  // nobody waits for what comes of it
  const auto view = keeper.open();
  status = view ? apply(keeper, **view, place) : tl::unexpected(view.error());
  ran = true;
  if (!status && status.error().code == Errc::kBusy) return;
  if (reached) flush_due = keeper.note_applied(**view);
  const Result<group::View*> asked =
      status ? Result<group::View*>(view->get()) : tl::unexpected(status.error());
  for (const ViewQuestion& question : questions) answers.push_back(question(asked));
}

Status ViewPiece::apply(GroupView& keeper, group::View& view, const Place& place) {
  if (read) return apply_read(keeper, view, place);
  if (fresh.empty()) return {};
  Status applied = fresh.apply_to(view, place.partition, fresh_position);
  if (!applied) keeper.note_failure(applied.error());
  if (applied) reached = fresh_position.applied;
  return applied;
}

Status ViewPiece::apply_read(GroupView& keeper, group::View& view, const Place& place) {
  TRIBUTARY_ASSIGN(const size_t size, read->size(storage::ReadMode::kBlocking));
  const std::unique_ptr<uint8_t[]> buffer(new uint8_t[size]);
  TRIBUTARY_ASSIGN(const auto outcome, read->execute({buffer.get(), size}, storage::ReadMode::kBlocking));
  const auto changes = view.begin(place.partition);
  ReplayCount replayed;
  TRIBUTARY_ASSIGN(auto position, replay({buffer.get(), outcome.bytes}, range, *changes, replayed));
  // Compaction can leave nothing below the end.
  if (!position) position = group::ViewPosition{range.end - 1, range.end_epoch, {}};
  position->topic_id = place.topic_id;
  Status applied = view.apply(*changes, *position);
  if (!applied) keeper.note_failure(applied.error());
  if (!applied) return applied;
  reached = position->applied;
  count = std::move(replayed);
  return {};
}

}  // namespace tributary::broker
