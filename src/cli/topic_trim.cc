#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <map>

#include "spans.h"
#include "topic_verbs.h"
#include "tributary/wire/messages/delete_records.h"

namespace tributary::cli {
namespace {

struct Trim {
  PartitionId id;
  Offset start;   // now
  Offset offset;  // first record that is to stay
  int32_t leader;
};

Result<std::vector<Trim>> plan(Session& session, const Metadata& topics, const OffsetBound& bound) {
  TRIBUTARY_ASSIGN(const Spans spans, list_spans(session.cluster(), topics, bound));
  std::vector<Trim> trims;
  for (const auto& [id, entry] : spans) {
    const std::string what = fmt::format("{} partition {}", id.first, id.second);
    if (entry.error != wire::ErrorCode::kNone) {
      session.out.failure(what, entry.error);
    } else if (bound.kind == OffsetBound::Kind::kExact && bound.value > entry.span.end) {
      session.out.failure(what, wire::ErrorCode::kOffsetOutOfRange,
                          fmt::format("it ends at {}", entry.span.end));
    } else {
      trims.push_back(
          {id, entry.span.start, resolve(bound, entry.span), topics.find(id.first)->find(id.second)->leader});
    }
  }
  return trims;
}

// Asks on the terminal; a script has to say --no-confirm.
Status confirm(const std::vector<Trim>& trims) {
  if (isatty(STDIN_FILENO) == 0) {
    return fail(Errc::kInvalidArgument, "this deletes records: --no-confirm says that it is meant");
  }
  Offset records = 0;
  for (const Trim& trim : trims) records += std::max<Offset>(0, trim.offset - trim.start);
  fmt::print(stderr, "Delete up to {} records in {} partitions? [y/N] ", records, trims.size());
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return {};
  return fail(Errc::kBusy, "nothing was deleted");
}

wire::DeleteRecordsRequest request_for(const std::vector<Trim>& trims, int32_t timeout_ms) {
  wire::DeleteRecordsRequest request;
  request.timeout_ms = timeout_ms;
  for (const Trim& trim : trims) {
    if (request.topics.empty() || request.topics.back().name != trim.id.first) {
      request.topics.emplace_back().name = trim.id.first;
    }
    auto& partition = request.topics.back().partitions.emplace_back();
    partition.partition_index = trim.id.second;
    partition.offset = trim.offset;
  }
  return request;
}

class Results {
 public:
  explicit Results(Output& out) : out_(out) {}

  void add(std::string_view topic, int32_t partition, Offset start, wire::ErrorCode code) {
    if (code != wire::ErrorCode::kNone) out_.failure(fmt::format("{} partition {}", topic, partition), code);
    if (code == wire::ErrorCode::kNone)
      table_.add({std::string(topic), std::to_string(partition), std::to_string(start)});
    json_.push_back({{"topic", topic},
                     {"partition", partition},
                     {"start_offset", start < 0 ? Json(nullptr) : Json(start)},
                     {"error", error_json(code)}});
  }
  void show() { out_.show(table_, json_); }

 private:
  Output& out_;
  Table table_{{"TOPIC", "PARTITION", "NEW-START-OFFSET"}};
  Json json_ = Json::array();
};

}  // namespace

Status topic_trim_prefix(Session& session, const TopicTrimOptions& options) {
  TRIBUTARY_ASSIGN(const OffsetBound bound, parse_offset_bound(options.offset, session.now()));
  TRIBUTARY_ASSIGN(const auto chosen, parse_partitions(options.partitions));
  TRIBUTARY_ASSIGN(Metadata topics, find_topics(session, options.topics.names, false));
  keep_partitions(session, topics, chosen);
  TRIBUTARY_ASSIGN(const auto trims, plan(session, topics, bound));
  Results results(session.out);
  if (options.dry_run) {
    for (const Trim& trim : trims)
      results.add(trim.id.first, trim.id.second, trim.offset, wire::ErrorCode::kNone);
  } else if (!trims.empty()) {
    if (!options.no_confirm) TRIBUTARY_TRY(confirm(trims));
    std::map<int32_t, std::vector<Trim>> by_leader;
    for (const Trim& trim : trims) by_leader[trim.leader].push_back(trim);
    for (const auto& [leader, its_trims] : by_leader) {
      const auto request = request_for(its_trims, session.cluster().timeout_ms());
      TRIBUTARY_ASSIGN(const auto answer,
                       session.cluster().ask<wire::DeleteRecordsResponse>(leader, request));
      for (const auto& topic : answer->topics) {
        for (const auto& p : topic.partitions)
          results.add(topic.name, p.partition_index, p.low_watermark, p.error_code);
      }
    }
  }
  results.show();
  return {};
}

}  // namespace tributary::cli
