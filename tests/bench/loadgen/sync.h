// Blocking calls for what comes before a measurement: topics, producer ids, waiting for leaders.
#pragma once
#include <optional>

#include "loop.h"
#include "requests.h"

namespace tributary::bench {

// The body of the answer; nullopt if the broker cannot be reached or hangs up.
std::optional<Buffer> try_call(const Address& address, ByteView frame);
Buffer call(const Address& address, ByteView frame);

// Creates topics that are not there yet, and returns when each of their partitions serves a fetch.
void create_topics(const Address& address, std::span<const std::string> topics, int32_t partitions);
Producer init_producer_id(const Address& address);
// Tries every millisecond until a produce is acknowledged, first creating the topic if `create`; when that
// was.
uint64_t first_produce(const Address& address, const std::string& topic, bool create, double seconds);

}  // namespace tributary::bench
