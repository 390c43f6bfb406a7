// `tributary config ...`: of topics, single brokers, and the defaults of all brokers.
#pragma once
#include <string>
#include <vector>

#include "session.h"

namespace tributary::cli {

// Which resource is meant; exactly one way of naming it is used.
struct ConfigTarget {
  std::vector<std::string> topics;
  std::vector<int32_t> brokers;
  bool defaults = false;
  std::string entity_type, entity_name;  // as kafka-configs.sh names them
};

struct ConfigListOptions {
  ConfigTarget target;
  std::vector<std::string> keys;  // for get
  bool all = false;               // for list: defaults too
};
Status config_list(Session& session, const ConfigListOptions& options);
Status config_get(Session& session, const ConfigListOptions& options);

struct ConfigChangeOptions {
  ConfigTarget target;
  std::vector<std::string> items;  // key=value for set, keys for unset
  bool dry_run = false;
};
Status config_set(Session& session, const ConfigChangeOptions& options);
Status config_unset(Session& session, const ConfigChangeOptions& options);

}  // namespace tributary::cli
