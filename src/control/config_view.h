// Configuration as seen from one broker: dynamic values of the image over the static ones over the defaults,
// in Kafka's order of precedence. Borrows image and values.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tributary/config/setting.h"
#include "tributary/config/values.h"
#include "tributary/control/image.h"

namespace tributary::control {

// The numbers of DescribeConfigs.
enum class ConfigSource : int8_t {
  kTopic = 1,
  kDynamicBroker = 2,
  kDynamicDefaultBroker = 3,
  kStaticBroker = 4,
  kDefault = 5,
};

struct ResolvedConfig {
  std::optional<std::string> value;
  ConfigSource source = ConfigSource::kDefault;
};

struct ConfigSynonym {
  std::string name;
  std::string value;
  ConfigSource source;
};

class ConfigView {
 public:
  ConfigView(const Image& image, const config::Values& values, NodeId node);

  ResolvedConfig topic_setting(const config::TopicSetting& setting, const ConfigMap* topic) const;
  // What a topic without configs of its own gets for `name`, and what `name` is on the broker.
  std::optional<std::string> topic_value(std::string_view name, const ConfigMap* topic) const;
  ResolvedConfig broker_setting(std::string_view name) const;

  // Every level at which `names` are set, highest first, defaults included, from the first one that is
  // `front` on.
  std::vector<ConfigSynonym> synonyms(const std::vector<std::string_view>& names,
                                      std::string_view front) const;

  const ConfigMap* broker() const { return broker_; }    // null if there are none
  const ConfigMap* cluster() const { return cluster_; }  // the same

 private:
  const ConfigMap* broker_;
  const ConfigMap* cluster_;
  const config::Values& values_;
};

const std::string* find_value(const ConfigMap* map, std::string_view name);

}  // namespace tributary::control
