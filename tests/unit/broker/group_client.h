// Short ways to ask a broker for what consumer groups need, over the wire.
#pragma once
#include "running_broker.h"

namespace tributary::broker::test {

inline ErrorCode find_coordinator(Client& client, std::string_view group, int8_t type = 0,
                                  int16_t version = 4) {
  wire::FindCoordinatorRequest request;
  request.key_type = type;
  request.key = group;
  request.coordinator_keys = {group};
  const auto reply = client.call<wire::FindCoordinatorResponse>(request, version);
  if (!reply) return ErrorCode::kUnknownServerError;
  if (version < 4) return reply->error_code;
  return reply->coordinators.size() == 1 ? reply->coordinators[0].error_code : ErrorCode::kUnknownServerError;
}

struct Membership {
  std::string group;
  std::string member_id{};
  int32_t generation = -1;
};

inline wire::OffsetCommitRequest commit_request(const Membership& by, const Topic& topic, int32_t partition,
                                                int64_t offset, std::string_view metadata = "") {
  wire::OffsetCommitRequest request;
  request.group_id = by.group;
  request.member_id = by.member_id;
  request.generation_id_or_member_epoch = by.generation;
  auto& asked = request.topics.emplace_back();
  asked.name = topic.name;
  asked.topic_id = topic.id;
  auto& one = asked.partitions.emplace_back();
  one.partition_index = partition;
  one.committed_offset = offset;
  one.committed_metadata = metadata;
  return request;
}

inline ErrorCode commit(Client& client, const Membership& by, const Topic& topic, int32_t partition,
                        int64_t offset, int16_t version = 9) {
  const auto reply =
      client.call<wire::OffsetCommitResponse>(commit_request(by, topic, partition, offset), version);
  if (!reply || reply->topics.size() != 1 || reply->topics[0].partitions.size() != 1)
    return ErrorCode::kUnknownServerError;
  return reply->topics[0].partitions[0].error_code;
}

inline wire::OffsetFetchRequest fetch_all_request(const std::vector<std::string>& groups) {
  wire::OffsetFetchRequest request;
  for (const std::string& group : groups) {
    auto& asked = request.groups.emplace_back();
    asked.group_id = group;
    asked.topics = std::nullopt;
  }
  return request;
}

// -1 if there is none, less if the answer is not what it should be.
inline int64_t committed(Client& client, std::string_view group, const Topic& topic, int32_t partition,
                         int16_t version = 9) {
  wire::OffsetFetchRequest request;
  if (version >= 8) {
    auto& asked = request.groups.emplace_back();
    asked.group_id = group;
    auto& in = asked.topics->emplace_back();
    in.name = topic.name;
    in.topic_id = topic.id;
    in.partition_indexes = {partition};
  } else {
    request.group_id = group;
    auto& in = request.topics->emplace_back();
    in.name = topic.name;
    in.partition_indexes = {partition};
  }
  const auto reply = client.call<wire::OffsetFetchResponse>(request, version);
  if (!reply) return -2;
  if (version >= 8) {
    if (reply->groups.size() != 1 || reply->groups[0].topics.size() != 1) return -3;
    if (reply->groups[0].error_code != ErrorCode::kNone)
      return -100 - static_cast<int>(reply->groups[0].error_code);
    return reply->groups[0].topics[0].partitions.at(0).committed_offset;
  }
  if (reply->topics.size() != 1) return -3;
  return reply->topics[0].partitions.at(0).committed_offset;
}

inline wire::JoinGroupRequest join_request(const Membership& by) {
  wire::JoinGroupRequest request;
  request.group_id = by.group;
  request.member_id = by.member_id;
  request.session_timeout_ms = 30'000;
  request.rebalance_timeout_ms = 30'000;
  request.protocol_type = "consumer";
  auto& protocol = request.protocols.emplace_back();
  protocol.name = "range";
  protocol.metadata = as_bytes("subscription");
  return request;
}

// Alone in the group: gets an id, joins, and hands itself an assignment.
inline Membership join_alone(Client& client, const std::string& group) {
  Membership self{group};
  const auto named = client.call<wire::JoinGroupResponse>(join_request(self), 9);
  EXPECT_EQ(named->error_code, ErrorCode::kMemberIdRequired);
  self.member_id = named->member_id;
  const auto joined = client.call<wire::JoinGroupResponse>(join_request(self), 9);
  EXPECT_EQ(joined->error_code, ErrorCode::kNone);
  EXPECT_EQ(joined->leader, self.member_id);
  self.generation = joined->generation_id;
  wire::SyncGroupRequest sync;
  sync.group_id = self.group;
  sync.member_id = self.member_id;
  sync.generation_id = self.generation;
  sync.protocol_type = "consumer";
  sync.protocol_name = "range";
  sync.assignments.push_back({self.member_id, as_bytes("everything"), {}});
  const auto synced = client.call<wire::SyncGroupResponse>(sync, 5);
  EXPECT_EQ(synced->error_code, ErrorCode::kNone);
  EXPECT_EQ(as_text(synced->assignment), "everything");
  return self;
}

inline ErrorCode heartbeat(Client& client, const Membership& by) {
  wire::HeartbeatRequest request;
  request.group_id = by.group;
  request.member_id = by.member_id;
  request.generation_id = by.generation;
  const auto reply = client.call<wire::HeartbeatResponse>(request, 4);
  return reply ? reply->error_code : ErrorCode::kUnknownServerError;
}

inline ErrorCode leave(Client& client, const Membership& by) {
  wire::LeaveGroupRequest request;
  request.group_id = by.group;
  auto& member = request.members.emplace_back();
  member.member_id = by.member_id;
  const auto reply = client.call<wire::LeaveGroupResponse>(request, 5);
  return reply ? reply->error_code : ErrorCode::kUnknownServerError;
}

inline std::string state_of(Client& client, std::string_view group) {
  wire::DescribeGroupsRequest request;
  request.groups = {group};
  const auto reply = client.call<wire::DescribeGroupsResponse>(request, 5);
  return reply && reply->groups.size() == 1 ? std::string(reply->groups[0].group_state) : "no answer";
}

}  // namespace tributary::broker::test
