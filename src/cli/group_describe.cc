#include <fmt/format.h>

#include <set>

#include "group_verbs.h"
#include "groups.h"
#include "text.h"

namespace tributary::cli {
namespace {

// A partition the group has an offset of, or a member is assigned.
struct Row {
  PartitionId id;
  std::optional<Offset> committed;
  ListedOffset end;
  const GroupMember* member = nullptr;

  std::optional<Offset> lag() const {
    if (!committed || end.offset < 0) return std::nullopt;
    return std::max<Offset>(0, end.offset - *committed);
  }
};

struct Described {
  GroupInfo group;
  std::vector<Row> rows;

  Offset total_lag() const {
    Offset total = 0;
    for (const Row& row : rows) total += row.lag().value_or(0);
    return total;
  }
};

using Rows = std::map<PartitionId, Row>;

Rows committed_and_assigned(const GroupInfo& group, const CommittedOffsets& committed) {
  Rows rows;
  for (const auto& [id, offset] : committed) rows[id].committed = offset.offset;
  for (const GroupMember& member : group.members) {
    for (const TopicPartitions& topic : member.assignment) {
      for (const int32_t partition : topic.partitions) rows[{topic.topic, partition}].member = &member;
    }
  }
  return rows;
}

// Leaves what is not among the rows out of the metadata, so that only those partitions are asked for.
Result<Metadata> topics_of(Cluster& cluster, const Rows& rows) {
  std::set<std::string> names;
  for (const auto& [id, row] : rows) names.insert(id.first);
  TRIBUTARY_ASSIGN(Metadata topics, cluster.metadata(std::vector<std::string>(names.begin(), names.end())));
  for (TopicInfo& topic : topics.topics) {
    std::erase_if(topic.partitions,
                  [&](const PartitionInfo& p) { return !rows.contains({topic.name, p.index}); });
  }
  return topics;
}

Result<Described> describe(Session& session, const std::string& name) {
  Described described;
  TRIBUTARY_ASSIGN(described.group, describe_group(session.cluster(), name));
  const GroupInfo& group = described.group;
  if (group.error != wire::ErrorCode::kNone) return described;
  TRIBUTARY_ASSIGN(const auto committed, committed_offsets(session.cluster(), name));
  Rows rows = committed_and_assigned(group, committed);
  TRIBUTARY_ASSIGN(const Metadata topics, topics_of(session.cluster(), rows));
  TRIBUTARY_ASSIGN(const OffsetList ends, list_offsets(session.cluster(), topics, kLatest));
  for (auto& [id, row] : rows) {
    row.id = id;
    const auto end = ends.find(id);
    row.end = end == ends.end() ? ListedOffset{wire::ErrorCode::kUnknownTopicOrPartition} : end->second;
    described.rows.push_back(row);
  }
  return described;
}

std::string shown(const std::optional<Offset>& offset) { return offset ? std::to_string(*offset) : "-"; }
Json number_json(const std::optional<Offset>& offset) { return offset ? Json(*offset) : Json(nullptr); }
std::optional<Offset> end_of(const Row& row) {
  return row.end.offset < 0 ? std::nullopt : std::optional(row.end.offset);
}

void print_summary(Output& out, const Described& d) {
  out.print(to_lines({{"GROUP", d.group.name},
                      {"COORDINATOR", std::to_string(d.group.coordinator)},
                      {"STATE", d.group.state},
                      {"TYPE", d.group.type},
                      {"ASSIGNOR", d.group.assignor.empty() ? "-" : d.group.assignor},
                      {"MEMBERS", std::to_string(d.group.members.size())},
                      {"TOTAL-LAG", std::to_string(d.total_lag())}}));
}

void print_members(Output& out, const Described& d) {
  Table table({"MEMBER-ID", "INSTANCE-ID", "CLIENT-ID", "HOST", "ASSIGNMENT"});
  for (const GroupMember& member : d.group.members) {
    std::string assignment;
    for (const TopicPartitions& topic : member.assignment) {
      assignment +=
          fmt::format("{}{}:{}", assignment.empty() ? "" : " ", topic.topic, join(topic.partitions, ","));
    }
    table.add({member.id, member.instance_id.value_or("-"), member.client_id, member.host,
               assignment.empty() ? "-" : assignment});
  }
  out.print(table);
}

void print_offsets(Output& out, const Described& d) {
  Table table(
      {"TOPIC", "PARTITION", "CURRENT-OFFSET", "END-OFFSET", "LAG", "MEMBER-ID", "CLIENT-ID", "HOST"});
  for (const Row& row : d.rows) {
    const GroupMember* member = row.member;
    table.add({row.id.first, std::to_string(row.id.second), shown(row.committed), shown(end_of(row)),
               shown(row.lag()), member ? member->id : "", member ? member->client_id : "",
               member ? member->host : ""});
  }
  if (!table.empty()) out.print(table);
}

Json to_json(const GroupMember& member) {
  Json json = {{"member_id", member.id},
               {"instance_id", member.instance_id ? Json(*member.instance_id) : Json(nullptr)},
               {"client_id", member.client_id},
               {"host", member.host},
               {"topics", member.topics},
               {"assignment", Json::array()}};
  for (const TopicPartitions& topic : member.assignment) {
    json["assignment"].push_back({{"topic", topic.topic}, {"partitions", topic.partitions}});
  }
  return json;
}

Json to_json(const Described& d) {
  Json json = {{"group", d.group.name},        {"coordinator", d.group.coordinator},
               {"state", d.group.state},       {"type", d.group.type},
               {"assignor", d.group.assignor}, {"total_lag", d.total_lag()},
               {"members", Json::array()},     {"offsets", Json::array()}};
  for (const GroupMember& member : d.group.members) json["members"].push_back(to_json(member));
  for (const Row& row : d.rows) {
    json["offsets"].push_back({{"topic", row.id.first},
                               {"partition", row.id.second},
                               {"committed_offset", number_json(row.committed)},
                               {"end_offset", number_json(end_of(row))},
                               {"lag", number_json(row.lag())},
                               {"member_id", row.member ? Json(row.member->id) : Json(nullptr)},
                               {"error", error_json(row.end.error)}});
  }
  return json;
}

void print(Output& out, const GroupDescribeOptions& options, const Described& d) {
  const bool chosen = options.summary || options.members || options.offsets;
  if (!chosen || options.summary) print_summary(out, d);
  if (options.members) print_members(out, d);
  if (!chosen && !d.rows.empty()) out.print("\n");
  if (!chosen || options.offsets) print_offsets(out, d);
}

}  // namespace

Status group_describe(Session& session, const GroupDescribeOptions& options) {
  TRIBUTARY_ASSIGN(const auto names, find_groups(session, options.groups.names, options.groups.regex));
  Json json = Json::array();
  for (const std::string& name : names) {
    const auto described = describe(session, name);
    if (!described) {
      if (described.error().code == Errc::kIo) return tl::unexpected(described.error());
      session.out.failure(name, described.error().message);
      continue;
    }
    const Described& d = *described;
    if (d.group.error != wire::ErrorCode::kNone) {
      session.out.failure(name, d.group.error, d.group.message);
      continue;
    }
    if (!session.out.json() && !json.empty()) session.out.print("\n");
    json.push_back(to_json(d));
    if (!session.out.json()) print(session.out, options, d);
  }
  if (session.out.json()) session.out.print_json(json);
  return {};
}

}  // namespace tributary::cli
