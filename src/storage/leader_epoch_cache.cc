#include "leader_epoch_cache.h"

#include <fmt/format.h>

#include <algorithm>

#include "checkpoint_text.h"
#include "number_text.h"

namespace tributary::storage {

bool LeaderEpochCache::assign(int32_t epoch, Offset start_offset) {
  if (epoch < 0 || start_offset < 0) return false;
  if (!entries_.empty() && entries_.back().epoch == epoch && start_offset >= entries_.back().start_offset) {
    return false;
  }
  while (!entries_.empty() &&
         (entries_.back().epoch >= epoch || entries_.back().start_offset >= start_offset)) {
    entries_.pop_back();
  }
  entries_.push_back({epoch, start_offset});
  dirty_ = true;
  return true;
}

void LeaderEpochCache::truncate_from_end(Offset end_offset) {
  while (!entries_.empty() && entries_.back().start_offset >= end_offset) {
    entries_.pop_back();
    dirty_ = true;
  }
}

void LeaderEpochCache::truncate_from_start(Offset start_offset) {
  const auto above = std::ranges::upper_bound(entries_, start_offset, {}, &EpochEntry::start_offset);
  if (above == entries_.begin()) return;
  const auto in_force = above - 1;
  if (in_force == entries_.begin() && in_force->start_offset == start_offset) return;
  in_force->start_offset = start_offset;
  entries_.erase(entries_.begin(), in_force);
  dirty_ = true;
}

void LeaderEpochCache::clear() {
  dirty_ = dirty_ || !entries_.empty();
  entries_.clear();
}

LeaderEpoch LeaderEpochCache::latest() const {
  return entries_.empty() ? kNoLeaderEpoch : LeaderEpoch{entries_.back().epoch};
}

LeaderEpoch LeaderEpochCache::epoch_at(Offset offset) const {
  const auto above = std::ranges::upper_bound(entries_, offset, {}, &EpochEntry::start_offset);
  return above == entries_.begin() ? kNoLeaderEpoch : LeaderEpoch{(above - 1)->epoch};
}

EpochEndOffset LeaderEpochCache::end_offset(int32_t asked, Offset log_end_offset) const {
  if (asked < 0 || entries_.empty()) return {};
  if (entries_.back().epoch == asked) return {LeaderEpoch{asked}, log_end_offset};
  const auto higher = std::ranges::upper_bound(entries_, asked, {}, &EpochEntry::epoch);
  if (higher == entries_.end()) return {};
  const int32_t found = higher == entries_.begin() ? asked : (higher - 1)->epoch;
  return {LeaderEpoch{found}, higher->start_offset};
}

std::string LeaderEpochCache::encode() const {
  std::string text = checkpoint_head(entries_.size());
  for (const EpochEntry& entry : entries_) {
    fmt::format_to(std::back_inserter(text), "{} {}\n", entry.epoch, entry.start_offset);
  }
  return text;
}

Status LeaderEpochCache::decode(std::string_view text) {
  entries_.clear();
  TRIBUTARY_ASSIGN(const auto lines, parse_checkpoint(text));
  for (const std::string_view line : lines) {
    const auto words = split_words(line, 2);
    const auto epoch = words.empty() ? std::nullopt : parse_number<int32_t>(words[0]);
    const auto offset = words.empty() ? std::nullopt : parse_number<Offset>(words[1]);
    if (!epoch || !offset) {
      entries_.clear();
      return fail(Errc::kCorruption, fmt::format("leader epoch checkpoint: malformed line '{}'", line));
    }
    assign(*epoch, *offset);
  }
  dirty_ = false;
  return {};
}

}  // namespace tributary::storage
