#include "config_view.h"

#include <charconv>

#include "tributary/config/resolve.h"

namespace tributary::control {
namespace {

// Negative numbers mean "no limit" in every unit.
std::string scaled(const std::string& value, int64_t factor) {
  if (factor == 1) return value;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < 0) return value;
  int64_t product = 0;
  return std::to_string(__builtin_mul_overflow(number, factor, &product) ? INT64_MAX : product);
}

std::optional<std::string> first_of(std::span<const config::Synonym> synonyms, const ConfigMap* map) {
  for (const config::Synonym& synonym : synonyms) {
    if (const std::string* value = find_value(map, synonym.broker_name))
      return scaled(*value, synonym.factor);
  }
  return std::nullopt;
}

std::optional<std::string> to_string(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

}  // namespace

const std::string* find_value(const ConfigMap* map, std::string_view name) {
  if (map == nullptr) return nullptr;
  const auto found = map->find(name);
  return found == map->end() ? nullptr : &found->second;
}

ConfigView::ConfigView(const Image& image, const config::Values& values, NodeId node)
    : broker_(image.find_config(ResourceType::kBroker, std::to_string(raw(node)))),
      cluster_(image.find_config(ResourceType::kBroker, "")),
      values_(values) {}

ResolvedConfig ConfigView::topic_setting(const config::TopicSetting& setting, const ConfigMap* topic) const {
  if (const std::string* value = find_value(topic, setting.name)) return {*value, ConfigSource::kTopic};
  if (auto value = first_of(setting.synonyms, broker_))
    return {std::move(value), ConfigSource::kDynamicBroker};
  if (auto value = first_of(setting.synonyms, cluster_)) {
    return {std::move(value), ConfigSource::kDynamicDefaultBroker};
  }
  if (config::deciding_synonym(values_, setting)) {
    return {config::topic_default(values_, setting), ConfigSource::kStaticBroker};
  }
  return {config::topic_default(values_, setting), ConfigSource::kDefault};
}

std::optional<std::string> ConfigView::topic_value(std::string_view name, const ConfigMap* topic) const {
  const config::TopicSetting* setting = config::find_topic_setting(name);
  return setting ? topic_setting(*setting, topic).value : std::nullopt;
}

ResolvedConfig ConfigView::broker_setting(std::string_view name) const {
  if (const std::string* value = find_value(broker_, name)) return {*value, ConfigSource::kDynamicBroker};
  if (const std::string* value = find_value(cluster_, name))
    return {*value, ConfigSource::kDynamicDefaultBroker};
  if (values_.is_set(name)) return {values_.find(name), ConfigSource::kStaticBroker};
  const config::Setting* setting = config::find_setting(name);
  return {setting ? to_string(setting->default_value) : std::nullopt, ConfigSource::kDefault};
}

std::vector<ConfigSynonym> ConfigView::synonyms(const std::vector<std::string_view>& names,
                                                std::string_view front) const {
  std::vector<ConfigSynonym> all;
  const auto add = [&](const ConfigMap* map, ConfigSource source) {
    for (const std::string_view name : names) {
      if (const std::string* value = find_value(map, name))
        all.push_back({std::string(name), *value, source});
    }
  };
  add(broker_, ConfigSource::kDynamicBroker);
  add(cluster_, ConfigSource::kDynamicDefaultBroker);
  for (const std::string_view name : names) {
    if (values_.is_set(name))
      all.push_back({std::string(name), values_.get_string(name), ConfigSource::kStaticBroker});
  }
  for (const std::string_view name : names) {
    const config::Setting* setting = config::find_setting(name);
    if (setting == nullptr || !setting->default_value) continue;
    all.push_back({std::string(name), std::string(*setting->default_value), ConfigSource::kDefault});
  }
  const auto first =
      std::find_if(all.begin(), all.end(), [&](const auto& synonym) { return synonym.name == front; });
  all.erase(all.begin(), first);
  return all;
}

}  // namespace tributary::control
