#include "tributary/config/setting.h"

#include "settings_tables.h"

namespace tributary::config {
namespace {

constexpr std::string_view kListenerPrefix = "listener.name.";

std::vector<Setting> gather() {
  std::vector<Setting> all;
  for (auto part : {cluster_settings(), coordinator_settings(), log_settings(), network_settings(),
                    own_settings(), remote_settings(), security_settings()})
    all.insert(all.end(), part.begin(), part.end());
  std::ranges::sort(all, {}, &Setting::name);
  return all;
}

template <typename Row>
const Row* find_row(std::span<const Row> rows, std::string_view name) {
  const auto found = std::ranges::lower_bound(rows, name, {}, &Row::name);
  return found != rows.end() && found->name == name ? &*found : nullptr;
}

constexpr std::string_view kRoll[] = {"log.roll.ms", "log.roll.hours"};
constexpr std::string_view kRollJitter[] = {"log.roll.jitter.ms", "log.roll.jitter.hours"};
constexpr std::string_view kRetention[] = {"log.retention.ms", "log.retention.minutes",
                                           "log.retention.hours"};
constexpr std::string_view kFlush[] = {"log.flush.interval.ms", "log.flush.scheduler.interval.ms"};

// Settings of a listener that may name a mechanism first: listener.name.x.scram-sha-256.sasl.jaas.config.
constexpr std::string_view kPerMechanism[] = {"sasl.jaas.config", "sasl.login.callback.handler.class",
                                              "sasl.login.class", "sasl.server.callback.handler.class",
                                              "connections.max.reauth.ms"};

std::span<const std::string_view> family(std::string_view name) {
  for (std::span<const std::string_view> group :
       {std::span<const std::string_view>(kRoll), {kRollJitter}, {kRetention}})
    if (std::ranges::find(group, name) != group.end()) return group;
  if (name == kFlush[0]) return kFlush;
  return {};
}

}  // namespace

std::span<const Setting> broker_settings() {
  static const std::vector<Setting> all = gather();
  return all;
}

const Setting* find_setting(std::string_view name) { return find_row(broker_settings(), name); }

const TopicSetting* find_topic_setting(std::string_view name) { return find_row(topic_settings(), name); }

std::vector<std::string_view> broker_synonyms(std::string_view name) {
  if (const auto group = family(name); !group.empty()) return {group.begin(), group.end()};
  if (const auto base = listener_override_base(name); !base.empty()) return {name, base};
  return {name};
}

std::string_view listener_override_base(std::string_view name) {
  if (!name.starts_with(kListenerPrefix)) return {};
  const std::string_view rest = name.substr(kListenerPrefix.size());
  const size_t dot = rest.find('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  const std::string_view key = rest.substr(dot + 1);
  for (const std::string_view tail : kPerMechanism)
    if (key.ends_with(tail)) return tail;
  return key;
}

std::string_view type_name(ValueType type) {
  constexpr std::string_view kNames[] = {"boolean", "string", "int",   "short",   "long",
                                         "double",  "list",   "class", "password"};
  return kNames[static_cast<size_t>(type) - 1];
}

std::string_view unit_name(Unit unit) {
  constexpr std::string_view kNames[] = {"",        "bytes",   "bytes/s", "milliseconds",
                                         "seconds", "minutes", "hours"};
  return kNames[static_cast<size_t>(unit)];
}

}  // namespace tributary::config
