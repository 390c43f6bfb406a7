// The partitions of one fetch that belong to one shard: read there, and watched there while the fetch waits.
// Made by the fetch's own shard, then touched only on the partitions' shard.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "buffer.h"
#include "shard.h"
#include "tributary/replica/partition.h"
#include "tributary/wire/messages/fetch.h"

namespace tributary::broker {

// One partition of a fetch: what is asked, and what the last reading gave.
struct FetchItem {
  std::string_view topic;
  Uuid topic_id;
  int32_t partition = 0;
  int32_t current_leader_epoch = -1;
  int32_t last_fetched_epoch = -1;
  int64_t fetch_offset = 0;
  size_t max_bytes = 0;

  wire::FetchResponse::PartitionData answer;
  std::optional<storage::ReadPlan> cold;  // not in the page cache: to be read on the disk pool
  size_t limit = 0;                       // of the last reading
};

struct FetchLimits {
  storage::Isolation isolation = storage::Isolation::kHighWatermark;
  bool by_id = false;
  bool from_follower = false;  // by its own word; nobody is one yet
};

// Memory that an answer's records stand in.
struct FetchBuffers {
  std::vector<BufferPtr> slabs;
  size_t used_of_last = 0;
  MemoryShare share;

  MutableBytes allocate(size_t bytes, size_t slab_hint);
};

class FetchPart final : public replica::ProgressObserver, public std::enable_shared_from_this<FetchPart> {
 public:
  using Done = std::function<void()>;  // called on the home shard

  FetchPart(Shard& home, size_t shard, FetchLimits limits) : home_(home), shard_(shard), limits_(limits) {}
  ~FetchPart() override = default;

  size_t shard() const { return shard_; }
  std::vector<FetchItem*>& items() { return items_; }
  size_t bytes_read() const { return bytes_read_; }
  // What counts for min_bytes: where a limit cut a reading short, that limit in full.
  size_t bytes_there() const { return bytes_there_; }
  bool answer_now() const { return answer_now_; }  // an error, a divergence, a full answer: no reason to wait
  std::shared_ptr<FetchBuffers> buffers() const { return buffers_; }

  // Reads all items on their shard and watches them from then on, then `done`, on the home shard. `on_gain`
  // is called there, once, when more became visible. At most `max_bytes`; `min_one_batch` lets the first
  // batch found be larger.
  void read(size_t max_bytes, bool min_one_batch, Done done, Done on_gain);
  // Bytes that became visible since the last reading, as far as the home shard was told.
  uint64_t gained() const { return gained_told_; }
  // Stops watching; on the home shard, before the last pointer there is dropped.
  void release();

  void on_progress(replica::Partition& partition, replica::ProgressHook& hook) override;

 private:
  void read_here(Shard& here);
  void read_item(Shard& here, FetchItem& item, replica::ProgressHook& hook);
  void read_records(Shard& here, replica::Partition& partition, FetchItem& item);
  void read_cold(Shard& here);
  void finish(Shard& here);
  void take_result(FetchItem& item, const storage::ReadPlan::Outcome& outcome, MutableBytes buffer);
  void tell_gain();

  Shard& home_;
  const size_t shard_;
  const FetchLimits limits_;
  std::vector<FetchItem*> items_;
  std::unique_ptr<replica::ProgressHook[]> hooks_;
  std::shared_ptr<FetchBuffers> buffers_;
  size_t bytes_left_ = 0;
  size_t bytes_read_ = 0;
  size_t bytes_there_ = 0;
  bool nothing_yet_ = true;  // the first batch found is returned whole, however large
  bool answer_now_ = false;
  bool gain_told_ = false;
  uint64_t gained_ = 0;
  uint64_t gained_told_ = 0;
  Done done_;
  Done on_gain_;
};

}  // namespace tributary::broker
