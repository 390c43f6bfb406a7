#include <fmt/format.h>

#include <algorithm>

#include "group_verbs.h"
#include "groups.h"
#include "tributary/wire/messages/delete_groups.h"
#include "tributary/wire/messages/offset_delete.h"

namespace tributary::cli {
namespace {

// The partitions of the group's offsets that the choices name; one that names none is reported.
std::map<std::string, std::vector<int32_t>> chosen_offsets(Session& session, const CommittedOffsets& offsets,
                                                           const std::vector<PartitionChoice>& choices) {
  std::map<std::string, std::vector<int32_t>> chosen;
  for (const PartitionChoice& choice : choices) {
    if (!choice.partitions.empty()) {
      chosen[choice.topic] = choice.partitions;
      continue;
    }
    for (const auto& [id, committed] : offsets) {
      if (id.first == choice.topic) chosen[choice.topic].push_back(id.second);
    }
    if (!chosen.contains(choice.topic))
      session.out.failure(choice.topic, "the group has no offsets of this topic");
  }
  return chosen;
}

wire::OffsetDeleteRequest to_request(const std::string& group,
                                     const std::map<std::string, std::vector<int32_t>>& chosen) {
  wire::OffsetDeleteRequest request;
  request.group_id = group;
  for (const auto& [name, partitions] : chosen) {
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    for (const int32_t index : partitions) topic.partitions.emplace_back().partition_index = index;
  }
  return request;
}

void print(Session& session, const wire::OffsetDeleteResponse& response) {
  Table table({"TOPIC", "PARTITION", "STATUS"});
  Json json = Json::array();
  for (const auto& topic : response.topics) {
    for (const auto& p : topic.partitions) {
      const bool ok = p.error_code == wire::ErrorCode::kNone;
      if (ok) table.add({std::string(topic.name), std::to_string(p.partition_index), "OK"});
      if (!ok)
        session.out.failure(fmt::format("{} partition {}", topic.name, p.partition_index), p.error_code);
      json.push_back(
          {{"topic", topic.name}, {"partition", p.partition_index}, {"error", error_json(p.error_code)}});
    }
  }
  session.out.show(table, json);
}

}  // namespace

Status group_delete(Session& session, const GroupDeleteOptions& options) {
  TRIBUTARY_ASSIGN(const auto names, find_groups(session, options.groups.names, options.groups.regex));
  Table table({"GROUP", "STATUS"});
  Json json = Json::array();
  const auto code_of = [](const wire::DeleteGroupsResponse& response) {
    return response.results.empty() ? wire::ErrorCode::kNone : response.results.front().error_code;
  };
  for (const std::string& name : names) {
    wire::DeleteGroupsRequest request;
    request.groups_names = {name};
    const auto answer = session.cluster().ask_coordinator<wire::DeleteGroupsResponse>(name, request, code_of);
    if (!answer) {
      if (answer.error().code == Errc::kIo) return tl::unexpected(answer.error());
      session.out.failure(name, answer.error().message);
      continue;
    }
    const wire::ErrorCode code = code_of(**answer);
    if (code == wire::ErrorCode::kNone) table.add({name, "OK"});
    if (code != wire::ErrorCode::kNone) session.out.failure(name, code);
    json.push_back({{"group", name}, {"error", error_json(code)}});
  }
  session.out.show(table, json);
  return {};
}

Status group_offset_delete(Session& session, const GroupOffsetDeleteOptions& options) {
  std::vector<PartitionChoice> choices;
  for (const std::string& text : options.topics) {
    TRIBUTARY_ASSIGN(PartitionChoice choice, parse_partition_choice(text));
    choices.push_back(std::move(choice));
  }
  TRIBUTARY_ASSIGN(const auto offsets, committed_offsets(session.cluster(), options.group));
  const auto chosen = chosen_offsets(session, offsets, choices);
  if (chosen.empty()) return {};
  const auto request = to_request(options.group, chosen);
  const auto code_of = [](const wire::OffsetDeleteResponse& response) { return response.error_code; };
  TRIBUTARY_ASSIGN(const auto answer, session.cluster().ask_coordinator<wire::OffsetDeleteResponse>(
                                          options.group, request, code_of));
  if (answer->error_code != wire::ErrorCode::kNone) {
    session.out.failure(fmt::format("group {}", options.group), answer->error_code);
    return {};
  }
  print(session, *answer);
  return {};
}

}  // namespace tributary::cli
