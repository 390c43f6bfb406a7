// delete, alter-config and add-partitions.
#include <fmt/format.h>

#include "configs.h"
#include "topic_verbs.h"
#include "topics.h"
#include "tributary/wire/messages/create_partitions.h"
#include "tributary/wire/messages/delete_topics.h"

namespace tributary::cli {
namespace {

// What a request says of each topic.
class Results {
 public:
  Results(Output& out, std::string done) : out_(out), done_(std::move(done)) {}

  void add(std::string_view topic, wire::ErrorCode code, std::string_view message) {
    put_error(json_.emplace_back(Json{{"name", topic}}), code, message);
    if (code != wire::ErrorCode::kNone) return out_.failure(topic, code, message);
    table_.add({std::string(topic), done_});
  }
  void show() { out_.show(table_, json_); }

 private:
  Output& out_;
  std::string done_;
  Table table_{{"TOPIC", "STATUS"}};
  Json json_ = Json::array();
};

wire::DeleteTopicsRequest delete_request(const Metadata& topics, int32_t timeout_ms) {
  wire::DeleteTopicsRequest request;
  request.timeout_ms = timeout_ms;
  for (const TopicInfo& topic : topics.topics) {
    request.topics.emplace_back().name = topic.name;
    request.topic_names.push_back(topic.name);
  }
  return request;
}

Result<std::vector<ConfigChange>> changes_of(const TopicAlterOptions& options) {
  TRIBUTARY_ASSIGN(auto changes, parse_assignments(options.set, ConfigOperation::kSet));
  TRIBUTARY_ASSIGN(const auto appended, parse_assignments(options.append, ConfigOperation::kAppend));
  TRIBUTARY_ASSIGN(const auto subtracted, parse_assignments(options.subtract, ConfigOperation::kSubtract));
  changes.insert(changes.end(), appended.begin(), appended.end());
  changes.insert(changes.end(), subtracted.begin(), subtracted.end());
  for (const std::string& key : options.remove) changes.push_back({ConfigOperation::kDelete, key, {}});
  if (changes.empty())
    return fail(Errc::kInvalidArgument, "nothing to change: give --set, --delete or --append");
  return changes;
}

}  // namespace

Status topic_delete(Session& session, const TopicDeleteOptions& options) {
  Metadata found;
  if (options.if_exists && !options.topics.regex) {
    TRIBUTARY_ASSIGN(found, session.cluster().metadata(options.topics.names));
    std::erase_if(found.topics,
                  [](const auto& t) { return t.error == wire::ErrorCode::kUnknownTopicOrPartition; });
  } else {
    TRIBUTARY_ASSIGN(found, find_topics(session, options.topics.names, options.topics.regex));
  }
  Results results(session.out, "OK");
  if (!found.topics.empty()) {
    const auto request = delete_request(found, session.cluster().timeout_ms());
    const auto code_of = [](const auto& response) {
      return response.responses.empty() ? wire::ErrorCode::kNone : response.responses.front().error_code;
    };
    TRIBUTARY_ASSIGN(const auto answer,
                     session.cluster().ask_controller<wire::DeleteTopicsResponse>(request, code_of));
    for (const auto& topic : answer->responses) {
      results.add(topic.name.value_or(""), topic.error_code, topic.error_message.value_or(""));
    }
  }
  results.show();
  return {};
}

Status topic_alter_config(Session& session, const TopicAlterOptions& options) {
  TRIBUTARY_ASSIGN(const auto changes, changes_of(options));
  TRIBUTARY_ASSIGN(const Metadata found, find_topics(session, options.topics.names, options.topics.regex));
  std::vector<ConfigResource> resources;
  resources.reserve(found.topics.size());
  for (const TopicInfo& topic : found.topics) resources.push_back({ConfigResource::Type::kTopic, topic.name});
  return alter_configs(session, resources, changes,
                       options.dry_run ? Commitment::kDryRun : Commitment::kReally);
}

Status topic_add_partitions(Session& session, const TopicAddPartitionsOptions& options) {
  TRIBUTARY_ASSIGN(const Metadata found, find_topics(session, options.topics.names, false));
  Results results(session.out, options.dry_run ? "VALID" : "OK");
  wire::CreatePartitionsRequest request;
  request.timeout_ms = session.cluster().timeout_ms();
  request.validate_only = options.dry_run;
  for (const TopicInfo& topic : found.topics) {
    auto& asked = request.topics.emplace_back();
    asked.name = topic.name;
    asked.count =
        options.total > 0 ? options.total : static_cast<int32_t>(topic.partitions.size()) + options.add;
    asked.assignments = std::nullopt;
  }
  if (!request.topics.empty()) {
    const auto code_of = [](const auto& response) {
      return response.results.empty() ? wire::ErrorCode::kNone : response.results.front().error_code;
    };
    TRIBUTARY_ASSIGN(const auto answer,
                     session.cluster().ask_controller<wire::CreatePartitionsResponse>(request, code_of));
    for (const auto& topic : answer->results) {
      results.add(topic.name, topic.error_code, topic.error_message.value_or(""));
    }
  }
  results.show();
  return {};
}

}  // namespace tributary::cli
