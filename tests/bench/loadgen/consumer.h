// Fetches partitions in a loop over one connection and follows the offsets; the records themselves are looked
// at once in a thousand answers.
#pragma once
#include <functional>
#include <unordered_map>

#include "fetch_answer.h"
#include "sender.h"

namespace tributary::bench {

struct ConsumeOptions {
  std::vector<TopicPartition> partitions;
  FetchLimits limits;
  uint64_t bytes = UINT64_MAX;  // to read in all; at the end of the partitions it begins anew at offset 0
  std::function<bool()> ends_at_end;  // whether to stop once everything there is has been read
};

class Consumer : public Actor {
 public:
  Consumer(Loop& loop, const Address& address, ConsumeOptions options, Totals& totals);

  void begin(uint64_t now) override { fetch(now); }
  bool done() const override { return finished_; }

 private:
  void fetch(uint64_t now);
  void answer(ByteView body);
  void take(const FetchedPartition& fetched, bool verify);
  FetchTarget& target(const FetchedPartition& fetched);

  Connection connection_;
  ConsumeOptions options_;
  Totals& totals_;
  std::vector<FetchTarget> targets_;
  uint64_t asked_ = 0;
  int32_t fetches_ = 0;
  uint64_t bytes_ = 0;
  bool at_end_ = false;
  bool last_round_ = false;
  bool finished_ = false;
};

}  // namespace tributary::bench
