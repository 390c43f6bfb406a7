#include "group_view.h"

#include <filesystem>

#include "shard.h"
#include "shard_groups.h"

namespace tributary::broker {

// How the shards of one round did.
struct GroupView::Round {
  explicit Round(size_t shards) : left(shards) {}
  std::mutex mutex;
  size_t left;
  Status outcome;
};

namespace {

// The directories of views; those before the last were found damaged.
int keep_last(const std::string& directory) {
  std::error_code error;
  int last = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error))
    last = std::max(last, std::atoi(entry.path().filename().c_str()));
  for (int old = 1; old < last; ++old)
    std::filesystem::remove_all(fmt::format("{}/{}", directory, old), error);
  return std::max(last, 1);
}

}  // namespace

GroupView::GroupView(BrokerContext& context, std::string directory)
    : context_(context), directory_(std::move(directory)) {}

std::string GroupView::directory_of(int number) const { return fmt::format("{}/{}", directory_, number); }

Result<ViewPtr> GroupView::open() {
  const std::lock_guard lock(mutex_);
  if (view_) return view_;
  number_ = keep_last(directory_);
  TRIBUTARY_ASSIGN(view_, group::View::open(directory_of(number_), options_));
  if (!view_->reset_reason().empty())
    spdlog::warn("the view of consumer groups in {} is begun anew: {}", directory_, view_->reset_reason());
  return view_;
}

ViewPtr GroupView::opened() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

GroupView::Claim& GroupView::claim_of(int32_t partition) {
  const std::lock_guard lock(mutex_);
  return claims_[partition];
}

GroupView::Lock GroupView::claim(int32_t partition, Claimant by) {
  Claim& claimed = claim_of(partition);
  Lock lock(claimed.mutex);
  if (claimed.by > by) return {};
  claimed.by = by;
  return lock;
}

GroupView::Lock GroupView::enter(int32_t partition, Claimant by) {
  Claim& claimed = claim_of(partition);
  Lock lock(claimed.mutex);
  return claimed.by == by ? std::move(lock) : Lock();
}

bool GroupView::note_applied(const group::View& view) {
  changed_.store(true, std::memory_order_relaxed);
  return view.unflushed_bytes() >= options_.write_buffer_bytes;
}

void GroupView::note_failure(const Error& error) {
  if (error.code != Errc::kCorruption || damaged_.exchange(true)) return;
  spdlog::error("the view of consumer groups in {} is damaged and begun anew: {}", directory_, error.message);
  changed_.store(true);
  flush_soon();
}

// ---- rounds

void GroupView::flush_soon() {
  if (!changed_.load(std::memory_order_relaxed)) return;
  round_wanted_.store(true);
  begin_wanted_round();
}

void GroupView::begin_wanted_round() {
  if (!round_wanted_.load() || in_round_.exchange(true)) return;
  round_wanted_.store(false);
  hold_all();
}

void GroupView::hold_all() {
  auto round = std::make_shared<Round>(context_.shards.size());
  for (auto& shard : context_.shards) {
    shard->post([this, round, &shard = *shard] {
      shard.groups().hold([this, round](const Status& synced) {
        const std::lock_guard lock(round->mutex);
        if (!synced && round->outcome) round->outcome = synced;
        if (--round->left == 0) all_held(*round);
      });
    });
  }
}

void GroupView::all_held(const Round& round) {
  boost::asio::post(context_.disk_pool, [this, synced = round.outcome] {
    if (damaged_.load()) return end_round(replace(), RoundEnd::kReplaced);
    if (!synced) return end_round(synced, RoundEnd::kFlushed);
    changed_.store(false);
    end_round(opened()->flush(), RoundEnd::kFlushed);
  });
}

// The old one goes when nobody holds it any more, its files at the next start.
Status GroupView::replace() {
  const std::lock_guard lock(mutex_);
  TRIBUTARY_ASSIGN(view_, group::View::open(directory_of(number_ + 1), options_));
  ++number_;
  damaged_.store(false);
  replacements.add();
  return {};
}

void GroupView::end_round(const Status& outcome, RoundEnd end) {
  const bool replaced = end == RoundEnd::kReplaced && outcome;
  if (!replaced) flushes.add();
  if (!outcome) {
    failed_flushes.add();
    changed_.store(true);
    if (context_.storage_log.allow(context_.clock.monotonic_ns()))
      spdlog::error("the view of consumer groups could not be flushed: {}", outcome.error().message);
  }
  for (auto& shard : context_.shards) {
    shard->post([&shard = *shard, replaced, flushed = outcome.has_value()] {
      replaced ? shard.groups().reload() : shard.groups().go_on(flushed);
    });
  }
  in_round_.store(false);  // last: the next round's hold comes after this one's end on every shard
  begin_wanted_round();
}

Status GroupView::finish() {
  const ViewPtr view = opened();
  return view == nullptr ? Status{} : view->flush();
}

}  // namespace tributary::broker
