// Configuration of topics and brokers: describing and altering it, for the verbs that do.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "session.h"

namespace tributary::cli {

struct ConfigResource {
  enum class Type : int8_t { kTopic = 2, kBroker = 4 };
  Type type = Type::kTopic;
  std::string name;  // of a broker its id, empty for the defaults of all brokers

  std::string to_string() const;  // for people: topic 'x', broker 1, broker defaults
};

struct ConfigSynonym {
  std::string name;
  std::optional<std::string> value;
  int8_t source;
};

struct ConfigEntry {
  std::string name;
  std::optional<std::string> value;  // none: sensitive, or null
  int8_t source = 0;
  bool read_only = false;
  bool sensitive = false;
  std::vector<ConfigSynonym> synonyms;  // the value that counts first

  bool is_default() const;
};

// Sorted by name. `keys` empty: all. A resource that fails is reported and its list is empty.
using ConfigEntries = std::vector<ConfigEntry>;
Result<std::vector<ConfigEntries>> describe_configs(Session& session,
                                                    const std::vector<ConfigResource>& resources,
                                                    const std::vector<std::string>& keys);

enum class ConfigOperation : int8_t { kSet = 0, kDelete = 1, kAppend = 2, kSubtract = 3 };
struct ConfigChange {
  ConfigOperation operation;
  std::string name;
  std::string value;  // empty for kDelete
};
// `key=value`.
Result<ConfigChange> parse_assignment(std::string_view text, ConfigOperation operation);
Result<std::vector<ConfigChange>> parse_assignments(const std::vector<std::string>& texts,
                                                    ConfigOperation operation);

enum class Commitment { kReally, kDryRun };
// Prints a row for each resource that was changed and reports those that were not.
Status alter_configs(Session& session, const std::vector<ConfigResource>& resources,
                     const std::vector<ConfigChange>& changes, Commitment commitment);

std::string_view source_name(int8_t source);
std::string shown_value(const ConfigEntry& entry);
Json to_json(const ConfigEntry& entry);

}  // namespace tributary::cli
