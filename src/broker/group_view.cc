#include "group_view.h"

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

GroupView::GroupView(BrokerContext& context, std::string directory)
    : context_(context), directory_(std::move(directory)) {}

Result<group::View*> GroupView::open() {
  if (group::View* ready = opened()) return ready;
  const std::lock_guard lock(opening_);
  if (group::View* ready = opened()) return ready;
  auto made = group::View::open(directory_, options_);
  if (!made) return tl::unexpected(std::move(made.error()));
  view_ = std::move(*made);
  if (!view_->reset_reason().empty())
    spdlog::warn("the view of consumer groups in {} is begun anew: {}", directory_, view_->reset_reason());
  ready_.store(view_.get(), std::memory_order_release);
  return view_.get();
}

bool GroupView::note_applied() {
  changed_.store(true, std::memory_order_relaxed);
  return opened()->unflushed_bytes() >= options_.write_buffer_bytes;
}

void GroupView::flush_soon() {
  if (!changed_.load(std::memory_order_relaxed) || flushing_.exchange(true)) return;
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
  if (!round.outcome) return end_round(round.outcome);
  changed_.store(false, std::memory_order_relaxed);
  boost::asio::post(context_.disk_pool, [this] { end_round(opened()->flush()); });
}

void GroupView::end_round(const Status& outcome) {
  flushes.add();
  if (!outcome) {
    failed_flushes.add();
    changed_.store(true, std::memory_order_relaxed);
    spdlog::error("the view of consumer groups could not be flushed: {}", outcome.error().message);
  }
  flushing_.store(false);
  for (auto& shard : context_.shards) {
    shard->post([&shard = *shard, flushed = outcome.has_value()] { shard.groups().go_on(flushed); });
  }
}

Status GroupView::finish() {
  group::View* view = opened();
  return view == nullptr ? Status{} : view->flush();
}

}  // namespace tributary::broker
