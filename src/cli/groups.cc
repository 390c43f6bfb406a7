#include "groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "name_patterns.h"
#include "tributary/wire/messages/consumer_group_describe.h"
#include "tributary/wire/messages/describe_groups.h"
#include "tributary/wire/messages/list_groups.h"
#include "tributary/wire/messages/offset_fetch.h"

namespace tributary::cli {
namespace {

using ConsumerGroups = wire::ConsumerGroupDescribeResponse;
using ClassicGroups = wire::DescribeGroupsResponse;

GroupMember to_member(const ConsumerGroups::Member& from) {
  GroupMember member{std::string(from.member_id),   std::nullopt, std::string(from.client_id),
                     std::string(from.client_host), {},           {}};
  if (from.instance_id) member.instance_id = std::string(*from.instance_id);
  member.topics.assign(from.subscribed_topic_names.begin(), from.subscribed_topic_names.end());
  for (const auto& topic : from.assignment.topic_partitions) {
    member.assignment.push_back({std::string(topic.topic_name), topic.partitions});
  }
  return member;
}

GroupMember to_member(const ClassicGroups::DescribedGroupMember& from) {
  GroupMember member{std::string(from.member_id),   std::nullopt, std::string(from.client_id),
                     std::string(from.client_host), {},           {}};
  if (from.group_instance_id) member.instance_id = std::string(*from.group_instance_id);
  if (const auto subscription = decode_subscription(from.member_metadata))
    member.topics = subscription->topics;
  if (auto assignment = decode_assignment(from.member_assignment)) member.assignment = std::move(*assignment);
  return member;
}

template <typename Response>
wire::ErrorCode first_group_error(const Response& response) {
  return response.groups.empty() ? wire::ErrorCode::kNone : response.groups.front().error_code;
}

// None if it is not a group of the new protocol, or the broker knows none.
Result<std::optional<GroupInfo>> describe_consumer_group(Cluster& cluster, const std::string& group) {
  TRIBUTARY_ASSIGN(const bool served, cluster.serves(wire::ApiKey::kConsumerGroupDescribe));
  if (!served) return std::nullopt;
  wire::ConsumerGroupDescribeRequest request;
  request.group_ids = {group};
  TRIBUTARY_ASSIGN(const auto answer, cluster.ask_coordinator<wire::ConsumerGroupDescribeResponse>(
                                          group, request, first_group_error<ConsumerGroups>));
  if (answer->groups.empty()) return std::nullopt;
  const auto& found = answer->groups.front();
  if (found.error_code == wire::ErrorCode::kGroupIdNotFound ||
      found.error_code == wire::ErrorCode::kUnsupportedVersion) {
    return std::nullopt;
  }
  GroupInfo info{group,
                 found.error_code,
                 std::string(found.error_message.value_or("")),
                 -1,
                 std::string(found.group_state),
                 "consumer",
                 std::string(found.assignor_name),
                 {}};
  for (const auto& member : found.members) info.members.push_back(to_member(member));
  return info;
}

Result<GroupInfo> describe_classic_group(Cluster& cluster, const std::string& group) {
  wire::DescribeGroupsRequest request;
  request.groups = {group};
  TRIBUTARY_ASSIGN(const auto answer, cluster.ask_coordinator<wire::DescribeGroupsResponse>(
                                          group, request, first_group_error<ClassicGroups>));
  GroupInfo info{group, wire::ErrorCode::kGroupIdNotFound, {}, -1, {}, "classic", {}, {}};
  if (answer->groups.empty()) return info;
  const auto& found = answer->groups.front();
  info.error = found.error_code;
  info.message = found.error_message.value_or("");
  info.state = found.group_state;
  info.assignor = found.protocol_data;
  for (const auto& member : found.members) info.members.push_back(to_member(member));
  // Before version 6 a group that does not exist is described as a dead one.
  if (info.error == wire::ErrorCode::kNone && info.state == "Dead")
    info.error = wire::ErrorCode::kGroupIdNotFound;
  return info;
}

template <typename Topics>
void take_offsets(const Topics& topics, CommittedOffsets& offsets) {
  for (const auto& topic : topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.error_code != wire::ErrorCode::kNone || partition.committed_offset < 0) continue;
      offsets[{std::string(topic.name), partition.partition_index}] = {
          partition.committed_offset, std::string(partition.metadata.value_or(""))};
    }
  }
}

bool passes(const ListedGroup& group, const GroupFilter& filter) {
  const auto allows = [](const std::vector<std::string>& list, const std::string& value) {
    return list.empty() || std::ranges::any_of(list, [&](const std::string& wanted) {
             return std::ranges::equal(wanted, value, [](char a, char b) {
               return std::tolower(static_cast<unsigned char>(a)) ==
                      std::tolower(static_cast<unsigned char>(b));
             });
           });
  };
  return allows(filter.states, group.state) && allows(filter.types, group.type);
}

}  // namespace

Result<GroupInfo> describe_group(Cluster& cluster, const std::string& group) {
  TRIBUTARY_ASSIGN(const int32_t coordinator, cluster.coordinator(group));
  TRIBUTARY_ASSIGN(auto consumer, describe_consumer_group(cluster, group));
  GroupInfo info;
  if (consumer) {
    info = std::move(*consumer);
  } else {
    TRIBUTARY_ASSIGN(info, describe_classic_group(cluster, group));
  }
  info.coordinator = coordinator;
  return info;
}

Result<CommittedOffsets> committed_offsets(Cluster& cluster, const std::string& group) {
  constexpr int16_t kLastWithNames = 9;
  wire::OffsetFetchRequest request;
  request.group_id = group;
  request.topics = std::nullopt;
  auto& asked = request.groups.emplace_back();
  asked.group_id = group;
  asked.topics = std::nullopt;
  const auto code_of = [](const wire::OffsetFetchResponse& response) {
    return response.groups.empty() ? response.error_code : response.groups.front().error_code;
  };
  TRIBUTARY_ASSIGN(const auto answer, cluster.ask_coordinator<wire::OffsetFetchResponse>(
                                          group, request, code_of, kLastWithNames));
  if (const wire::ErrorCode code = code_of(*answer); code != wire::ErrorCode::kNone) {
    return fail(Errc::kNotFound, fmt::format("offsets of group '{}': {}", group, wire::error_name(code)));
  }
  CommittedOffsets offsets;
  take_offsets(answer->topics, offsets);
  for (const auto& found : answer->groups) take_offsets(found.topics, offsets);
  return offsets;
}

Result<std::vector<ListedGroup>> list_groups(Session& session, const GroupFilter& filter) {
  TRIBUTARY_ASSIGN(const Metadata metadata, session.cluster().metadata(std::vector<std::string>{}));
  std::vector<ListedGroup> groups;
  for (const BrokerInfo& broker : metadata.brokers) {
    const auto answer = session.cluster().ask<wire::ListGroupsResponse>(broker.id, wire::ListGroupsRequest{});
    const std::string what = fmt::format("groups of broker {}", broker.id);
    if (!answer) {
      session.out.failure(what, answer.error().message);
      continue;
    }
    if ((*answer)->error_code != wire::ErrorCode::kNone) session.out.failure(what, (*answer)->error_code);
    for (const auto& group : (*answer)->groups) {
      ListedGroup listed{std::string(group.group_id), broker.id, std::string(group.protocol_type),
                         std::string(group.group_state), std::string(group.group_type)};
      if (passes(listed, filter)) groups.push_back(std::move(listed));
    }
  }
  std::ranges::sort(groups, {}, &ListedGroup::name);
  return groups;
}

Result<std::vector<std::string>> find_groups(Session& session, const std::vector<std::string>& names,
                                             bool regex) {
  if (!regex) return names;
  TRIBUTARY_ASSIGN(const auto groups, list_groups(session, {}));
  TRIBUTARY_ASSIGN(const NamePatterns patterns, NamePatterns::compile(names));
  std::vector<std::string> found;
  for (const ListedGroup& group : groups) {
    if (patterns.match(group.name)) found.push_back(group.name);
  }
  if (found.empty()) session.out.failure("groups", "none matches");
  return found;
}

}  // namespace tributary::cli
