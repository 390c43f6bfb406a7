// The functions behind the API table, one file each or a few of a kind. All run on the connection's shard
// unless the table says `control`.
#pragma once
#include "request.h"
#include "tributary/wire/messages/alter_configs.h"
#include "tributary/wire/messages/alter_partition_reassignments.h"
#include "tributary/wire/messages/api_versions.h"
#include "tributary/wire/messages/create_partitions.h"
#include "tributary/wire/messages/create_topics.h"
#include "tributary/wire/messages/delete_groups.h"
#include "tributary/wire/messages/delete_records.h"
#include "tributary/wire/messages/delete_topics.h"
#include "tributary/wire/messages/describe_cluster.h"
#include "tributary/wire/messages/describe_configs.h"
#include "tributary/wire/messages/describe_groups.h"
#include "tributary/wire/messages/describe_log_dirs.h"
#include "tributary/wire/messages/describe_producers.h"
#include "tributary/wire/messages/describe_quorum.h"
#include "tributary/wire/messages/describe_topic_partitions.h"
#include "tributary/wire/messages/elect_leaders.h"
#include "tributary/wire/messages/fetch.h"
#include "tributary/wire/messages/find_coordinator.h"
#include "tributary/wire/messages/heartbeat.h"
#include "tributary/wire/messages/incremental_alter_configs.h"
#include "tributary/wire/messages/init_producer_id.h"
#include "tributary/wire/messages/join_group.h"
#include "tributary/wire/messages/leave_group.h"
#include "tributary/wire/messages/list_config_resources.h"
#include "tributary/wire/messages/list_groups.h"
#include "tributary/wire/messages/list_offsets.h"
#include "tributary/wire/messages/list_partition_reassignments.h"
#include "tributary/wire/messages/metadata.h"
#include "tributary/wire/messages/offset_commit.h"
#include "tributary/wire/messages/offset_delete.h"
#include "tributary/wire/messages/offset_fetch.h"
#include "tributary/wire/messages/offset_for_leader_epoch.h"
#include "tributary/wire/messages/produce.h"
#include "tributary/wire/messages/sync_group.h"
#include "tributary/wire/messages/unregister_broker.h"
#include "tributary/wire/messages/update_features.h"

namespace tributary::broker {

void api_versions(RequestPtr request);
void produce(RequestPtr request, const wire::ProduceRequest& message);
void fetch(RequestPtr request, const wire::FetchRequest& message);
void list_offsets(RequestPtr request, const wire::ListOffsetsRequest& message);
void offset_for_leader_epoch(RequestPtr request, const wire::OffsetForLeaderEpochRequest& message);
void metadata(RequestPtr request, const wire::MetadataRequest& message);
void delete_records(RequestPtr request, const wire::DeleteRecordsRequest& message);
void describe_log_dirs(RequestPtr request, const wire::DescribeLogDirsRequest& message);
void describe_producers(RequestPtr request, const wire::DescribeProducersRequest& message);
wire::DescribeClusterResponse describe_cluster(Request& request, const wire::DescribeClusterRequest& message);
wire::DescribeConfigsResponse describe_configs(Request& request, const wire::DescribeConfigsRequest& message);
wire::DescribeTopicPartitionsResponse describe_topic_partitions(
    Request& request, const wire::DescribeTopicPartitionsRequest& message);
void find_coordinator(RequestPtr request, const wire::FindCoordinatorRequest& message);
// By way of the shard of the group's coordinator, or of all.
void join_group(RequestPtr request, wire::JoinGroupRequest& message);
void sync_group(RequestPtr request, wire::SyncGroupRequest& message);
void heartbeat(RequestPtr request, wire::HeartbeatRequest& message);
void leave_group(RequestPtr request, wire::LeaveGroupRequest& message);
void offset_commit(RequestPtr request, wire::OffsetCommitRequest& message);
void offset_fetch(RequestPtr request, wire::OffsetFetchRequest& message);
void offset_delete(RequestPtr request, wire::OffsetDeleteRequest& message);
void describe_groups(RequestPtr request, const wire::DescribeGroupsRequest& message);
void list_groups(RequestPtr request, const wire::ListGroupsRequest& message);
void delete_groups(RequestPtr request, const wire::DeleteGroupsRequest& message);
wire::ListConfigResourcesResponse list_config_resources(Request& request,
                                                        const wire::ListConfigResourcesRequest& message);
wire::ListPartitionReassignmentsResponse list_partition_reassignments(
    Request& request, const wire::ListPartitionReassignmentsRequest& message);
// On the control thread, or by way of it.
wire::InitProducerIdResponse init_producer_id(Request& request, const wire::InitProducerIdRequest& message);
void create_topics(RequestPtr request, const wire::CreateTopicsRequest& message);
void delete_topics(RequestPtr request, const wire::DeleteTopicsRequest& message);
void create_partitions(RequestPtr request, const wire::CreatePartitionsRequest& message);
void alter_configs(RequestPtr request, const wire::AlterConfigsRequest& message);
void incremental_alter_configs(RequestPtr request, const wire::IncrementalAlterConfigsRequest& message);
wire::ElectLeadersResponse elect_leaders(Request& request, const wire::ElectLeadersRequest& message);
wire::AlterPartitionReassignmentsResponse alter_partition_reassignments(
    Request& request, const wire::AlterPartitionReassignmentsRequest& message);
wire::UnregisterBrokerResponse unregister_broker(Request& request,
                                                 const wire::UnregisterBrokerRequest& message);
wire::DescribeQuorumResponse describe_quorum(Request& request, const wire::DescribeQuorumRequest& message);
wire::UpdateFeaturesResponse update_features(Request& request, const wire::UpdateFeaturesRequest& message);

}  // namespace tributary::broker
