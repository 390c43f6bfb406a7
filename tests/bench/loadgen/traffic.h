// What a Sender can send.
#pragma once
#include "requests.h"
#include "sender.h"

namespace tributary::bench {

// The same frame over and over: ApiVersions, Metadata.
class Repeat : public Traffic {
 public:
  explicit Repeat(Buffer frame) : frame_(std::move(frame)) {}
  MutableBytes next_frame() override { return frame_; }
  void answered(ByteView body, Totals& totals) override { totals.bytes += body.size(); }

 private:
  Buffer frame_;
};

struct ProduceOptions {
  std::vector<TopicPartition> partitions;  // all that this connection writes to, in turns
  int32_t partitions_per_request = 1;
  int32_t records_per_batch = 1;
  size_t batch_bytes = 1024;
  int16_t acks = 1;
  Producer producer;  // with an id: idempotent, every batch gets the next sequence of its partition
};

class Produce : public Traffic {
 public:
  explicit Produce(const ProduceOptions& options);
  MutableBytes next_frame() override;
  void answered(ByteView body, Totals& totals) override;
  void unanswered(Totals& totals) override { count(totals); }

 private:
  void count(Totals& totals) const;

  ProduceOptions options_;
  std::vector<ProduceFrame> frames_;
  std::vector<int32_t> sequences_;  // of each frame
  size_t turn_ = 0;
};

}  // namespace tributary::bench
