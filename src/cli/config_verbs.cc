#include "config_verbs.h"

#include <fmt/format.h>

#include <algorithm>

#include "configs.h"

namespace tributary::cli {
namespace {

// kafka-configs.sh: --entity-type brokers without a name (there --entity-default) is the defaults.
Result<ConfigResource> from_entity(const ConfigTarget& target) {
  if (target.entity_type == "topics" && !target.entity_name.empty()) {
    return ConfigResource{ConfigResource::Type::kTopic, target.entity_name};
  }
  if (target.entity_type == "brokers")
    return ConfigResource{ConfigResource::Type::kBroker, target.entity_name};
  return fail(Errc::kInvalidArgument, "--entity-type is topics, with --entity-name, or brokers");
}

Result<std::vector<ConfigResource>> resources_of(const ConfigTarget& target) {
  std::vector<ConfigResource> resources;
  resources.reserve(target.topics.size() + target.brokers.size() + 1);
  for (const std::string& topic : target.topics) resources.push_back({ConfigResource::Type::kTopic, topic});
  for (const int32_t id : target.brokers) {
    resources.push_back({ConfigResource::Type::kBroker, std::to_string(id)});
  }
  if (target.defaults) resources.push_back({ConfigResource::Type::kBroker, ""});
  if (!target.entity_type.empty() || !target.entity_name.empty()) {
    TRIBUTARY_ASSIGN(ConfigResource resource, from_entity(target));
    resources.push_back(std::move(resource));
  }
  return resources;
}

std::string shown_synonyms(const ConfigEntry& entry) {
  std::string text;
  for (const ConfigSynonym& synonym : entry.synonyms) {
    const std::string value = entry.sensitive ? "(sensitive)" : synonym.value.value_or("(null)");
    text +=
        fmt::format("{}{}:{}={}", text.empty() ? "" : ", ", source_name(synonym.source), synonym.name, value);
  }
  return text;
}

enum class Detail { kSources, kSynonyms };

void print(Session& session, const std::vector<ConfigResource>& resources,
           const std::vector<ConfigEntries>& lists, Detail detail) {
  Json json = Json::array();
  Table table(detail == Detail::kSynonyms
                  ? std::vector<std::string>{"RESOURCE", "KEY", "VALUE", "SOURCE", "SYNONYMS"}
                  : std::vector<std::string>{"RESOURCE", "KEY", "VALUE", "SOURCE"});
  for (size_t i = 0; i < resources.size(); ++i) {
    const bool topic = resources[i].type == ConfigResource::Type::kTopic;
    Json& item = json.emplace_back(Json{{"resource_type", topic ? "topic" : "broker"},
                                        {"resource_name", resources[i].name},
                                        {"configs", Json::array()}});
    for (const ConfigEntry& entry : lists[i]) {
      std::vector<std::string> row = {resources[i].to_string(), entry.name, shown_value(entry),
                                      std::string(source_name(entry.source))};
      if (detail == Detail::kSynonyms) row.push_back(shown_synonyms(entry));
      table.add(std::move(row));
      item["configs"].push_back(to_json(entry));
    }
  }
  session.out.show(table, json);
}

Status change(Session& session, const ConfigChangeOptions& options,
              const std::vector<ConfigChange>& changes) {
  TRIBUTARY_ASSIGN(const auto resources, resources_of(options.target));
  return alter_configs(session, resources, changes,
                       options.dry_run ? Commitment::kDryRun : Commitment::kReally);
}

}  // namespace

Status config_list(Session& session, const ConfigListOptions& options) {
  TRIBUTARY_ASSIGN(const auto resources, resources_of(options.target));
  TRIBUTARY_ASSIGN(auto lists, describe_configs(session, resources, {}));
  if (!options.all) {
    for (auto& list : lists) std::erase_if(list, [](const ConfigEntry& entry) { return entry.is_default(); });
  }
  print(session, resources, lists, Detail::kSources);
  return {};
}

Status config_get(Session& session, const ConfigListOptions& options) {
  TRIBUTARY_ASSIGN(const auto resources, resources_of(options.target));
  TRIBUTARY_ASSIGN(const auto lists, describe_configs(session, resources, options.keys));
  const bool failed = session.out.failed();  // then what is missing is no news
  for (size_t i = 0; i < resources.size() && !failed; ++i) {
    for (const std::string& key : options.keys) {
      if (std::ranges::find(lists[i], key, &ConfigEntry::name) == lists[i].end()) {
        session.out.failure(resources[i].to_string(), fmt::format("it has no setting '{}'", key));
      }
    }
  }
  print(session, resources, lists, Detail::kSynonyms);
  return {};
}

Status config_set(Session& session, const ConfigChangeOptions& options) {
  const auto& items = options.items;
  // rpk's form: set KEY VALUE
  if (items.size() == 2 && items[0].find('=') == std::string::npos) {
    return change(session, options, {{ConfigOperation::kSet, items[0], items[1]}});
  }
  TRIBUTARY_ASSIGN(const auto changes, parse_assignments(items, ConfigOperation::kSet));
  return change(session, options, changes);
}

Status config_unset(Session& session, const ConfigChangeOptions& options) {
  std::vector<ConfigChange> changes;
  changes.reserve(options.items.size());
  for (const std::string& key : options.items) changes.push_back({ConfigOperation::kDelete, key, {}});
  return change(session, options, changes);
}

}  // namespace tributary::cli
