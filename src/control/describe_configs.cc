#include <fmt/format.h>

#include <charconv>
#include <set>

#include "config_view.h"
#include "tributary/control/controller.h"

namespace tributary::control {
namespace {

using Response = wire::DescribeConfigsResponse;
using Request = wire::DescribeConfigsRequest;
using wire::ErrorCode;

struct Fault {
  ErrorCode code;
  std::string message;
};
using Rows = tl::expected<std::vector<Response::DescribeConfigsResourceResult>, Fault>;

tl::unexpected<Fault> invalid(std::string message) {
  return tl::unexpected(Fault{ErrorCode::kInvalidRequest, std::move(message)});
}

class Describer {
 public:
  Describer(const Image& image, const config::Values& values, NodeId node, const Request& request,
            wire::Arena& arena)
      : image_(image),
        values_(values),
        node_(node),
        request_(request),
        arena_(arena),
        view_(image, values, node) {}

  Response::DescribeConfigsResult describe(const Request::DescribeConfigsResource& resource) {
    wanted_ = resource.configuration_keys ? std::set<std::string_view>(resource.configuration_keys->begin(),
                                                                       resource.configuration_keys->end())
                                          : std::set<std::string_view>();
    Response::DescribeConfigsResult result;
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
    result.error_message = std::nullopt;
    Rows rows = rows_of(resource);
    if (rows) {
      result.configs = std::move(*rows);
    } else {
      result.error_code = rows.error().code;
      if (!rows.error().message.empty()) result.error_message = arena_.keep(std::move(rows.error().message));
    }
    return result;
  }

 private:
  Rows rows_of(const Request::DescribeConfigsResource& resource) {
    switch (ResourceType{resource.resource_type}) {
      case ResourceType::kTopic:
        return topic_rows(resource.resource_name);
      case ResourceType::kBroker:
        return broker_rows(resource.resource_name);
      default:
        return invalid(
            fmt::format("Unsupported resource type: {}", static_cast<int>(resource.resource_type)));
    }
  }

  bool wanted(std::string_view name) const { return wanted_.empty() || wanted_.contains(name); }

  Rows topic_rows(std::string_view topic) {
    if (auto fault = topic_name_fault(topic)) {
      return tl::unexpected(Fault{ErrorCode::kInvalidTopicException, std::move(*fault)});
    }
    if (!image_.find_topic(topic)) return tl::unexpected(Fault{ErrorCode::kUnknownTopicOrPartition, ""});
    const ConfigMap* configs = image_.find_config(ResourceType::kTopic, topic);
    Rows rows;
    for (const config::TopicSetting& setting : config::topic_settings()) {
      const bool hidden = setting.name.starts_with("internal.") && !find_value(configs, setting.name);
      if (!hidden && wanted(setting.name)) rows->push_back(topic_row(setting, configs));
    }
    return rows;
  }

  Response::DescribeConfigsResourceResult topic_row(const config::TopicSetting& setting,
                                                    const ConfigMap* configs) {
    std::vector<ConfigSynonym> synonyms;
    if (const std::string* own = find_value(configs, setting.name)) {
      synonyms.push_back({std::string(setting.name), *own, ConfigSource::kTopic});
    }
    if (!setting.synonyms.empty()) {
      const std::string_view broker_name = setting.synonyms.front().broker_name;
      for (auto& synonym : view_.synonyms(config::broker_synonyms(broker_name), broker_name)) {
        synonyms.push_back(std::move(synonym));
      }
    }
    auto row = make_row(setting.name, view_.topic_setting(setting, configs).value, synonyms,
                        setting.type == config::ValueType::kPassword);
    row.config_type = static_cast<int8_t>(setting.type);
    if (request_.include_documentation) row.documentation = setting.doc;
    return row;
  }

  Rows broker_rows(std::string_view name) {
    if (name.empty()) return cluster_rows();
    int32_t id = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (error != std::errc() || end != name.data() + name.size()) {
      return invalid(fmt::format("Broker id must be an integer, but it is: {}", name));
    }
    if (id != raw(node_)) {
      return invalid(fmt::format("Unexpected broker id, expected {} or empty string, but received {}",
                                 raw(node_), name));
    }
    Rows rows;
    for (const std::string_view setting : broker_names()) {
      if (wanted(setting)) rows->push_back(broker_row(setting, view_.broker_setting(setting).value, true));
    }
    return rows;
  }

  // What the cluster's default resource holds, nothing else.
  Rows cluster_rows() {
    Rows rows;
    if (view_.cluster() == nullptr) return rows;
    for (const auto& [name, value] : *view_.cluster()) {
      if (wanted(name)) rows->push_back(broker_row(name, value, false));
    }
    return rows;
  }

  // Every listed setting, and whatever else has been set (custom names, listener overrides).
  std::set<std::string_view> broker_names() const {
    std::set<std::string_view> names;
    for (const config::Setting& setting : config::broker_settings()) {
      if (shown(setting) && setting.listed) names.insert(setting.name);
    }
    const auto add = [&](std::string_view name) {
      const config::Setting* setting = config::find_setting(name);
      if (setting == nullptr || shown(*setting)) names.insert(name);
    };
    for (const auto& [name, entry] : values_.explicit_values()) add(name);
    for (const ConfigMap* map : {view_.broker(), view_.cluster()}) {
      if (map == nullptr) continue;
      for (const auto& [name, value] : *map) add(name);
    }
    return names;
  }

  static bool shown(const config::Setting& setting) {
    return !setting.own && setting.standing != config::Standing::kInternal;
  }

  Response::DescribeConfigsResourceResult broker_row(std::string_view name, std::optional<std::string> value,
                                                     bool per_broker) {
    const std::string_view base = config::listener_override_base(name);
    const config::Setting* setting = config::find_setting(base.empty() ? name : base);
    std::vector<std::string_view> names = config::broker_synonyms(name);
    if (names.empty()) names.push_back(name);
    auto synonyms = view_.synonyms(names, name);
    if (!per_broker) {
      std::erase_if(synonyms, [](const auto& s) { return s.source != ConfigSource::kDynamicDefaultBroker; });
    }
    // What is not in the table may be a password of somebody's plug-in.
    const bool sensitive = setting == nullptr || setting->secret();
    auto row = make_row(name, std::move(value), synonyms, sensitive);
    row.read_only = setting == nullptr || (base.empty() && setting->scope == config::Scope::kReadOnly);
    row.config_type = setting ? static_cast<int8_t>(setting->type) : int8_t{0};
    if (request_.include_documentation && setting) row.documentation = setting->doc;
    return row;
  }

  Response::DescribeConfigsResourceResult make_row(std::string_view name, std::optional<std::string> value,
                                                   const std::vector<ConfigSynonym>& synonyms,
                                                   bool sensitive) {
    Response::DescribeConfigsResourceResult row;
    row.name = arena_.keep(std::string(name));
    row.value = value && !sensitive ? std::optional(arena_.keep(std::move(*value))) : std::nullopt;
    row.is_sensitive = sensitive;
    row.config_source =
        static_cast<int8_t>(synonyms.empty() ? ConfigSource::kDefault : synonyms.front().source);
    row.documentation = std::nullopt;
    if (request_.include_synonyms) add_synonyms(row, synonyms, sensitive);
    return row;
  }

  void add_synonyms(Response::DescribeConfigsResourceResult& row, const std::vector<ConfigSynonym>& synonyms,
                    bool sensitive) {
    for (const ConfigSynonym& synonym : synonyms) {
      Response::DescribeConfigsSynonym out;
      out.name = arena_.keep(synonym.name);
      out.value = sensitive ? std::nullopt : std::optional(arena_.keep(synonym.value));
      out.source = static_cast<int8_t>(synonym.source);
      row.synonyms.push_back(out);
    }
  }

  const Image& image_;
  const config::Values& values_;
  NodeId node_;
  const Request& request_;
  wire::Arena& arena_;
  ConfigView view_;
  std::set<std::string_view> wanted_;  // empty: all
};

}  // namespace

Response describe_configs(const Image& image, const config::Values& values, NodeId node,
                          const Request& request, int16_t /*version*/, wire::Arena& arena) {
  Describer describer(image, values, node, request, arena);
  Response response;
  // Each once, so that the answer is bounded by what there is and not by how often it is named.
  std::set<std::pair<int8_t, std::string_view>> seen;
  for (const auto& resource : request.resources) {
    if (!seen.emplace(resource.resource_type, resource.resource_name).second) continue;
    response.results.push_back(describer.describe(resource));
  }
  return response;
}

}  // namespace tributary::control
