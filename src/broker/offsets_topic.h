// The topic of committed offsets: which of its partitions a group belongs to, and how it comes to be.
#pragma once
#include <functional>
#include <string_view>
#include <vector>

#include "broker_context.h"

namespace tributary::broker {

inline constexpr std::string_view kOffsetsTopic = "__consumer_offsets";

// As Java's String.hashCode: what clients' tools compute too.
int32_t java_hash(std::string_view utf8);
int32_t partition_of_group(std::string_view group, int32_t partitions);

// Makes the topic when the first coordinator is looked for.
class OffsetsTopic {
 public:
  explicit OffsetsTopic(BrokerContext& context) : context_(context) {}
  // From any thread. `done` is run on the control thread, when all shards have the topic or it could not be
  // made.
  void ensure(std::function<void()> done);

 private:
  void make();

  BrokerContext& context_;
};

}  // namespace tributary::broker
