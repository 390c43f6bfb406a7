#include "offsets_topic.h"

#include <cstdlib>

#include "partition_manager.h"

namespace tributary::broker {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;

struct CodePoint {
  uint32_t value;
  size_t bytes;
};

// The one at the front; what is no UTF-8 is replaced byte by byte.
CodePoint decode_front(std::string_view text) {
  const auto first = static_cast<uint8_t>(text.front());
  if (first < 0x80) return {first, 1};
  const size_t length = first >= 0xF0 && first < 0xF8 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (length == 0 || first >= 0xF8 || text.size() < length) return {kReplacement, 1};
  uint32_t value = first & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    if ((next & 0xC0) != 0x80) return {kReplacement, 1};
    value = value << 6 | (next & 0x3Fu);
  }
  return {value, length};
}

}  // namespace

int32_t java_hash(std::string_view utf8) {
  uint32_t hash = 0;
  while (!utf8.empty()) {
    const auto [value, bytes] = decode_front(utf8);
    utf8.remove_prefix(bytes);
    if (value >= 0x10000) {
      hash = 31 * hash + (0xD800 + ((value - 0x10000) >> 10));
      hash = 31 * hash + (0xDC00 + ((value - 0x10000) & 0x3FF));
    } else {
      hash = 31 * hash + value;
    }
  }
  return static_cast<int32_t>(hash);
}

int32_t partition_of_group(std::string_view group, int32_t partitions) {
  const int32_t hash = java_hash(group);
  return (hash == INT32_MIN ? 0 : std::abs(hash)) % partitions;
}

void OffsetsTopic::ensure(std::function<void()> done) {
  boost::asio::post(context_.control, [this, done = std::move(done)] {
    if (!context_.controller->image()->find_topic(kOffsetsTopic)) make();
    context_.partitions->when_current(done);
  });
}

void OffsetsTopic::make() {
  const config::Values& values = *context_.values;
  const std::string segment_bytes = std::to_string(values.get_int("offsets.topic.segment.bytes"));
  wire::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = kOffsetsTopic;
  topic.num_partitions = values.get_int("offsets.topic.num.partitions");
  topic.replication_factor = static_cast<int16_t>(values.get_int("offsets.topic.replication.factor"));
  for (const auto& [name, value] :
       {std::pair<std::string_view, std::string_view>{"cleanup.policy", "compact"},
        {"compression.type", "producer"},
        {"segment.bytes", segment_bytes}}) {
    auto& config = topic.configs.emplace_back();
    config.name = name;
    config.value = value;
  }
  wire::Arena arena;
  const auto made =
      context_.controller->create_topics(request, wire::CreateTopicsRequest::kMaxVersion, arena);
  for (const auto& one : made.topics) {
    if (one.error_code == wire::ErrorCode::kNone ||
        !context_.storage_log.allow(context_.clock.monotonic_ns()))
      continue;
    spdlog::error("{} cannot be made, so no group has a coordinator: {}", kOffsetsTopic,
                  one.error_message.value_or(wire::error_name(one.error_code)));
  }
}

}  // namespace tributary::broker
