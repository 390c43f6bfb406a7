#include "api_table.h"

#include <array>

#include "handler.h"
#include "handlers.h"

namespace tributary::broker {
namespace {

template <typename Message>
constexpr Api row(void (*function)(std::shared_ptr<Request>)) {
  return {Message::kKey, Message::kMinVersion, Message::kMaxVersion, Message::kMinVersion, function, 0};
}

constexpr Api advertised_from(int16_t min_version, Api api) {
  api.advertised_min = min_version;
  return api;
}

// Versions that Kafka calls unstable are not served.
constexpr Api up_to(int16_t max_version, Api api) {
  api.max_version = max_version;
  return api;
}

template <typename Message, auto kFunction>
constexpr Api handled() {
  return row<Message>(&handle<Message, kFunction>);
}
template <typename Message, auto kFunction>
constexpr Api parked() {
  return row<Message>(&park<Message, kFunction>);
}
template <typename Message, auto kFunction>
constexpr Api answered() {
  return row<Message>(&answer<Message, kFunction>);
}
template <typename Message, auto kFunction>
constexpr Api controlled() {
  return row<Message>(&control<Message, kFunction>);
}

constexpr auto make_table() {
  using namespace wire;
  auto table = std::to_array<Api>({
      advertised_from(0, handled<ProduceRequest, &produce>()),
      handled<FetchRequest, &fetch>(),
      handled<ListOffsetsRequest, &list_offsets>(),
      handled<MetadataRequest, &metadata>(),
      handled<OffsetCommitRequest, &offset_commit>(),
      handled<OffsetFetchRequest, &offset_fetch>(),
      handled<FindCoordinatorRequest, &find_coordinator>(),
      parked<JoinGroupRequest, &join_group>(),
      handled<HeartbeatRequest, &heartbeat>(),
      handled<LeaveGroupRequest, &leave_group>(),
      parked<SyncGroupRequest, &sync_group>(),
      handled<DescribeGroupsRequest, &describe_groups>(),
      handled<ListGroupsRequest, &list_groups>(),
      row<ApiVersionsRequest>(&api_versions),
      handled<CreateTopicsRequest, &create_topics>(),
      handled<DeleteTopicsRequest, &delete_topics>(),
      handled<DeleteRecordsRequest, &delete_records>(),
      up_to(5, controlled<InitProducerIdRequest, &init_producer_id>()),
      handled<OffsetForLeaderEpochRequest, &offset_for_leader_epoch>(),
      answered<DescribeConfigsRequest, &describe_configs>(),
      handled<AlterConfigsRequest, &alter_configs>(),
      handled<DescribeLogDirsRequest, &describe_log_dirs>(),
      handled<CreatePartitionsRequest, &create_partitions>(),
      handled<DeleteGroupsRequest, &delete_groups>(),
      controlled<ElectLeadersRequest, &elect_leaders>(),
      handled<IncrementalAlterConfigsRequest, &incremental_alter_configs>(),
      controlled<AlterPartitionReassignmentsRequest, &alter_partition_reassignments>(),
      answered<ListPartitionReassignmentsRequest, &list_partition_reassignments>(),
      handled<OffsetDeleteRequest, &offset_delete>(),
      controlled<DescribeQuorumRequest, &describe_quorum>(),
      controlled<UpdateFeaturesRequest, &update_features>(),
      answered<DescribeClusterRequest, &describe_cluster>(),
      handled<DescribeProducersRequest, &describe_producers>(),
      controlled<UnregisterBrokerRequest, &unregister_broker>(),
      answered<ListConfigResourcesRequest, &list_config_resources>(),
      answered<DescribeTopicPartitionsRequest, &describe_topic_partitions>(),
  });
  for (size_t i = 0; i < table.size(); ++i) table[i].index = i;
  return table;
}

constexpr auto kTable = make_table();
constexpr size_t kLargestKey = 128;

constexpr auto make_index() {
  std::array<int8_t, kLargestKey> index{};
  index.fill(-1);
  for (size_t i = 0; i < kTable.size(); ++i)
    index[static_cast<size_t>(kTable[i].key)] = static_cast<int8_t>(i);
  return index;
}
constexpr auto kIndex = make_index();

}  // namespace

std::span<const Api> api_table() { return kTable; }

const Api* find_api(int16_t key) {
  if (key < 0 || static_cast<size_t>(key) >= kLargestKey) return nullptr;
  const int8_t at = kIndex[static_cast<size_t>(key)];
  return at < 0 ? nullptr : &kTable[static_cast<size_t>(at)];
}

}  // namespace tributary::broker
