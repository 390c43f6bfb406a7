#include "sync.h"

#include <thread>

#include "fetch_answer.h"
#include "socket.h"

namespace tributary::bench {
namespace {

void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

bool serves_fetch(const Address& address, std::span<const std::string> topics, int32_t partitions) {
  std::vector<FetchTarget> targets;
  for (const std::string& topic : topics)
    for (int32_t p = 0; p < partitions; ++p) targets.push_back({{topic, p}, 0});
  FetchLimits limits{.max_wait_ms = 0, .min_bytes = 0, .max_bytes = 1, .partition_max_bytes = 1};
  bool all = true;
  Buffer body = call(address, fetch_request(targets, limits));
  read_fetch_answer(body, [&](const FetchedPartition& fetched) { all = all && fetched.error == 0; });
  return all;
}

}  // namespace

std::optional<Buffer> try_call(const Address& address, ByteView frame) {
  Socket socket(address);
  if (!socket.connected() || !socket.write(frame)) return std::nullopt;
  return socket.read_answer();
}

Buffer call(const Address& address, ByteView frame) {
  std::optional<Buffer> body = try_call(address, frame);
  if (!body) die("the broker cannot be reached or hung up");
  return std::move(*body);
}

void create_topics(const Address& address, std::span<const std::string> topics, int32_t partitions) {
  constexpr size_t kAtATime = 200;
  for (size_t i = 0; i < topics.size(); i += kAtATime) {
    std::span<const std::string> some = topics.subspan(i, std::min(kAtATime, topics.size() - i));
    Buffer body = call(address, create_topics_request(some, partitions));
    if (int16_t error = read_create_topics_error(body)) die("CreateTopics: error " + std::to_string(error));
  }
  for (size_t i = 0; i < topics.size(); i += kAtATime)
    while (!serves_fetch(address, topics.subspan(i, std::min(kAtATime, topics.size() - i)), partitions))
      pause();
}

Producer init_producer_id(const Address& address) {
  constexpr int kTries = 10'000;  // a broker may still be loading what it needs for that
  for (int i = 0; i < kTries; ++i, pause())
    if (auto producer = read_producer(call(address, init_producer_id_request()))) return *producer;
  die("InitProducerId is refused");
}

uint64_t first_produce(const Address& address, const std::string& topic, bool create, double seconds) {
  Buffer creation = create_topics_request(std::span(&topic, 1), 1);
  ProduceFrame frame = produce_request({{topic, 0}}, make_batch(1, 200), -1);
  uint64_t end = now_ns() + uint64_t(seconds * 1e9);
  for (bool created = !create; now_ns() < end; pause()) {
    if (!created) {
      auto answer = try_call(address, creation);
      created = answer && read_create_topics_error(*answer) == 0;
    }
    if (!created) continue;
    if (auto answer = try_call(address, frame.bytes); answer && read_produce_answer(*answer).error == 0)
      return now_ns();
  }
  die("no produce was acknowledged in time");
}

}  // namespace tributary::bench
