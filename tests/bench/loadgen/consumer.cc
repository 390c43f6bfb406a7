#include "consumer.h"

namespace tributary::bench {

Consumer::Consumer(Loop& loop, const Address& address, ConsumeOptions options, Totals& totals)
    : connection_(loop, address, 2 << 20), options_(std::move(options)), totals_(totals) {
  for (const TopicPartition& partition : options_.partitions) targets_.push_back({partition, 0});
  connection_.on_frame([this](int32_t, ByteView body) { answer(body); });
}

void Consumer::fetch(uint64_t now) {
  Buffer frame = fetch_request(targets_, options_.limits);
  stamp(frame, fetches_++);
  asked_ = now;
  last_round_ =
      options_.ends_at_end();  // asked before the answer is made: it then covers all that was written
  connection_.send(frame);
}

void Consumer::answer(ByteView body) {
  uint64_t now = now_ns();
  totals_.latency.add(now - asked_);
  bool verify = totals_.requests++ % 1000 == 0;
  at_end_ = true;
  read_fetch_answer(body, [&](const FetchedPartition& fetched) { take(fetched, verify); });
  if (bytes_ >= options_.bytes || (at_end_ && last_round_)) {
    finished_ = true;
    return;
  }
  if (at_end_ && options_.bytes != UINT64_MAX)
    for (FetchTarget& target : targets_) target.offset = 0;
  fetch(now);
}

FetchTarget& Consumer::target(const FetchedPartition& fetched) {
  for (FetchTarget& target : targets_)
    if (target.partition.partition == fetched.partition && target.partition.topic == fetched.topic)
      return target;
  die("an answer for a partition not asked for");
}

void Consumer::take(const FetchedPartition& fetched, bool verify) {
  if (fetched.error != 0) die("Fetch: partition error " + std::to_string(fetched.error));
  FetchTarget& mine = target(fetched);
  if (verify) verify_batches(fetched.records);
  BatchSpan span = walk_batches(fetched.records);
  if (span.next_offset >= 0) {
    if (span.next_offset <= mine.offset) die("Fetch: no progress");
    mine.offset = span.next_offset;
  }
  totals_.records += uint64_t(span.records);
  totals_.bytes += fetched.records.size();
  bytes_ += fetched.records.size();
  at_end_ = at_end_ && mine.offset >= fetched.high_watermark;
}

}  // namespace tributary::bench
