#include "cleaner_pass.h"

#include <boost/asio/steady_timer.hpp>

#include "partition_manager.h"
#include "shard.h"

namespace tributary::broker {

using storage::Cleaning;

namespace {

constexpr int64_t kShortestDelayNs = 1'000'000;

uint64_t bytes_moved(const storage::CleaningStats& stats) {
  return stats.map_bytes_read + stats.bytes_read + stats.bytes_written;
}

}  // namespace

CleanerPass::CleanerPass(BrokerContext& context, WorkerPool& pool, IoThrottle& throttle,
                         CleanerCandidate candidate, std::unique_ptr<Cleaning> cleaning, Ended ended)
    : context_(context),
      pool_(pool),
      throttle_(throttle),
      candidate_(std::move(candidate)),
      cleaning_(std::move(cleaning)),
      ended_(std::move(ended)),
      begun_ns_(context.clock.monotonic_ns()) {}

void CleanerPass::start() { step_on(); }

void CleanerPass::step_on() {
  boost::asio::post(pool_, [self = shared_from_this()] { self->run(); });
}

void CleanerPass::run() {
  while (!stopping_) {
    const auto next = cleaning_->step();
    if (!next) return end(tl::unexpected<Error>(next.error()));
    if (*next == Cleaning::Next::kSwap) return swap();
    if (*next == Cleaning::Next::kDone) return end({});
    if (*next == Cleaning::Next::kCancelled) return end(fail(Errc::kBusy, "the log was cut or closed"));
    const uint64_t moved = bytes_moved(cleaning_->stats());
    const int64_t delay_ns = throttle_.delay_ns(moved - bytes_paid_, context_.clock.monotonic_ns());
    bytes_paid_ = moved;
    if (delay_ns >= kShortestDelayNs) return wait(delay_ns);
  }
}

void CleanerPass::wait(int64_t delay_ns) {
  auto timer = std::make_shared<boost::asio::steady_timer>(pool_, std::chrono::nanoseconds(delay_ns));
  timer->async_wait([self = shared_from_this(), timer](const boost::system::error_code& error) {
    if (!error) self->run();
  });
}

void CleanerPass::swap() {
  context_.shards[candidate_.shard]->post([self = shared_from_this()] { self->swap_here(); });
}

void CleanerPass::swap_here() {
  auto* partition =
      context_.shards[candidate_.shard]->find_partition(candidate_.topic_id, candidate_.name.partition);
  Status swapped = fail(Errc::kBusy, "the partition is gone");
  if (partition != nullptr) {
    auto removal = partition->log().swap_cleaned(*cleaning_);
    if (removal) {
      context_.partitions->remove_segments(std::move(*removal),
                                           partition->log().config().file_delete_delay_ms);
      return step_on();
    }
    swapped = tl::unexpected<Error>(removal.error());
  }
  boost::asio::post(pool_, [self = shared_from_this(), swapped] { self->end(swapped); });
}

void CleanerPass::end(Status status) {
  if (!status) cleaning_->discard();
  ended_(shared_from_this(), std::move(status));
}

void CleanerPass::release(std::function<void(storage::Log&)> before, std::function<void()> then) {
  Shard& shard = *context_.shards[candidate_.shard];
  shard.post([self = shared_from_this(), &shard, before = std::move(before), then = std::move(then)] {
    if (auto* partition = shard.find_partition(self->candidate_.topic_id, self->candidate_.name.partition)) {
      before(partition->log());
      partition->log().end_cleaning(*self->cleaning_);
    }
    boost::asio::post(self->context_.control, then);
  });
}

}  // namespace tributary::broker
