// Fetch sessions (KIP-227): the partitions a client fetches, kept between its requests, so that a request
// names only what changed and an answer holds only what is new. The cache is shared by all shards and
// bounded; each session is used by one request at a time.
#pragma once
#include <array>
#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tributary/base/metrics.h"
#include "tributary/base/random.h"
#include "tributary/base/uuid.h"
#include "tributary/wire/error_code.h"
#include "tributary/wire/messages/fetch.h"

namespace tributary::broker {

// What a client asks of one partition, and what it was told last.
struct FetchedPartition {
  std::string topic;  // empty where the client fetches by id and the id is unknown here
  Uuid topic_id;
  int32_t partition = 0;
  int32_t max_bytes = 0;
  int32_t current_leader_epoch = -1;
  int32_t last_fetched_epoch = -1;
  int64_t fetch_offset = 0;
  int64_t log_start_offset_there = -1;  // the fetcher's own
  int64_t told_high_watermark = -1;
  int64_t told_log_start = -1;
};

class FetchSession {
 public:
  FetchSession(int32_t id, bool by_id, std::shared_ptr<std::atomic<size_t>> total)
      : id_(id), by_id_(by_id), total_(std::move(total)) {}
  ~FetchSession() { total_->fetch_sub(counted_); }
  FetchSession(const FetchSession&) = delete;
  FetchSession& operator=(const FetchSession&) = delete;
  int32_t id() const { return id_; }
  int32_t epoch() const { return epoch_; }
  bool by_id() const { return by_id_; }
  void advance_epoch() { epoch_ = epoch_ == INT32_MAX ? 1 : epoch_ + 1; }

  // Adds, changes and forgets what the request says. In the order of first mention.
  void update(const wire::FetchRequest& request);
  std::list<FetchedPartition>& partitions() { return partitions_; }
  // Served last time: goes to the end, so that no partition starves behind one with much data.
  void move_to_end(std::list<FetchedPartition>::iterator partition) {
    partitions_.splice(partitions_.end(), partitions_, partition);
  }

 private:
  friend class FetchSessionCache;
  struct Key {
    std::string topic;
    Uuid topic_id;
    int32_t partition;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const {
      return std::hash<std::string>{}(key.topic) ^ UuidHash {}(key.topic_id) ^
             (static_cast<size_t>(key.partition) << 7);
    }
  };

  const int32_t id_;
  const bool by_id_;
  int32_t epoch_ = 1;  // the next one expected
  std::list<FetchedPartition> partitions_;
  std::unordered_map<Key, std::list<FetchedPartition>::iterator, KeyHash> index_;
  int64_t last_used_ms_ = 0;
  bool in_use_ = false;
  // Of all sessions' partitions, the share that is counted for this one.
  std::shared_ptr<std::atomic<size_t>> total_;
  size_t counted_ = 0;
};

class FetchSessionCache {
 public:
  // `max_partitions`: of all sessions together.
  FetchSessionCache(size_t slots, size_t max_partitions, int64_t eviction_ms, uint64_t seed);

  // Null when no slot is free and none may be evicted: the request is then served without a session.
  std::shared_ptr<FetchSession> create(bool by_id, int64_t now_ms);
  // FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH or FETCH_SESSION_TOPIC_ID_ERROR where it does not
  // fit.
  struct Found {
    std::shared_ptr<FetchSession> session;
    wire::ErrorCode error = wire::ErrorCode::kNone;
  };
  Found take(int32_t id, int32_t epoch, bool by_id, int64_t now_ms);
  void give_back(FetchSession& session);
  // After an update: false if the sessions hold too many partitions now; then this one has to be closed.
  bool has_room(FetchSession& session) const;
  void close(int32_t id);

  size_t size() const;
  const Counter& evictions() const { return evictions_; }

 private:
  // Sessions are found by id only; stripes keep shards out of each other's way.
  static constexpr size_t kStripes = 16;
  struct Stripe {
    mutable std::mutex mutex;
    std::unordered_map<int32_t, std::shared_ptr<FetchSession>> sessions;
    Random random{0};
  };
  Stripe& stripe_of(int32_t id) { return stripes_[static_cast<size_t>(id) % kStripes]; }
  static bool evict_one(Stripe& stripe, int64_t unused_since_ms);

  const size_t slots_per_stripe_;
  const size_t max_partitions_;
  std::shared_ptr<std::atomic<size_t>> partitions_ = std::make_shared<std::atomic<size_t>>(0);
  const int64_t eviction_ms_;
  std::array<Stripe, kStripes> stripes_;
  std::atomic<size_t> next_stripe_{0};
  Counter evictions_;
};

}  // namespace tributary::broker
