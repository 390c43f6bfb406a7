#include "topic_verbs.h"
#include "topics.h"

namespace tributary::cli {

Status topic_list(Session& session, const TopicListOptions& options) {
  const bool all = options.topics.names.empty();
  TRIBUTARY_ASSIGN(const Metadata found,
                   all ? session.cluster().metadata(std::nullopt)
                       : find_topics(session, options.topics.names, options.topics.regex));
  Table table({"NAME", "PARTITIONS", "REPLICAS"});
  Json json = Json::array();
  for (const TopicInfo& topic : found.topics) {
    if (all && topic.internal && !options.internal) continue;
    const size_t partitions = topic.partitions.size(), replicas = topic.replication_factor();
    table.add({topic.name, std::to_string(partitions), std::to_string(replicas)});
    json.push_back({{"name", topic.name},
                    {"topic_id", topic.id.is_zero() ? Json(nullptr) : Json(topic.id.to_string())},
                    {"internal", topic.internal},
                    {"partitions", partitions},
                    {"replicas", replicas}});
  }
  session.out.show(table, json);
  return {};
}

}  // namespace tributary::cli
