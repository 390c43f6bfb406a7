#include "buffer.h"

namespace tributary::broker {

BufferPtr ChunkPool::take() {
  if (state_->owner == std::thread::id{}) state_->owner = std::this_thread::get_id();
  std::unique_ptr<Buffer> chunk;
  if (!state_->free.empty()) {
    chunk = std::move(state_->free.back());
    state_->free.pop_back();
  } else {
    chunk = std::make_unique<Buffer>(kChunkSize);
  }
  return {chunk.release(), [state = state_](Buffer* returned) {
            std::unique_ptr<Buffer> owned(returned);
            if (std::this_thread::get_id() == state->owner && state->free.size() < kKept) {
              state->free.push_back(std::move(owned));
            }
          }};
}

bool MemoryBudget::try_take(size_t bytes) {
  size_t taken = used_.load();
  do {
    if (taken != 0 && taken + bytes > limit_) return false;
  } while (!used_.compare_exchange_weak(taken, taken + bytes));
  return true;
}

bool MemoryBudget::try_take_more(size_t bytes, const void* who) {
  if (try_take(bytes)) return true;
  const void* nobody = nullptr;
  if (!overdrawn_by_.compare_exchange_strong(nobody, who) && nobody != who) return false;
  take_anyway(bytes);
  return true;
}

void MemoryBudget::end_overdraft(const void* who) {
  const void* expected = who;
  if (overdrawn_by_.compare_exchange_strong(expected, nullptr)) wake();
}

}  // namespace tributary::broker
