#include "group_fixture.h"

namespace tributary::group {

std::string subscription(const std::vector<std::string>& topics) {
  wire::Writer out;
  out.write_int16(0);
  out.write_array_size(topics.size(), false);
  for (const std::string& topic : topics) out.write_string(topic, false);
  out.write_nullable_bytes(std::nullopt, false);
  const auto bytes = out.to_vector();
  return std::string(as_text(bytes));
}

void GroupFixture::restart() {
  coordinator.reset();
  environment.pending.clear();
  environment.loads.clear();
  coordinator = std::make_unique<Coordinator>(config, environment, probe);
  std::vector<std::string> with_members;
  for (const auto& [id, group] : environment.view) {
    if (group.metadata && !group.metadata->members.empty()) with_members.push_back(id);
  }
  coordinator->start(with_members);
  environment.run();
}

Joined GroupFixture::join(const std::string& group, JoinSpec spec) {
  const JoinSpec& kept = keep(std::move(spec));
  wire::JoinGroupRequest request;
  request.group_id = text(group);
  request.session_timeout_ms = kept.session_ms;
  request.rebalance_timeout_ms = kept.rebalance_ms;
  request.member_id = kept.member;
  request.group_instance_id = text(kept.instance);
  request.protocol_type = kept.type;
  for (const auto& [name, metadata] : kept.protocols) {
    auto& protocol = request.protocols.emplace_back();
    protocol.name = name;
    protocol.metadata = as_bytes(metadata);
  }
  Joined answer;
  coordinator->join_group(info(kept.version), request, answer.reply(kept.version));
  environment.run();
  return answer;
}

Synced GroupFixture::sync(const std::string& group, const std::string& member, int32_t generation,
                          const std::vector<std::pair<std::string, std::string>>& assignments,
                          int16_t version, std::optional<std::string> instance) {
  wire::SyncGroupRequest request;
  request.group_id = text(group);
  request.member_id = text(member);
  request.generation_id = generation;
  request.group_instance_id = text(instance);
  if (version >= 5) {
    request.protocol_type = "consumer";
    request.protocol_name = "range";
  }
  for (const auto& [id, bytes] : assignments) {
    auto& assignment = request.assignments.emplace_back();
    assignment.member_id = text(id);
    assignment.assignment = as_bytes(text(bytes));
  }
  Synced answer;
  coordinator->sync_group(info(version), request, answer.reply(version));
  environment.run();
  return answer;
}

ErrorCode GroupFixture::heartbeat(const std::string& group, const std::string& member, int32_t generation,
                                  std::optional<std::string> instance) {
  wire::HeartbeatRequest request;
  request.group_id = text(group);
  request.member_id = text(member);
  request.generation_id = generation;
  request.group_instance_id = text(instance);
  Answer<wire::HeartbeatResponse> answer;
  coordinator->heartbeat(info(4), request, answer.reply(4));
  environment.run();
  return answer->error_code;
}

Left GroupFixture::leave(const std::string& group,
                         const std::vector<std::pair<std::string, std::optional<std::string>>>& members,
                         int16_t version) {
  wire::LeaveGroupRequest request;
  request.group_id = text(group);
  if (version < 3) {
    request.member_id = text(members.at(0).first);
  } else {
    for (const auto& [id, instance] : members) {
      auto& member = request.members.emplace_back();
      member.member_id = text(id);
      member.group_instance_id = text(instance);
    }
  }
  Left answer;
  coordinator->leave_group(info(version), request, answer.reply(version));
  environment.run();
  return answer;
}

Committed GroupFixture::commit(const std::string& group, const std::string& topic, int32_t partition,
                               int64_t offset, CommitSpec spec) {
  const CommitSpec& kept = keep(std::move(spec));
  wire::OffsetCommitRequest request;
  request.group_id = text(group);
  request.member_id = kept.member;
  request.generation_id_or_member_epoch = kept.generation;
  request.group_instance_id = text(kept.instance);
  request.retention_time_ms = kept.retention_ms;
  auto& asked = request.topics.emplace_back();
  asked.name = text(topic);
  if (kept.version >= 10) asked.topic_id = environment.topic_id(topic);
  auto& entry = asked.partitions.emplace_back();
  entry.partition_index = partition;
  entry.committed_offset = offset;
  entry.committed_metadata = kept.metadata;
  Committed answer;
  coordinator->offset_commit(info(kept.version), request, answer.reply(kept.version));
  environment.run();
  return answer;
}

Fetched GroupFixture::fetch(const std::string& group,
                            const std::vector<std::pair<std::string, int32_t>>& partitions, bool stable,
                            int16_t version) {
  wire::OffsetFetchRequest::OffsetFetchRequestGroup request;
  request.group_id = text(group);
  for (const auto& [topic, partition] : partitions) {
    auto& asked = request.topics->emplace_back();
    asked.name = text(topic);
    asked.partition_indexes.push_back(partition);
  }
  Fetched answer;
  coordinator->offset_fetch(info(version), request, stable, answer.reply(std::max<int16_t>(version, 8)));
  environment.run();
  return answer;
}

Fetched GroupFixture::fetch_all(const std::string& group, bool stable, int16_t version) {
  wire::OffsetFetchRequest::OffsetFetchRequestGroup request;
  request.group_id = text(group);
  request.topics.reset();
  Fetched answer;
  coordinator->offset_fetch(info(version), request, stable, answer.reply(std::max<int16_t>(version, 8)));
  environment.run();
  return answer;
}

Described GroupFixture::describe(const std::string& group, int16_t version) {
  Described answer;
  coordinator->describe_group(info(version), text(group), answer.reply(version));
  environment.run();
  return answer;
}

ErrorCode GroupFixture::delete_group(const std::string& group) {
  Answer<wire::DeleteGroupsResponse::DeletableGroupResult> answer;
  coordinator->delete_group(text(group), answer.reply(2));
  environment.run();
  return answer->error_code;
}

OffsetsDeleted GroupFixture::delete_offsets(const std::string& group,
                                            const std::vector<std::pair<std::string, int32_t>>& partitions) {
  wire::OffsetDeleteRequest request;
  request.group_id = text(group);
  for (const auto& [topic, partition] : partitions) {
    auto& asked = request.topics.emplace_back();
    asked.name = text(topic);
    asked.partitions.emplace_back().partition_index = partition;
  }
  OffsetsDeleted answer;
  coordinator->offset_delete(info(0), request, answer.reply(0));
  environment.run();
  return answer;
}

std::string GroupFixture::member_id(const std::string& group, JoinSpec spec) {
  spec.member.clear();
  spec.version = std::max<int16_t>(spec.version, 4);
  const Joined answer = join(group, std::move(spec));
  EXPECT_EQ(answer->error_code, ErrorCode::kMemberIdRequired);
  return std::string(answer->member_id);
}

GroupFixture::Members GroupFixture::stable_group(const std::string& group, size_t count, JoinSpec spec) {
  std::vector<Joined> joins;
  for (size_t i = 0; i < count; ++i) {
    spec.member = member_id(group, spec);
    joins.push_back(join(group, spec));
  }
  while (!joins.back().arrived()) environment.advance(1'000);
  Members members;
  std::vector<std::pair<std::string, std::string>> assignments;
  for (const Joined& joined : joins) {
    EXPECT_EQ(joined->error_code, ErrorCode::kNone);
    members.generation = joined->generation_id;
    const std::string id(joined->member_id);
    assignments.emplace_back(id, id);
    members.ids.insert(joined->leader == id ? members.ids.begin() : members.ids.end(), id);
  }
  std::vector<Synced> syncs;
  for (auto id = members.ids.rbegin(); id != members.ids.rend(); ++id) {
    const bool leads = id + 1 == members.ids.rend();
    syncs.push_back(sync(group, *id, members.generation, leads ? assignments : decltype(assignments){}));
  }
  for (const Synced& synced : syncs) EXPECT_EQ(synced->error_code, ErrorCode::kNone);
  return members;
}

}  // namespace tributary::group
