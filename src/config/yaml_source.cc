// From a YAML tree to settings: nesting becomes dots, lists are joined, listeners have a form of their own.
#include <fmt/format.h>

#include <map>

#include "collect.h"
#include "listeners.h"
#include "security.h"
#include "substitute.h"
#include "text.h"
#include "yaml_tree.h"

namespace tributary::config {
namespace {

constexpr std::string_view kFileSuffix = "_file";
constexpr std::string_view kProtocolMap = "listener.security.protocol.map";

bool is_listener_list(std::string_view name) { return name == "listeners" || name == "advertised.listeners"; }

bool is_prefix(std::string_view path) {
  const std::string prefix = fmt::format("{}.", path);
  if (prefix.starts_with("listener.name.")) return true;
  return std::ranges::any_of(broker_settings(), [&](const Setting& s) { return s.name.starts_with(prefix); });
}

class YamlLoader {
 public:
  YamlLoader(const std::string& path, const Surroundings& surroundings, Collector& collector)
      : path_(path), surroundings_(surroundings), collector_(collector) {}

  void load(std::string_view text) {
    std::vector<YamlError> errors;
    const YamlNode root = parse_yaml(text, errors);
    for (YamlError& e : errors) error(e.position, std::move(e.text));
    if (root.kind == YamlNode::Kind::kMap) {
      walk(root, "");
    } else if (root.kind != YamlNode::Kind::kNull) {
      error(root.position, "expected settings as \"name: value\"");
    }
    keep_protocols();
  }

 private:
  std::string where(Position position) const {
    return fmt::format("{}:{}:{}", path_, position.line, position.column);
  }
  void error(Position position, std::string text) { collector_.error(where(position), std::move(text)); }
  Origin origin(Position position) const { return {Source::kYaml, where(position)}; }

  void walk(const YamlNode& map, const std::string& prefix) {
    std::map<std::string_view, Position> seen;
    for (size_t i = 0; i < map.items.size(); ++i) {
      const auto& [key, position] = map.keys[i];
      if (key.empty()) continue;  // already complained of
      const auto [first, fresh] = seen.emplace(key, position);
      if (!fresh) {
        error(position, fmt::format("duplicate key \"{}\", first at line {}", key, first->second.line));
        continue;
      }
      visit(prefix + key, position, map.items[i]);
    }
  }

  void visit(const std::string& name, Position position, const YamlNode& value) {
    if (value.kind == YamlNode::Kind::kMap && !setting_of(name) && !is_prefix(name))
      return unknown(name, position, value);
    if (value.kind == YamlNode::Kind::kMap) return descend(name, position, value);
    if (const Setting* setting = setting_of(name)) return set(name, *setting, position, value);
    if (const Setting* setting = secret_behind(name)) return set_from_file(name, *setting, position, value);
    unknown(name, position, value);
  }

  void descend(const std::string& name, Position position, const YamlNode& value) {
    if (!is_prefix(name)) return error(position, fmt::format("{} takes a value, not a map", name));
    walk(value, name + ".");
  }

  // The nearest known name is looked for with the whole path, so a map under a misspelt key is followed down.
  void unknown(const std::string& name, Position position, const YamlNode& value) {
    if (value.kind == YamlNode::Kind::kMap && value.items.size() == 1 && !value.keys[0].first.empty())
      return unknown(name + "." + value.keys[0].first, position, value.items[0]);
    if (is_prefix(name))
      return error(position, fmt::format("{} is a group of settings and takes a map", name));
    error(position, collector_.unknown_setting(name));
  }

  bool claim(const std::string& name, Position position) {
    const auto [first, fresh] = set_.emplace(name, position);
    if (!fresh) error(position, fmt::format("{} is already set at line {}", name, first->second.line));
    return fresh;
  }

  void set(const std::string& name, const Setting& setting, Position position, const YamlNode& value) {
    if (!claim(name, position)) return;
    switch (value.kind) {
      case YamlNode::Kind::kNull:
        return error(position, fmt::format("{} has no value", name));
      case YamlNode::Kind::kScalar:
        return set_scalar(name, setting, value);
      case YamlNode::Kind::kSequence:
        return set_sequence(name, setting, value);
      case YamlNode::Kind::kMap:
        return;
    }
  }

  std::optional<std::string> text_of(const YamlNode& value) {
    if (value.kind != YamlNode::Kind::kScalar) {
      error(value.position, "expected a plain value");
      return std::nullopt;
    }
    auto text = substitute(value.text, surroundings_);
    if (text) return *std::move(text);
    error(value.position, text.error().message);
    return std::nullopt;
  }

  void set_scalar(const std::string& name, const Setting& setting, const YamlNode& value) {
    if (const auto text = text_of(value))
      collector_.assign(name, setting, *text, Syntax::kUnits, origin(value.position));
  }

  void set_sequence(const std::string& name, const Setting& setting, const YamlNode& value) {
    if (setting.type != ValueType::kList)
      return error(value.position, fmt::format("{} takes one value, not a list", name));
    std::vector<std::string> elements;
    for (const YamlNode& item : value.items) {
      const bool map = item.kind == YamlNode::Kind::kMap && is_listener_list(name);
      const auto text = map ? listener_text(item) : text_of(item);
      if (!text) return;
      if (text->find(',') != std::string::npos)
        return error(item.position, "an element of a list cannot hold a comma");
      elements.push_back(*text);
    }
    collector_.assign(name, setting, join_list(elements), Syntax::kUnits, origin(value.position));
  }

  // {name: INTERNAL, host: 0.0.0.0, port: 9192, protocol: PLAINTEXT} in Kafka's form.
  std::optional<std::string> listener_text(const YamlNode& map) {
    std::map<std::string_view, std::string> fields;
    for (size_t i = 0; i < map.items.size(); ++i) {
      const auto& [key, position] = map.keys[i];
      if (key != "name" && key != "host" && key != "port" && key != "protocol") {
        error(position,
              fmt::format("unknown key \"{}\" of a listener; known are name, host, port, protocol", key));
        return std::nullopt;
      }
      const auto text = text_of(map.items[i]);
      if (!text) return std::nullopt;
      if (!fields.emplace(key, *text).second) {
        error(position, fmt::format("duplicate key \"{}\"", key));
        return std::nullopt;
      }
    }
    if (!fields.contains("name") || !fields.contains("port")) {
      error(map.position, "a listener needs a name and a port");
      return std::nullopt;
    }
    remember_protocol(fields, map.position);
    const std::string& host = fields["host"];
    const bool bare_ipv6 = host.find(':') != std::string::npos && !host.starts_with('[');
    return fmt::format(fmt::runtime(bare_ipv6 ? "{}://[{}]:{}" : "{}://{}:{}"), fields["name"], host,
                       fields["port"]);
  }

  // A listener of another name than a protocol's is plaintext unless it says something else.
  void remember_protocol(std::map<std::string_view, std::string>& fields, Position position) {
    const bool given = fields.contains("protocol");
    if (!given && parse_protocol(upper(fields["name"]))) return;
    protocols_.push_back({fields["name"], given ? fields["protocol"] : "PLAINTEXT", position, given});
  }

  bool is_given_elsewhere(std::string_view name) const {
    return std::ranges::any_of(protocols_,
                               [&](const Protocol& p) { return p.given && upper(p.name) == upper(name); });
  }

  // Protocols given with listeners are put behind Kafka's default map, unless the map itself is in the file.
  void keep_protocols() {
    const Setting& map = *find_setting(kProtocolMap);
    const auto given = std::ranges::find(protocols_, true, &Protocol::given);
    const bool map_in_file = set_.contains(std::string(kProtocolMap));
    if (map_in_file && given != protocols_.end())
      error(given->position, fmt::format("give protocols either here or in {}", kProtocolMap));
    if (map_in_file || protocols_.empty()) return;
    std::vector<std::string> pairs;
    for (const Protocol& p : protocols_) {
      if (!p.given && is_given_elsewhere(p.name)) continue;
      std::string pair = fmt::format("{}:{}", upper(p.name), upper(p.protocol));
      if (std::ranges::find(pairs, pair) == pairs.end()) pairs.push_back(std::move(pair));
    }
    for (const std::string& pair : split_list(*map.default_value)) {
      const std::string_view own_name = std::string_view(pair).substr(0, pair.find(':') + 1);
      if (std::ranges::none_of(pairs, [&](const std::string& p) { return p.starts_with(own_name); }))
        pairs.push_back(pair);
    }
    collector_.assign(kProtocolMap, map, join_list(pairs), Syntax::kUnits, origin(protocols_[0].position));
  }

  const Setting* secret_behind(std::string_view name) const {
    if (!name.ends_with(kFileSuffix)) return nullptr;
    const Setting* setting = setting_of(name.substr(0, name.size() - kFileSuffix.size()));
    return setting && setting->secret() ? setting : nullptr;
  }

  void set_from_file(const std::string& name, const Setting& setting, Position position,
                     const YamlNode& value) {
    const std::string plain_name = name.substr(0, name.size() - kFileSuffix.size());
    if (!claim(plain_name, position)) return;
    const auto file = text_of(value);
    if (!file) return;
    const auto secret = surroundings_.read_file(*file);
    if (!secret) return error(value.position, secret.error().message);
    collector_.assign(plain_name, setting, *secret, Syntax::kUnits, origin(value.position));
  }

  struct Protocol {
    std::string name, protocol;
    Position position;
    bool given;  // in the file, not assumed
  };

  const std::string& path_;
  const Surroundings& surroundings_;
  Collector& collector_;
  std::map<std::string, Position> set_;
  std::vector<Protocol> protocols_;
};

}  // namespace

void load_yaml(const std::string& path, std::string_view text, const Surroundings& surroundings,
               Collector& collector) {
  YamlLoader(path, surroundings, collector).load(text);
}

}  // namespace tributary::config
