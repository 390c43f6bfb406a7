#include "consumer_protocol.h"

#include "tributary/wire/reader.h"

namespace tributary::cli {
namespace {

std::vector<TopicPartitions> read_partitions(wire::Reader& in) {
  std::vector<TopicPartitions> list;
  for (size_t n = in.read_array_size(false, 6); n > 0 && in.ok(); --n) {
    TopicPartitions& topic = list.emplace_back();
    topic.topic = in.read_string(false);
    for (size_t m = in.read_array_size(false, 4); m > 0 && in.ok(); --m)
      topic.partitions.push_back(in.read_int32());
  }
  return list;
}

}  // namespace

std::optional<std::vector<TopicPartitions>> decode_assignment(ByteView bytes) {
  if (bytes.empty()) return std::vector<TopicPartitions>{};
  wire::Reader in(bytes);
  const int16_t version = in.read_int16();
  auto list = read_partitions(in);
  if (version < 0 || !in.ok()) return std::nullopt;
  return list;
}

std::optional<Subscription> decode_subscription(ByteView bytes) {
  wire::Reader in(bytes);
  Subscription subscription;
  const int16_t version = in.read_int16();
  for (size_t n = in.read_array_size(false, 2); n > 0 && in.ok(); --n) {
    subscription.topics.emplace_back(in.read_string(false));
  }
  in.read_nullable_bytes(false);  // user data, for the assignor
  if (version >= 1) subscription.owned = read_partitions(in);
  if (version >= 2) in.read_int32();  // generation
  if (version >= 3) {
    if (const auto rack = in.read_nullable_string(false)) subscription.rack = std::string(*rack);
  }
  if (version < 0 || !in.ok()) return std::nullopt;
  return subscription;
}

}  // namespace tributary::cli
