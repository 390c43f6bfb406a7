#include "fetch_session.h"

#include <algorithm>

namespace tributary::broker {

using wire::ErrorCode;

void FetchSession::update(const wire::FetchRequest& request) {
  for (const auto& topic : request.topics) {
    for (const auto& asked : topic.partitions) {
      Key key{std::string(topic.topic), topic.topic_id, asked.partition};
      const auto known = index_.find(key);
      if (known == index_.end()) {
        partitions_.emplace_back();
        index_.emplace(std::move(key), std::prev(partitions_.end()));
        partitions_.back().topic = topic.topic;
        partitions_.back().topic_id = topic.topic_id;
        partitions_.back().partition = asked.partition;
      }
      FetchedPartition& cached = known == index_.end() ? partitions_.back() : *known->second;
      cached.max_bytes = asked.partition_max_bytes;
      cached.current_leader_epoch = asked.current_leader_epoch;
      cached.last_fetched_epoch = asked.last_fetched_epoch;
      cached.fetch_offset = asked.fetch_offset;
      cached.log_start_offset_there = asked.log_start_offset;
    }
  }
  for (const auto& topic : request.forgotten_topics_data) {
    for (const int32_t partition : topic.partitions) {
      const auto known = index_.find({std::string(topic.topic), topic.topic_id, partition});
      if (known == index_.end()) continue;
      partitions_.erase(known->second);
      index_.erase(known);
    }
  }
}

FetchSessionCache::FetchSessionCache(size_t slots, size_t max_partitions, int64_t eviction_ms, uint64_t seed)
    : slots_per_stripe_((slots + kStripes - 1) / kStripes),
      max_partitions_(max_partitions),
      eviction_ms_(eviction_ms) {
  for (size_t i = 0; i < kStripes; ++i) stripes_[i].random = Random(seed + i);
}

bool FetchSessionCache::evict_one(Stripe& stripe, int64_t unused_since_ms) {
  auto oldest = stripe.sessions.end();
  for (auto it = stripe.sessions.begin(); it != stripe.sessions.end(); ++it) {
    const FetchSession& session = *it->second;
    if (session.in_use_ || session.last_used_ms_ > unused_since_ms) continue;
    if (oldest == stripe.sessions.end() || session.last_used_ms_ < oldest->second->last_used_ms_) oldest = it;
  }
  if (oldest == stripe.sessions.end()) return false;
  stripe.sessions.erase(oldest);
  return true;
}

std::shared_ptr<FetchSession> FetchSessionCache::create(bool by_id, int64_t now_ms) {
  const size_t which = next_stripe_.fetch_add(1, std::memory_order_relaxed) % kStripes;
  Stripe& stripe = stripes_[which];
  const std::lock_guard lock(stripe.mutex);
  if (slots_per_stripe_ == 0) return nullptr;
  if (stripe.sessions.size() >= slots_per_stripe_) {
    if (!evict_one(stripe, now_ms - eviction_ms_)) return nullptr;
    evictions_.add();
  }
  for (;;) {
    const auto drawn = static_cast<int32_t>(1 + stripe.random.below(INT32_MAX / kStripes - 1));
    const int32_t id = drawn * static_cast<int32_t>(kStripes) + static_cast<int32_t>(which);
    if (id <= 0 || stripe.sessions.contains(id)) continue;
    auto session = std::make_shared<FetchSession>(id, by_id, partitions_);
    session->last_used_ms_ = now_ms;
    session->in_use_ = true;
    stripe.sessions.emplace(id, session);
    return session;
  }
}

FetchSessionCache::Found FetchSessionCache::take(int32_t id, int32_t epoch, bool by_id, int64_t now_ms) {
  if (id <= 0) return {nullptr, ErrorCode::kFetchSessionIdNotFound};
  Stripe& stripe = stripe_of(id);
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.sessions.find(id);
  if (found == stripe.sessions.end()) return {nullptr, ErrorCode::kFetchSessionIdNotFound};
  FetchSession& session = *found->second;
  // A second request in the same session while the first is in progress cannot have the right epoch.
  if (session.in_use_ || session.epoch_ != epoch) return {nullptr, ErrorCode::kInvalidFetchSessionEpoch};
  if (session.by_id_ != by_id) return {nullptr, ErrorCode::kFetchSessionTopicIdError};
  session.in_use_ = true;
  session.last_used_ms_ = now_ms;
  session.advance_epoch();
  return {found->second, ErrorCode::kNone};
}

void FetchSessionCache::give_back(FetchSession& session) {
  const std::lock_guard lock(stripe_of(session.id()).mutex);
  session.in_use_ = false;
}

bool FetchSessionCache::has_room(FetchSession& session) const {
  const size_t before = std::exchange(session.counted_, session.partitions_.size());
  const size_t now = partitions_->fetch_add(session.counted_ - before) + session.counted_ - before;
  return now <= max_partitions_ || session.counted_ <= before;
}

void FetchSessionCache::close(int32_t id) {
  if (id <= 0) return;
  Stripe& stripe = stripe_of(id);
  const std::lock_guard lock(stripe.mutex);
  stripe.sessions.erase(id);
}

size_t FetchSessionCache::size() const {
  size_t total = 0;
  for (const Stripe& stripe : stripes_) {
    const std::lock_guard lock(stripe.mutex);
    total += stripe.sessions.size();
  }
  return total;
}

}  // namespace tributary::broker
