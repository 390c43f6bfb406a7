#include "traffic.h"

namespace tributary::bench {

Produce::Produce(const ProduceOptions& options) : options_(options) {
  Buffer batch = make_batch(options_.records_per_batch, options_.batch_bytes, options_.producer);
  size_t each = size_t(options_.partitions_per_request);
  for (size_t i = 0; i < options_.partitions.size(); i += each) {
    auto first = options_.partitions.begin() + ptrdiff_t(i);
    auto last = first + ptrdiff_t(std::min(each, options_.partitions.size() - i));
    frames_.push_back(produce_request({first, last}, batch, options_.acks));
  }
  sequences_.resize(frames_.size());
}

MutableBytes Produce::next_frame() {
  size_t turn = turn_++ % frames_.size();
  ProduceFrame& frame = frames_[turn];
  if (options_.producer.id >= 0) {
    for (size_t at : frame.batches)
      patch_sequence(MutableBytes(frame.bytes).subspan(at, frame.batch_size), sequences_[turn]);
    sequences_[turn] =
        int32_t((uint32_t(sequences_[turn]) + uint32_t(options_.records_per_batch)) & INT32_MAX);
  }
  return frame.bytes;
}

void Produce::answered(ByteView body, Totals& totals) {
  if (int16_t error = read_produce_answer(body).error) {
    if (totals.errors++ == 0) totals.first_error = error;
    return;
  }
  count(totals);
}

void Produce::count(Totals& totals) const {
  size_t batches = frames_.front().batches.size();
  totals.records += batches * size_t(options_.records_per_batch);
  totals.bytes += batches * frames_.front().batch_size;
}

}  // namespace tributary::bench
