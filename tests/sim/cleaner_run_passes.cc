// Passes of the cleaner in a CleanerRun.
#include <fmt/format.h>

#include "cleaner_run.h"

namespace tributary::sim {

using namespace storage;

void CleanerRun::clean() {
  if (!pass_) return begin_pass();
  // A disk that fails now and then fails the pass, never the log.
  const bool faulty = random_.one_in(8) && !fs_.is_down();
  if (faulty) {
    fs_.fail_operations(fs_.operations() + random_.below(6), 1 + random_.below(3),
                        random_.one_in(2) ? Errc::kNoSpace : Errc::kIo);
  }
  for (uint64_t steps = 1 + random_.below(6); steps > 0 && pass_ && !failed_; --steps) step_pass();
  if (faulty) fs_.fail_operations(0, 0, Errc::kIo);
}

void CleanerRun::begin_pass() {
  CleaningOptions options;
  options.now = now_;
  options.map_bytes = random_.one_in(3) ? 24 * (8 + random_.below(10)) : 1 << 20;
  options.io_buffer_bytes = 1 + random_.below(1500);
  if (random_.one_in(3)) options.longest_segment = 200 + random_.below(600);
  options.hash_secret = {random_.next(), random_.next()};
  model_.committed +=
      static_cast<Offset>(random_.below(static_cast<uint64_t>(model_.end - model_.committed) + 1));
  const CleanableLog found = log_->cleanable(now_, model_.committed);
  auto pass = log_->begin_cleaning(options, model_.committed);
  if (!pass) return;
  pass_ = std::move(*pass);
  model_.cleaned = std::max(model_.cleaned, found.first_uncleanable);
  trace(fmt::format("pass from {} to {}", found.first_dirty, found.first_uncleanable));
}

void CleanerRun::step_pass() {
  const auto next = pass_->step();
  if (!next) {
    if (fs_.is_down()) return power_cut({}, random_.one_in(3));
    if (next.error().code == Errc::kCorruption) return fail("the pass: " + next.error().message);
    return abandon_pass();
  }
  switch (*next) {
    case Cleaning::Next::kStep:
      return;
    case Cleaning::Next::kSwap:
      return swap_group();
    case Cleaning::Next::kCancelled:
      return abandon_pass();
    case Cleaning::Next::kDone:
      return finish_pass();
  }
}

void CleanerRun::swap_group() {
  auto removal = log_->swap_cleaned(*pass_);
  trace(fmt::format("swap: {}", removal ? "done" : removal.error().message));
  if (removal) {
    removals_.push_back(std::move(*removal));
    ++swaps_;
    return random_.one_in(3) ? check_all() : void();
  }
  if (fs_.is_down()) return power_cut({}, random_.one_in(3));
  abandon_pass();
  // A disk that let neither the swap nor its undoing through has closed the log.
  if (!log_->plan_read({model_.end, 1, Isolation::kLogEnd, false}, model_.end)) power_cut({}, true);
}

void CleanerRun::finish_pass() {
  trace(fmt::format("pass done to {}", pass_->end_offset()));
  if (random_.one_in(4)) return power_cut({}, random_.one_in(3));  // before the checkpoint is written
  dirty_checkpoint_ = pass_->end_offset();
  log_->set_first_dirty_offset(pass_->end_offset());
  log_->end_cleaning(*pass_);
  pass_.reset();
  if (random_.one_in(3)) check_all();
}

void CleanerRun::abandon_pass() {
  pass_->discard();
  log_->end_cleaning(*pass_);
  pass_.reset();
}

void CleanerRun::run_removals() {
  for (auto& removal : removals_) removal.run();
  removals_.clear();
}

}  // namespace tributary::sim
