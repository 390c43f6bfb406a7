// What a Metadata response says, in values that own their text.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "address.h"
#include "tributary/base/uuid.h"
#include "tributary/wire/error_code.h"
#include "tributary/wire/messages/metadata.h"

namespace tributary::cli {

struct BrokerInfo {
  int32_t id = -1;
  Address address;
  std::optional<std::string> rack;
};

struct PartitionInfo {
  wire::ErrorCode error{};
  int32_t index = 0;
  int32_t leader = -1;  // -1: none
  int32_t epoch = -1;   // -1: the broker does not say
  std::vector<int32_t> replicas, isr, offline;
};

struct TopicInfo {
  wire::ErrorCode error{};
  std::string name;
  Uuid id;  // zero if the broker does not say
  bool internal = false;
  std::vector<PartitionInfo> partitions;  // by index

  const PartitionInfo* find(int32_t partition) const;  // null if there is none
  size_t replication_factor() const { return partitions.empty() ? 0 : partitions.front().replicas.size(); }
};

struct Metadata {
  std::string cluster_id;
  int32_t controller = -1;
  std::vector<BrokerInfo> brokers;  // by id
  std::vector<TopicInfo> topics;    // by name

  const TopicInfo* find(std::string_view name) const;
};

Metadata to_metadata(const wire::MetadataResponse& response);

}  // namespace tributary::cli
