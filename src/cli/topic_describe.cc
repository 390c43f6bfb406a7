#include <fmt/format.h>

#include "configs.h"
#include "text.h"
#include "topic_verbs.h"
#include "topics.h"

namespace tributary::cli {
namespace {

struct Described {
  const TopicInfo* topic;
  ConfigEntries configs;
  const OffsetList* start;
  const OffsetList* end;
};

const ListedOffset& at(const OffsetList& list, const TopicInfo& topic, const PartitionInfo& partition) {
  return list.at({topic.name, partition.index});
}

// Unknown offsets and epochs are shown as "-" and null.
std::string number(int64_t n) { return n < 0 ? "-" : std::to_string(n); }
Json number_json(int64_t n) { return n < 0 ? Json(nullptr) : Json(n); }

Json to_json(const Described& d) {
  const TopicInfo& topic = *d.topic;
  Json json = {{"name", topic.name},
               {"topic_id", topic.id.is_zero() ? Json(nullptr) : Json(topic.id.to_string())},
               {"internal", topic.internal},
               {"partitions", Json::array()},
               {"configs", Json::array()}};
  for (const PartitionInfo& partition : topic.partitions) {
    const ListedOffset& start = at(*d.start, topic, partition);
    const ListedOffset& end = at(*d.end, topic, partition);
    json["partitions"].push_back({{"partition", partition.index},
                                  {"leader", number_json(partition.leader)},
                                  {"epoch", number_json(partition.epoch)},
                                  {"replicas", partition.replicas},
                                  {"isr", partition.isr},
                                  {"offline_replicas", partition.offline},
                                  {"start_offset", number_json(start.offset)},
                                  {"end_offset", number_json(end.offset)},
                                  {"error", error_json(end.error)}});
  }
  for (const ConfigEntry& entry : d.configs) json["configs"].push_back(to_json(entry));
  return json;
}

void print_summary(Output& out, const TopicInfo& topic) {
  out.section("SUMMARY");
  std::vector<std::pair<std::string, std::string>> facts = {{"NAME", topic.name}};
  if (!topic.id.is_zero()) facts.emplace_back("TOPIC-ID", topic.id.to_string());
  if (topic.internal) facts.emplace_back("INTERNAL", "true");
  facts.emplace_back("PARTITIONS", std::to_string(topic.partitions.size()));
  facts.emplace_back("REPLICAS", std::to_string(topic.replication_factor()));
  out.print(to_lines(facts));
}

void print_configs(Output& out, const ConfigEntries& configs) {
  out.section("CONFIGS");
  Table table({"KEY", "VALUE", "SOURCE"});
  for (const ConfigEntry& entry : configs) {
    table.add({entry.name, shown_value(entry), std::string(source_name(entry.source))});
  }
  out.print(table);
}

void print_partitions(Output& out, const Described& d) {
  out.section("PARTITIONS");
  Table table({"PARTITION", "LEADER", "EPOCH", "REPLICAS", "ISR", "OFFLINE", "START-OFFSET", "END-OFFSET"});
  for (const PartitionInfo& partition : d.topic->partitions) {
    table.add(
        {std::to_string(partition.index), number(partition.leader), number(partition.epoch),
         fmt::format("[{}]", join(partition.replicas, " ")), fmt::format("[{}]", join(partition.isr, " ")),
         fmt::format("[{}]", join(partition.offline, " ")), number(at(*d.start, *d.topic, partition).offset),
         number(at(*d.end, *d.topic, partition).offset)});
  }
  out.print(table);
}

void report_failures(Output& out, const TopicInfo& topic, const OffsetList& end) {
  for (const PartitionInfo& partition : topic.partitions) {
    const ListedOffset& listed = at(end, topic, partition);
    if (listed.error != wire::ErrorCode::kNone) {
      out.failure(fmt::format("{} partition {}", topic.name, partition.index), listed.error);
    }
  }
}

}  // namespace

Status topic_describe(Session& session, const TopicDescribeOptions& options) {
  TRIBUTARY_ASSIGN(const Metadata found, find_topics(session, options.topics.names, options.topics.regex));
  std::vector<ConfigResource> resources;
  resources.reserve(found.topics.size());
  for (const TopicInfo& topic : found.topics) resources.push_back({ConfigResource::Type::kTopic, topic.name});
  TRIBUTARY_ASSIGN(auto configs, describe_configs(session, resources, {}));
  TRIBUTARY_ASSIGN(const OffsetList start, list_offsets(session.cluster(), found, kEarliest));
  TRIBUTARY_ASSIGN(const OffsetList end, list_offsets(session.cluster(), found, kLatest));
  const bool all = !options.summary && !options.configs && !options.partitions;
  Json json = Json::array();
  for (size_t i = 0; i < found.topics.size(); ++i) {
    Described d{&found.topics[i], std::move(configs[i]), &start, &end};
    if (!options.all_configs)
      std::erase_if(d.configs, [](const ConfigEntry& entry) { return entry.is_default(); });
    report_failures(session.out, *d.topic, end);
    json.push_back(to_json(d));
    if (session.out.json()) continue;
    if (all || options.summary) print_summary(session.out, *d.topic);
    if (all || options.configs) print_configs(session.out, d.configs);
    if (all || options.partitions) print_partitions(session.out, d);
  }
  if (session.out.json()) session.out.print_json(json);
  return {};
}

}  // namespace tributary::cli
