#include "group_host.h"

#include "partition_manager.h"
#include "shard.h"
#include "shard_groups.h"

namespace tributary::broker {

using wire::ErrorCode;

namespace {

constexpr auto kLongestWait = std::chrono::seconds(1);
constexpr auto kRetryAfter = std::chrono::seconds(10);
constexpr std::string_view kCleanerCheckpoint = "cleaner-offset-checkpoint";

// On the pool. What cannot be read may have been cleaned.
Offset cleaned_to(const BrokerContext& context, const storage::TopicPartition& name,
                  const std::string& log_directory) {
  for (const auto& directory : context.partitions->directories()) {
    if (directory->partition_path(name) != log_directory) continue;
    const auto checkpoint = directory->read_checkpoint(kCleanerCheckpoint);
    if (!checkpoint) return INT64_MAX;
    const auto found = checkpoint->find(name);
    return found == checkpoint->end() ? 0 : found->second;
  }
  return INT64_MAX;
}

}  // namespace

// What the pool found out.
struct GroupHost::Found {
  Status view;
  std::optional<group::ViewPosition> position;
  Offset cleaned_to = 0;
};

GroupHost::GroupHost(Shard& shard, ShardGroups& groups, replica::Partition& partition, GroupView& view)
    : shard_(shard),
      groups_(groups),
      partition_(&partition),
      view_(view),
      index_(partition.name().partition),
      feed_(std::make_shared<ViewFeed>(shard, partition, view)),
      environment_(std::make_shared<GroupEnvironment>(shard, partition, *feed_, view)) {}

// ---- loading

void GroupHost::load() {
  state_ = State::kLoading;
  began_ns_ = shard_.now_ns();
  timer_ = shard_.timers().after(kLongestWait, [this] {
    waited_long_ = true;
    answer_waiting();
  });
  const LogName log{partition_->name(), partition_->log().directory()};
  boost::asio::post(shard_.context().disk_pool, [self = shared_from_this(), log] {
    auto found = std::make_shared<Found>(self->look(log));
    self->shard_.post([self, found] {
      if (self->partition_ != nullptr) self->check(*found);
    });
  });
}

// On the pool.
GroupHost::Found GroupHost::look(const LogName& log) const {
  const auto lock = view_.claim(index_, feed_->claimant());
  if (!lock) return {.view = tributary::fail(Errc::kNotFound, "another took over"), .position = {}};
  const auto view = view_.open();
  if (!view) return {.view = tl::unexpected(view.error()), .position = {}};
  return {.view = {},
          .position = (*view)->position(index_),
          .cleaned_to = cleaned_to(shard_.context(), log.name, log.directory)};
}

void GroupHost::check(const Found& found) {
  if (!found.view) return fail(found.view.error());
  const storage::Log& log = partition_->log();
  const auto end_of_epoch = [&](LeaderEpoch asked) { return log.end_offset_for_epoch(asked).end_offset; };
  const group::LogState state{.topic_id = partition_->topic_id(),
                              .start = log.start_offset(),
                              .end = log.end_offset(),
                              .cleaned_to = found.cleaned_to,
                              .end_of_epoch = end_of_epoch};
  const std::optional<std::string> fault =
      found.position ? group::view_fault(*found.position, state) : "there was none";
  if (!fault) return bring_up(found.position->applied);
  const bool empty = log.start_offset() == log.end_offset();
  if (found.position || !empty) rebuilt_because_ = *fault;
  make_anew(log.start_offset() - 1);
}

void GroupHost::make_anew(Offset before_all) {
  boost::asio::post(shard_.context().disk_pool, [self = shared_from_this(), before_all] {
    const Status dropped = self->drop_view();
    self->shard_.post([self, dropped, before_all] {
      if (self->partition_ == nullptr) return;
      if (!dropped) return self->fail(dropped.error());
      self->bring_up(before_all);
    });
  });
}

// On the pool.
Status GroupHost::drop_view() const {
  const auto lock = view_.enter(index_, feed_->claimant());
  if (!lock) return tributary::fail(Errc::kNotFound, "another took over");
  TRIBUTARY_ASSIGN(const auto view, view_.open());
  return view->drop(index_);
}

void GroupHost::bring_up(Offset applied) {
  feed_->start(applied, [this](const Status& status) { came_up(status); });
}

void GroupHost::came_up(const Status& status) {
  if (!status) return fail(status.error());
  feed_->ask([self = shared_from_this()](const Result<group::View*>& view) -> ViewAnswer {
    auto found = std::make_shared<Result<std::vector<std::string>>>(
        view ? (*view)->groups_with_members(self->index_) : tl::unexpected(view.error()));
    if (!*found) self->view_.note_failure(found->error());
    return [self, found] { self->start(*found); };
  });
}

void GroupHost::start(const Result<std::vector<std::string>>& with_members) {
  if (!with_members) return fail(with_members.error());
  timer_.cancel();
  state_ = State::kActive;
  coordinator_ =
      std::make_unique<group::Coordinator>(groups_.config(), *environment_, groups_.coordinators());
  coordinator_->start(*with_members);
  groups_.loads().active.add(1);
  say_loaded();
  answer_waiting();
  for (const Topics& topics : std::exchange(forgotten_while_loading_, {})) forget_topics(topics);
}

void GroupHost::say_loaded() const {
  const int64_t took_ms = (shard_.now_ns() - began_ns_) / 1'000'000;
  const ReplayCount& replayed = feed_->replayed();
  LoadProbe& probe = groups_.loads();
  probe.loads.add_unshared();
  probe.load_ms.record_unshared(static_cast<uint64_t>(took_ms));
  probe.records.add_unshared(replayed.records);
  probe.unusable.add_unshared(replayed.unusable);
  if (!rebuilt_because_.empty()) probe.rebuilds.add_unshared();
  const bool notable = replayed.records > 0 || !rebuilt_because_.empty();
  spdlog::log(notable ? spdlog::level::info : spdlog::level::debug,
              "__consumer_offsets-{} loaded in {} ms, {} records read from the log{}{}", index_, took_ms,
              replayed.records, rebuilt_because_.empty() ? "" : ", its view made anew: ", rebuilt_because_);
  if (replayed.unusable > 0) {
    spdlog::warn("__consumer_offsets-{}: {} records cannot be used and were passed over, the first at {}",
                 index_, replayed.unusable, replayed.first_fault);
  }
}

void GroupHost::fail(const Error& error) {
  spdlog::error("__consumer_offsets-{} cannot be loaded: {}", index_, error.message);
  groups_.loads().failed.add_unshared();
  state_ = State::kFailed;
  answer_waiting();
  timer_ = shard_.timers().after(kRetryAfter, [this] { load(); });
}

void GroupHost::when_ready(Ready ready) {
  if (state_ == State::kLoading && !waited_long_) {
    waiting_.push_back(std::move(ready));
  } else {
    ready(coordinator_.get(), coordinator_                ? ErrorCode::kNone
                              : state_ == State::kLoading ? ErrorCode::kCoordinatorLoadInProgress
                                                          : ErrorCode::kNotCoordinator);
  }
}

void GroupHost::answer_waiting() {
  for (Ready& ready : std::exchange(waiting_, {})) when_ready(std::move(ready));
}

// ---- its end

void GroupHost::end_coordinator() {
  timer_.cancel();
  state_ = State::kFailed;
  environment_->leave_coordinator();
  if (coordinator_) groups_.loads().active.add(-1);
  coordinator_.reset();
  answer_waiting();
}

void GroupHost::detach() {
  end_coordinator();
  feed_->detach();
  environment_->detach();
  partition_ = nullptr;
}

void GroupHost::hold(std::function<void(const Status&)> done) {
  feed_->hold([self = shared_from_this(), done = std::move(done)] {
    if (self->partition_ == nullptr) return done({});
    self->shard_.sync_up_to(*self->partition_, self->feed_->applied() + 1, [done](const Status& synced) {
      const bool given_up = !synced && synced.error().code == Errc::kNotFound;
      done(given_up ? Status{} : synced);
    });
  });
}

// ---- scans

void GroupHost::scan(Scan scan) { next_page(std::make_shared<const Scan>(std::move(scan)), std::nullopt); }

void GroupHost::next_page(const std::shared_ptr<const Scan>& scan, const std::optional<std::string>& after) {
  constexpr size_t kPage = 500;
  feed_->ask([self = shared_from_this(), scan, after](const Result<group::View*>& view) -> ViewAnswer {
    auto page = std::make_shared<std::vector<group::GroupSummary>>();
    const Status found = view ? scan->find(**view, after,
                                           [&](const group::GroupSummary& group) {
                                             page->push_back(group);
                                             return page->size() < kPage;
                                           })
                              : tl::unexpected(view.error());
    if (!found) self->view_.note_failure(found.error());
    return [self, scan, page, found] {
      if (!self->coordinator_) return scan->done(tributary::fail(Errc::kNotFound, "the coordinator ended"));
      for (const group::GroupSummary& group : *page) scan->each(group);
      if (!found || page->size() < kPage) return scan->done(found);
      self->next_page(scan, page->back().id);
    };
  });
}

void GroupHost::expire_offsets() {
  if (!coordinator_ || std::exchange(expiring_, true)) return;
  const group::Expiry expiry{environment_->wall_ms(), groups_.config().offsets_retention_ms};
  scan({.find = [index = index_, expiry](
                    group::View& view, const auto& after,
                    const auto& visit) { return view.for_each_expired(index, after, expiry, visit); },
        .each = [this](const group::GroupSummary& group) { coordinator_->expire_offsets(group.id); },
        .done =
            [this](const Status& status) {
              expiring_ = false;
              if (!status)
                spdlog::warn("looking for expired offsets in __consumer_offsets-{}: {}", index_,
                             status.error().message);
            }});
}

void GroupHost::forget_topics(const Topics& topics) {
  if (state_ == State::kLoading) return forgotten_while_loading_.push_back(topics);
  if (!coordinator_) return;
  std::vector<std::string> loaded;
  coordinator_->for_each_loaded([&](std::string_view group) { loaded.emplace_back(group); });
  for (const std::string& group : loaded) coordinator_->forget_topics(*topics, group);
  scan({.find = [index = index_, topics](
                    group::View& view, const auto& after,
                    const auto& visit) { return view.for_each_with_topic(index, after, *topics, visit); },
        .each = [this, topics](
                    const group::GroupSummary& group) { coordinator_->forget_topics(*topics, group.id); },
        .done =
            [this](const Status& status) {
              if (!status)
                spdlog::warn("offsets of deleted topics may be left in __consumer_offsets-{}: {}", index_,
                             status.error().message);
            }});
}

}  // namespace tributary::broker
