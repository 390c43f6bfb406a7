// The table of settings: one row for every broker setting and one for every topic setting. The loader, the
// checks of dynamic configuration, DescribeConfigs, --print-defaults and docs/configuration.md all derive
// from it.
//
// Names, types, defaults and ranges are Apache Kafka 4.3's wherever Kafka has the setting; the path in YAML
// is the same name, its dots being nesting. Rows are constants: any thread may read them.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tributary::config {

// The numbers are those of DescribeConfigs (KIP-569).
enum class ValueType : int8_t {
  kBoolean = 1,
  kString = 2,
  kInt = 3,
  kShort = 4,
  kLong = 5,
  kDouble = 6,
  kList = 7,
  kClass = 8,
  kPassword = 9,
};

enum class Unit : uint8_t { kNone, kBytes, kBytesPerSecond, kMilliseconds, kSeconds, kMinutes, kHours };

// Who may change it while the broker runs (KIP-226).
enum class Scope : uint8_t { kReadOnly, kPerBroker, kClusterWide };

enum class Standing : uint8_t {
  kActive,    // does what it says
  kIgnored,   // known, has no meaning in this broker; setting it is warned of once
  kUnbuilt,   // belongs to a part that is not built yet: accepted, shown, without effect so far
  kSecurity,  // asks for protection this broker does not give yet: any value but the default refuses the
              // start
  kInternal,  // Kafka's own knobs for tests and the like: accepted in silence, shown to nobody
};

struct Setting {
  std::string_view name;
  ValueType type;
  Unit unit = Unit::kNone;
  std::optional<std::string_view> default_value = {};  // nullopt: null in DescribeConfigs
  // What a value must be besides of its type: "" anything, "[1,]" or "[0,1]" a range, "a|b|c" one of these
  // (of a list: each element), "~a|b" the same whatever the case, "+" before it: not empty, "@replicas" pairs
  // partition:broker or "*".
  std::string_view allowed = {};
  Scope scope = Scope::kReadOnly;
  Standing standing = Standing::kActive;
  bool reloadable = false;  // taken over on SIGHUP
  bool own = false;         // not a Kafka setting: never shown to Kafka clients
  bool listed = true;       // part of DescribeConfigs even when it is not set
  std::string_view doc;

  bool secret() const { return type == ValueType::kPassword; }
};

// A broker setting that gives a topic setting its default, with what its number is multiplied by.
struct Synonym {
  std::string_view broker_name;
  int64_t factor = 1;
};

struct TopicSetting {
  std::string_view name;
  ValueType type;
  Unit unit = Unit::kNone;
  std::optional<std::string_view> default_value = {};
  std::string_view allowed = {};
  // The first one that is set wins; empty: the default cannot be changed.
  std::span<const Synonym> synonyms = {};
  bool listed = true;  // shown by DescribeConfigs even when it is not set
  std::string_view doc;
};

std::span<const Setting> broker_settings();  // sorted by name, the own ones among them
const Setting* find_setting(std::string_view name);

std::span<const TopicSetting> topic_settings();  // sorted by name
const TopicSetting* find_topic_setting(std::string_view name);

// The names that stand for the same thing in order of precedence, `name` among them (log.retention.ms,
// .minutes, .hours): what DescribeConfigs of a broker lists as synonyms. A name `listener.name.<l>.<key>` has
// `key` behind it.
std::vector<std::string_view> broker_synonyms(std::string_view name);

// "listener.name.internal.ssl.keystore.type" -> "ssl.keystore.type"; a mechanism in between is skipped as
// well, where what follows is a setting that may stand behind one (sasl.jaas.config and the like). Empty when
// it is no such name.
std::string_view listener_override_base(std::string_view name);

std::string_view type_name(ValueType type);
std::string_view unit_name(Unit unit);

}  // namespace tributary::config
