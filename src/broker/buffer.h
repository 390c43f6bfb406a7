// Memory for what is read from sockets and files. A shard keeps a few chunks of one size for itself; whatever
// is larger comes from the heap. A BufferPtr may be dropped on any thread: a chunk dropped on a foreign one
// is freed, not pooled.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "tributary/base/bytes.h"

namespace tributary::broker {

class Buffer {
 public:
  explicit Buffer(size_t size) : data_(new uint8_t[size]), size_(size) {}
  uint8_t* data() { return data_.get(); }
  size_t size() const { return size_; }
  MutableBytes bytes() { return {data_.get(), size_}; }

 private:
  std::unique_ptr<uint8_t[]> data_;
  size_t size_;
};
using BufferPtr = std::shared_ptr<Buffer>;

inline BufferPtr make_buffer(size_t size) { return std::make_shared<Buffer>(size); }

class ChunkPool {
 public:
  static constexpr size_t kChunkSize = 256 * 1024;
  static constexpr size_t kKept = 16;

  ChunkPool() : state_(std::make_shared<State>()) {}
  // Called on the shard's thread.
  BufferPtr take();

 private:
  struct State {
    std::vector<std::unique_ptr<Buffer>> free;  // touched only by the thread that first called take()
    std::thread::id owner;
  };
  std::shared_ptr<State> state_;
};

// Bytes that may be held together, over all shards. Any thread.
class MemoryBudget {
 public:
  explicit MemoryBudget(size_t limit) : limit_(limit) {}
  // True if it fits, or if nothing else is held: a single request is never starved by its own size.
  bool try_take(size_t bytes);
  // For what is held already; may go over the limit by one answer.
  void take_anyway(size_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }
  void give_back(size_t bytes) {
    used_.fetch_sub(bytes);
    wake();
  }
  // As try_take, but one taker at a time may go over the limit, so that of many who hold a part and want more
  // one always gets on. `who` may until end_overdraft.
  bool try_take_more(size_t bytes, const void* who);
  void end_overdraft(const void* who);

  // Set before any thread takes, or after all are done.
  void call_when_freed(std::function<void()> call) { when_freed_ = std::move(call); }
  // The next give_back makes that call, once. Whoever was refused asks for it and then tries again before
  // waiting: what is freed in between is not missed.
  void ask_for_call() { wanted_.store(true); }
  size_t used() const { return used_.load(std::memory_order_relaxed); }
  size_t limit() const { return limit_; }
  size_t available() const {
    const size_t taken = used();
    return taken < limit_ ? limit_ - taken : 0;
  }

 private:
  void wake() {
    if (wanted_.load() && wanted_.exchange(false) && when_freed_) when_freed_();
  }

  const size_t limit_;
  std::atomic<size_t> used_{0};
  std::atomic<const void*> overdrawn_by_{nullptr};
  std::atomic<bool> wanted_{false};
  std::function<void()> when_freed_;
};

// A share of a budget, given back when destroyed.
class MemoryShare {
 public:
  MemoryShare() = default;
  MemoryShare(MemoryBudget& budget, size_t bytes) : budget_(&budget), bytes_(bytes) {}
  MemoryShare(MemoryShare&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  MemoryShare& operator=(MemoryShare&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MemoryShare() {
    if (budget_ != nullptr) budget_->give_back(bytes_);
  }

 private:
  MemoryBudget* budget_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace tributary::broker
