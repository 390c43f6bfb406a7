#include <fmt/format.h>

#include "configs.h"
#include "topic_verbs.h"
#include "tributary/wire/messages/create_topics.h"

namespace tributary::cli {
namespace {

using Created = wire::CreateTopicsResponse::CreatableTopicResult;

wire::CreateTopicsRequest to_request(const TopicCreateOptions& options,
                                     const std::vector<ConfigChange>& configs, int32_t timeout_ms) {
  wire::CreateTopicsRequest request;
  request.timeout_ms = timeout_ms;
  request.validate_only = options.dry_run;
  for (const std::string& name : options.topics.names) {
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = options.partitions;
    topic.replication_factor = options.replicas;
    for (const ConfigChange& config : configs) {
      auto& entry = topic.configs.emplace_back();
      entry.name = config.name;
      entry.value = config.value;
    }
  }
  return request;
}

Json to_json(const Created& topic) {
  const auto number = [](int32_t n) { return n < 0 ? Json(nullptr) : Json(n); };
  Json json = {{"name", topic.name},
               {"topic_id", topic.topic_id.is_zero() ? Json(nullptr) : Json(topic.topic_id.to_string())},
               {"partitions", number(topic.num_partitions)},
               {"replicas", number(topic.replication_factor)}};
  put_error(json, topic.error_code, topic.error_message.value_or(""));
  return json;
}

}  // namespace

Status topic_create(Session& session, const TopicCreateOptions& options) {
  TRIBUTARY_ASSIGN(const auto configs, parse_assignments(options.configs, ConfigOperation::kSet));
  const auto request = to_request(options, configs, session.cluster().timeout_ms());
  const auto code_of = [](const auto& response) {
    return response.topics.empty() ? wire::ErrorCode::kNone : response.topics.front().error_code;
  };
  TRIBUTARY_ASSIGN(const auto answer,
                   session.cluster().ask_controller<wire::CreateTopicsResponse>(request, code_of));
  Table table({"TOPIC", "STATUS"});
  Json json = Json::array();
  for (const Created& topic : answer->topics) {
    json.push_back(to_json(topic));
    if (topic.error_code == wire::ErrorCode::kNone) {
      table.add({std::string(topic.name), options.dry_run ? "VALID" : "OK"});
    } else if (topic.error_code == wire::ErrorCode::kTopicAlreadyExists && options.if_not_exists) {
      table.add({std::string(topic.name), "EXISTS"});
    } else {
      session.out.failure(topic.name, topic.error_code, topic.error_message.value_or(""));
    }
  }
  session.out.show(table, json);
  return {};
}

}  // namespace tributary::cli
