#include "ledger.h"

#include <fmt/format.h>
#include <poll.h>

#include <thread>

#include "fetch_answer.h"
#include "sync.h"

namespace tributary::bench {
namespace {

constexpr uint64_t kPatience = 60'000'000'000;

Buffer number(int64_t value) {
  Buffer bytes(100, '.');
  store_be<int64_t>(bytes.data(), value);
  return bytes;
}

}  // namespace

Ledger::Ledger(const Address& broker, const std::string& topic, int32_t partitions, int depth)
    : broker_(broker),
      topic_(topic),
      depth_(size_t(depth)),
      producer_(init_producer_id(broker)),
      partitions_(size_t(partitions)) {}

bool Ledger::writing() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  char byte;
  if (writing_ && poll(&input, 1, 0) > 0 && read(STDIN_FILENO, &byte, 1) <= 0) writing_ = false;
  return writing_;
}

bool Ledger::drained() const {
  return std::all_of(partitions_.begin(), partitions_.end(),
                     [](const Partition& p) { return p.window.empty(); });
}

void Ledger::add_batch(int32_t index) {
  Partition& partition = partitions_[size_t(index)];
  std::vector<Buffer> values;
  for (uint32_t i = 0; i <= batches_ % 7; ++i) values.push_back(number(partition.next + i));
  ++batches_;
  int64_t count = int64_t(values.size());
  Buffer batch = make_batch(values, producer_, int32_t(partition.next & INT32_MAX));
  partition.window.push_back({partition.next, count, produce_request({{topic_, index}}, batch, -1).bytes});
  partition.next += count;
}

bool Ledger::send(Socket& socket, size_t partition, const Pending& pending) {
  in_flight_.push_back(partition);
  return socket.write(pending.frame);
}

bool Ledger::resend(Socket& socket) {
  in_flight_.clear();
  for (size_t p = 0; p < partitions_.size(); ++p)
    for (const Pending& pending : partitions_[p].window)
      if (!send(socket, p, pending)) return false;
  return true;
}

bool Ledger::fill(Socket& socket) {
  for (size_t p = 0; p < partitions_.size(); ++p)
    while (partitions_[p].window.size() < depth_) {
      add_batch(int32_t(p));
      if (!send(socket, p, partitions_[p].window.back())) return false;
    }
  return true;
}

// False when the connection is gone or the broker refused: then everything is sent again on a new one.
bool Ledger::take_answer(Socket& socket) {
  std::optional<Buffer> body = socket.read_answer();
  if (!body) return false;
  ProduceAnswer answer = read_produce_answer(*body);
  last_error_ = answer.error;
  if (answer.error != 0) return false;
  Partition& partition = partitions_[in_flight_.front()];
  in_flight_.pop_front();
  const Pending& pending = partition.window.front();
  if (answer.base_offset != pending.first)
    die(fmt::format("number {} was acknowledged at offset {}", pending.first, answer.base_offset));
  partition.acked += pending.count;
  partition.window.pop_front();
  if (last_progress_ == 0) fmt::print(stderr, "the first batch is acknowledged\n");
  last_progress_ = now_ns();
  return true;
}

void Ledger::session() {
  Socket socket(broker_);
  if (!socket.connected() || !resend(socket)) return;
  while (true) {
    if (writing() && !fill(socket)) return;
    if (in_flight_.empty() || !take_answer(socket)) return;
  }
}

void Ledger::write() {
  uint64_t begin = now_ns();
  while (writing() || !drained()) {
    session();
    ++sessions_;
    if (now_ns() - std::max(begin, last_progress_) > kPatience)
      die(fmt::format("no progress for a minute, last error {}", last_error_));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

int64_t Ledger::acknowledged() const {
  int64_t sum = 0;
  for (const Partition& partition : partitions_) sum += partition.acked;
  return sum;
}

void Ledger::verify() const {
  for (size_t p = 0; p < partitions_.size(); ++p) verify(int32_t(p));
}

void Ledger::verify(int32_t index) const {
  int64_t next = 0;
  for (int64_t high_watermark = 1; next < high_watermark;) {
    Buffer body = call(broker_, fetch_request({{{topic_, index}, next}}, FetchLimits{}));
    read_fetch_answer(body, [&](const FetchedPartition& fetched) {
      if (fetched.error != 0) die(fmt::format("fetch of partition {}: error {}", index, fetched.error));
      high_watermark = fetched.high_watermark;
      verify_batches(fetched.records);
      each_record(fetched.records, [&](int64_t offset, ByteView value) {
        if (offset < next) return;  // of a batch whose end was asked for
        int64_t found = value.size() < 8 ? -1 : load_be<int64_t>(value.data());
        if (offset != next || found != next)
          die(fmt::format("partition {}: at offset {} is number {}, {} must come", index, offset, found,
                          next));
        ++next;
      });
    });
  }
  if (int64_t acked = partitions_[size_t(index)].acked; next != acked)
    die(fmt::format("partition {}: {} records in the log, {} acknowledged", index, next, acked));
}

}  // namespace tributary::bench
