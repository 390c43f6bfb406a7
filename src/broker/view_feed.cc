#include "view_feed.h"

#include "shard.h"

namespace tributary::broker {
namespace {

constexpr size_t kMuchFresh = 128 << 10;
constexpr size_t kTooMuchFresh = 1 << 20;  // then the log serves as well
constexpr auto kAWhile = std::chrono::seconds(1);

}  // namespace

ViewFeed::ViewFeed(Shard& shard, replica::Partition& partition, GroupView& view)
    : shard_(shard),
      partition_(&partition),
      view_(view),
      place_{partition.name().partition, partition.topic_id(), view.next_claimant()},
      read_bytes_(static_cast<size_t>(shard.context().values->get_int("offsets.load.buffer.size"))) {}

void ViewFeed::start(Offset applied, std::function<void(const Status&)> done) {
  applied_ = applied;
  on_started_ = std::move(done);
  waiting_ = false;
  fall_behind();
  pump();
}

void ViewFeed::add(std::vector<group::Record> records, Offset first, Offset last) {
  if (behind_ || partition_ == nullptr || last < next_) return;
  if (first != next_) {  // somebody else's records lie between
    fall_behind();
    return pump();
  }
  for (group::Record& record : records) fresh_.add(std::move(record), first++);
  next_ = last + 1;
  if (fresh_.bytes() > kTooMuchFresh) fall_behind();
  if (behind_ || fresh_.bytes() > kMuchFresh) {
    due_ = true;
    pump();
  } else if (!timer_.armed()) {
    wake_in_a_while();
  }
}

void ViewFeed::ask(ViewQuestion question) {
  questions_.push_back(std::move(question));
  pump();
}

void ViewFeed::wake_in_a_while() {
  timer_ = shard_.timers().after(kAWhile, [this] {
    timer_.cancel();
    due_ = true;
    waiting_ = false;
    pump();
  });
}

// ---- pieces

void ViewFeed::pump() {
  if (working_ || held_ || waiting_ || partition_ == nullptr) return;
  if (behind_ && caught_up()) come_up();
  if (working_) return;  // come_up() had somebody ask
  auto piece = std::make_shared<ViewPiece>();
  if (behind_) {
    if (const Status planned = plan_read(*piece); !planned) {
      piece->status = planned;
      return failed(*piece);
    }
    return begin(std::move(piece));
  }
  if (questions_.empty() && (!due_ || fresh_.empty())) return;
  piece->fresh_position = fresh_position();
  piece->fresh = std::exchange(fresh_, {});
  piece->questions = std::exchange(questions_, {});
  due_ = false;
  begin(std::move(piece));
}

void ViewFeed::begin(std::shared_ptr<ViewPiece> piece) {
  working_ = std::move(piece);
  boost::asio::post(shard_.context().disk_pool, [self = shared_from_this(), work = working_] {
    work->run(self->view_, self->place_);
    self->shard_.post([self, work] { self->finished(*work); });
  });
}

Status ViewFeed::plan_read(ViewPiece& piece) const {
  const storage::Log& log = partition_->log();
  const Offset end = partition_->high_watermark();
  const storage::ReadRequest request{.offset = std::max(applied_ + 1, log.start_offset()),
                                     .max_bytes = read_bytes_,
                                     .isolation = storage::Isolation::kHighWatermark,
                                     .min_one_batch = true};
  TRIBUTARY_ASSIGN(piece.read, log.plan_read(request, end));
  piece.range = {request.offset, end, log.epoch_for_offset(end - 1)};
  return {};
}

group::ViewPosition ViewFeed::fresh_position() const {
  return {next_ - 1, partition_->log().epoch_for_offset(next_ - 1), place_.topic_id};
}

void ViewFeed::finished(ViewPiece& piece) {
  working_ = nullptr;
  if (piece.reached) applied_ = *piece.reached;
  replayed_.add(piece.count);
  if (const auto idle = std::exchange(on_idle_, nullptr)) idle();
  if (partition_ == nullptr) return;
  if (!piece.status) failed(piece);
  if (piece.flush_due) view_.flush_soon();
  for (const ViewAnswer& answer : piece.answers) answer();
  if (piece.status) pump();
}

// What was fresh is in the log: it is read from there when the view takes something again.
void ViewFeed::failed(ViewPiece& piece) {
  fall_behind();
  waiting_ = true;
  if (piece.status.error().code == Errc::kBusy) {
    questions_.insert(questions_.begin(), std::make_move_iterator(piece.questions.begin()),
                      std::make_move_iterator(piece.questions.end()));
    return view_.flush_soon();
  }
  if (on_started_) return tell_started(piece.status);
  if (shard_.context().storage_log.allow(shard_.now_ns())) {
    spdlog::error("the view of __consumer_offsets-{} stays at offset {}: {}", place_.partition, applied_,
                  piece.status.error().message);
  }
  view_.flush_soon();  // which is also how a database that refused is made to go on
  wake_in_a_while();
}

bool ViewFeed::caught_up() const { return applied_ + 1 >= partition_->high_watermark(); }

void ViewFeed::come_up() {
  behind_ = false;
  next_ = applied_ + 1;
  tell_started({});
}

void ViewFeed::fall_behind() {
  behind_ = true;
  fresh_ = {};
}

void ViewFeed::tell_started(const Status& status) {
  if (const auto done = std::exchange(on_started_, nullptr)) done(status);
}

// ---- from outside

void ViewFeed::hold(std::function<void()> held) {
  held_ = true;
  if (!working_) return held();
  on_idle_ = std::move(held);
}

void ViewFeed::go_on(bool at_once) {
  held_ = false;
  waiting_ = !at_once;
  if (waiting_ && !timer_.armed()) wake_in_a_while();
  pump();
}

void ViewFeed::detach() {
  partition_ = nullptr;
  timer_.cancel();
  questions_.clear();
  on_started_ = nullptr;
}

void ViewFeed::apply_rest() {
  const bool whole = !working_ || (working_->ran && working_->status);
  const ViewPtr view = view_.opened();
  if (behind_ || fresh_.empty() || !whole || view == nullptr || partition_ == nullptr) return;
  if (const Status applied = fresh_.apply_to(*view, place_.partition, fresh_position()); !applied)
    spdlog::warn("the view of __consumer_offsets-{} stays behind: {}", place_.partition,
                 applied.error().message);
}

}  // namespace tributary::broker
