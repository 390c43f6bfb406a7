#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "group_verbs.h"
#include "groups.h"
#include "offset_file.h"
#include "spans.h"
#include "text.h"
#include "time_text.h"
#include "tributary/wire/messages/offset_commit.h"

namespace tributary::cli {
namespace {

// Where to: one of these.
struct Target {
  std::optional<OffsetBound> bound;                        // within each partition
  std::optional<int64_t> shift;                            // from where the group is
  std::optional<std::map<PartitionId, Offset>> positions;  // as a file or another group says
};

struct Move {
  PartitionId id;
  std::optional<Offset> prior;
  Offset next = 0;
  wire::ErrorCode error{};
};

Result<OffsetBound> parse_to(std::string_view text, TimestampMs now) {
  if (text.starts_with('@')) return parse_offset_bound(text, now);
  if (text == "start" || text == "earliest") return OffsetBound{OffsetBound::Kind::kStart, 0};
  if (text == "end" || text == "latest") return OffsetBound{OffsetBound::Kind::kEnd, 0};
  TRIBUTARY_ASSIGN(const TimestampMs time, parse_timestamp(text, now));
  return OffsetBound{OffsetBound::Kind::kTimestamp, time};
}

Result<Target> positions_of(const std::string& file) {
  std::ifstream in(file);
  if (!in) return fail(Errc::kInvalidArgument, fmt::format("{} cannot be read", file));
  auto offsets = parse_offset_file(in);
  if (!offsets) return fail(offsets.error().code, fmt::format("{}, {}", file, offsets.error().message));
  return Target{{}, {}, std::move(*offsets)};
}

Result<Target> positions_of_group(Cluster& cluster, const std::string& group) {
  TRIBUTARY_ASSIGN(const auto committed, committed_offsets(cluster, group));
  if (committed.empty()) return fail(Errc::kNotFound, fmt::format("group '{}' has no offsets", group));
  Target target;
  target.positions.emplace();
  for (const auto& [id, offset] : committed) (*target.positions)[id] = offset.offset;
  return target;
}

Result<Target> target_of(Session& session, const GroupSeekOptions& options) {
  if (!options.to_file.empty()) return positions_of(options.to_file);
  if (!options.to_group.empty()) return positions_of_group(session.cluster(), options.to_group);
  if (!options.shift_by.empty()) {
    const auto shift = parse_number<int64_t>(options.shift_by);
    if (!shift) return fail(Errc::kInvalidArgument, "--shift-by: expected a number");
    return Target{{}, *shift, {}};
  }
  if (options.to_offset >= 0)
    return Target{OffsetBound{OffsetBound::Kind::kExact, options.to_offset}, {}, {}};
  if (options.to_earliest) return Target{OffsetBound{OffsetBound::Kind::kStart, 0}, {}, {}};
  if (options.to_latest) return Target{OffsetBound{OffsetBound::Kind::kEnd, 0}, {}, {}};
  const std::string& text = options.to.empty() ? options.to_datetime : options.to;
  TRIBUTARY_ASSIGN(const OffsetBound bound, parse_to(text, session.now()));
  return Target{bound, {}, {}};
}

// A group with members would overwrite what is set here.
Status refuse_active(Session& session, const std::string& group) {
  TRIBUTARY_ASSIGN(const GroupInfo info, describe_group(session.cluster(), group));
  if (info.error != wire::ErrorCode::kNone && info.error != wire::ErrorCode::kGroupIdNotFound) {
    return fail(Errc::kNotFound, fmt::format("group '{}': {}", group, wire::error_name(info.error)));
  }
  if (info.members.empty()) return {};
  return fail(Errc::kBusy,
              fmt::format("group '{}': NON_EMPTY_GROUP: it has {} members and is {}; stop them first", group,
                          info.members.size(), info.state));
}

// The partitions that are moved: those the topics name, else those of the file or group, else those with
// offsets.
Result<Metadata> partitions_to_move(Session& session, const std::vector<std::string>& topics,
                                    const Target& target, const CommittedOffsets& committed) {
  std::map<std::string, std::vector<int32_t>> chosen;
  for (const std::string& text : topics) {
    TRIBUTARY_ASSIGN(const PartitionChoice choice, parse_partition_choice(text));
    chosen[choice.topic] = choice.partitions;
  }
  if (topics.empty() && target.positions) {
    for (const auto& [id, offset] : *target.positions) chosen[id.first].push_back(id.second);
  } else if (topics.empty()) {
    for (const auto& [id, offset] : committed) chosen[id.first].push_back(id.second);
  }
  if (chosen.empty()) return fail(Errc::kNotFound, "the group has no offsets: say --topics");
  std::vector<std::string> names;
  names.reserve(chosen.size());
  for (const auto& [name, partitions] : chosen) names.push_back(name);
  TRIBUTARY_ASSIGN(Metadata found, find_topics(session, names, false));
  for (TopicInfo& topic : found.topics) {
    Metadata one;
    one.topics.push_back(std::move(topic));
    keep_partitions(session, one, chosen[one.topics.front().name]);
    topic = std::move(one.topics.front());
  }
  return found;
}

// Nothing for a partition that the file or group does not name, or that cannot be shifted.
std::optional<Offset> next_offset(const Target& target, const PartitionId& id,
                                  const std::optional<Offset>& prior, const PartitionSpan& span) {
  if (target.bound) return resolve(*target.bound, span);
  if (target.shift) {
    if (!prior) return std::nullopt;
    return std::clamp(*prior + *target.shift, span.start, std::max(span.start, span.end));
  }
  const auto found = target.positions->find(id);
  if (found == target.positions->end()) return std::nullopt;
  return std::clamp(found->second, span.start, std::max(span.start, span.end));
}

Result<std::vector<Move>> plan(Session& session, const Metadata& topics, const Target& target,
                               const CommittedOffsets& committed) {
  TRIBUTARY_ASSIGN(const Spans spans,
                   list_spans(session.cluster(), topics, target.bound.value_or(OffsetBound{})));
  std::vector<Move> moves;
  for (const auto& [id, entry] : spans) {
    std::optional<Offset> prior;
    if (const auto found = committed.find(id); found != committed.end()) prior = found->second.offset;
    if (entry.error != wire::ErrorCode::kNone) {
      session.out.failure(fmt::format("{} partition {}", id.first, id.second), entry.error);
    } else if (const auto next = next_offset(target, id, prior, entry.span)) {
      moves.push_back({id, prior, *next, wire::ErrorCode::kNone});
    }
  }
  return moves;
}

wire::OffsetCommitRequest to_request(const std::string& group, const std::vector<Move>& moves) {
  wire::OffsetCommitRequest request;
  request.group_id = group;
  for (const Move& move : moves) {
    if (request.topics.empty() || request.topics.back().name != move.id.first) {
      request.topics.emplace_back().name = move.id.first;
    }
    auto& partition = request.topics.back().partitions.emplace_back();
    partition.partition_index = move.id.second;
    partition.committed_offset = move.next;
    partition.committed_metadata = "";
  }
  return request;
}

Status commit(Cluster& cluster, const std::string& group, std::vector<Move>& moves) {
  constexpr int16_t kLastWithNames = 9;
  const auto code_of = [](const wire::OffsetCommitResponse& response) {
    return response.topics.empty() || response.topics.front().partitions.empty()
               ? wire::ErrorCode::kNone
               : response.topics.front().partitions.front().error_code;
  };
  TRIBUTARY_ASSIGN(const auto answer, cluster.ask_coordinator<wire::OffsetCommitResponse>(
                                          group, to_request(group, moves), code_of, kLastWithNames));
  std::map<PartitionId, wire::ErrorCode> codes;
  for (const auto& topic : answer->topics) {
    for (const auto& p : topic.partitions) codes[{std::string(topic.name), p.partition_index}] = p.error_code;
  }
  for (Move& move : moves) {
    const auto found = codes.find(move.id);
    move.error = found == codes.end() ? wire::ErrorCode::kUnknownServerError : found->second;
  }
  return {};
}

void print(Output& out, const std::vector<Move>& moves) {
  Table table({"TOPIC", "PARTITION", "PRIOR-OFFSET", "NEW-OFFSET"});
  Json json = Json::array();
  for (const Move& move : moves) {
    const auto& [topic, partition] = move.id;
    if (move.error != wire::ErrorCode::kNone) {
      out.failure(fmt::format("{} partition {}", topic, partition), move.error);
    } else {
      table.add({topic, std::to_string(partition), move.prior ? std::to_string(*move.prior) : "-",
                 std::to_string(move.next)});
    }
    json.push_back({{"topic", topic},
                    {"partition", partition},
                    {"prior_offset", move.prior ? Json(*move.prior) : Json(nullptr)},
                    {"new_offset", move.next},
                    {"error", error_json(move.error)}});
  }
  out.show(table, json);
}

}  // namespace

Status group_seek(Session& session, const GroupSeekOptions& options) {
  TRIBUTARY_ASSIGN(const Target target, target_of(session, options));
  TRIBUTARY_TRY(refuse_active(session, options.group));
  TRIBUTARY_ASSIGN(const auto committed, committed_offsets(session.cluster(), options.group));
  TRIBUTARY_ASSIGN(const Metadata topics, partitions_to_move(session, options.topics, target, committed));
  TRIBUTARY_ASSIGN(std::vector<Move> moves, plan(session, topics, target, committed));
  if (!options.dry_run && !moves.empty()) TRIBUTARY_TRY(commit(session.cluster(), options.group, moves));
  print(session.out, moves);
  return {};
}

}  // namespace tributary::cli
