#include "tributary/config/document.h"

#include <fmt/format.h>

#include "collect.h"
#include "tributary/config/setting.h"

namespace tributary::config {
namespace {

constexpr std::string_view kHidden = "[hidden]";

std::string_view source_name(Source source) {
  switch (source) {
    case Source::kDefault:
      return "default";
    case Source::kYaml:
      return "YAML";
    case Source::kProperties:
      return "properties";
    case Source::kCommandLine:
      return "command line";
    case Source::kDynamic:
      return "cluster";
  }
  return "";
}

std::string_view scope_name(Scope scope) {
  switch (scope) {
    case Scope::kReadOnly:
      return "restart";
    case Scope::kPerBroker:
      return "per broker";
    case Scope::kClusterWide:
      return "cluster-wide";
  }
  return "";
}

// A single-quoted YAML scalar, which the loader reads back as it was; no default holds a quote or a variable.
std::string quoted(std::string_view text) { return fmt::format("'{}'", text); }

bool is_number(ValueType type) {
  return type != ValueType::kString && type != ValueType::kList && type != ValueType::kClass &&
         type != ValueType::kPassword;
}

std::string default_line(const Setting& setting) {
  if (!setting.default_value) return fmt::format("# {}:\n", setting.name);
  const auto value = *setting.default_value;
  if (value.empty() && setting.allowed.starts_with('+')) return fmt::format("# {}:\n", setting.name);
  return fmt::format("{}: {}\n", setting.name, is_number(setting.type) ? std::string(value) : quoted(value));
}

// Kafka's two spellings of "the largest number there is".
std::string_view readable(std::string_view value) {
  if (value == "9223372036854775807" || value == "2147483647" || value.starts_with("1.7976931348623157E308"))
    return "no limit";
  return value;
}

template <typename Row>
std::string default_cell(const Row& row) {
  if (!row.default_value) return "";
  if (row.default_value->empty()) return "empty";
  return fmt::format("`{}`", readable(*row.default_value));
}

std::string escape_bars(std::string_view text) {
  std::string out;
  for (const char c : text) out.append(c == '|' ? "\\|" : std::string(1, c));
  return out;
}

template <typename Row>
std::string type_cell(const Row& row) {
  std::string text(type_name(row.type));
  if (row.unit != Unit::kNone) text.append(", ").append(unit_name(row.unit));
  if (row.allowed.size() > 1 && !row.allowed.starts_with('@'))
    text.append(fmt::format(" `{}`", row.allowed.starts_with('+') ? row.allowed.substr(1) : row.allowed));
  return escape_bars(text);
}

std::string change_cell(const Setting& setting) {
  if (!setting.reloadable) return std::string(scope_name(setting.scope));
  return setting.scope == Scope::kReadOnly ? "SIGHUP" : fmt::format("{}, SIGHUP", scope_name(setting.scope));
}

std::string broker_table(auto keep) {
  std::string text = "| Setting | Type | Default | Change | |\n|---|---|---|---|---|\n";
  for (const Setting& setting : broker_settings())
    if (keep(setting))
      text += fmt::format("| `{}` | {} | {} | {} | {} |\n", setting.name, type_cell(setting),
                          default_cell(setting), change_cell(setting), setting.doc);
  return text;
}

std::string with_standing(Standing standing) {
  return broker_table([=](const Setting& s) { return s.standing == standing && !s.own; });
}

std::string synonym_cell(const TopicSetting& setting) {
  std::string text;
  for (const Synonym& synonym : setting.synonyms)
    text.append(text.empty() ? "" : ", ").append(fmt::format("`{}`", synonym.broker_name));
  return text;
}

std::string topic_table() {
  std::string text = "| Setting | Type | Default | Default set by | |\n|---|---|---|---|---|\n";
  for (const TopicSetting& setting : topic_settings())
    if (setting.listed)
      text += fmt::format("| `{}` | {} | {} | {} | {} |\n", setting.name, type_cell(setting),
                          default_cell(setting), synonym_cell(setting), setting.doc);
  return text;
}

constexpr std::string_view kIntroduction = R"(# Configuration

This page is made from the table of settings by `tributaryd --print-config-docs`; change the table, not the page.

Settings come from YAML files (`--config FILE`, several are merged in order), then Java properties files
(`--properties FILE`, as Kafka's `server.properties`), then `--set name=value`; the last one wins. Settings changed in
the running cluster win over all of them. A configuration that is wrong ends the start with exit code 78; all that is
wrong with it is said at once.

Names are Kafka's. In YAML a dot may be written as nesting:

```yaml
log.segment.bytes: 64MiB
log:
  retention: {ms: 7d}
listeners:
  - {name: CLIENTS, port: 9092}
  - {name: INTERNAL, host: '::1', port: 9192}
advertised.listeners:
  - {name: CLIENTS, host: '${HOST:-localhost}', port: 9092}
  - {name: INTERNAL, host: '::1', port: 9192}
inter.broker.listener.name: INTERNAL
```

- Sizes take `B KiB MiB GiB TiB` and `kB MB GB TB`, durations `ms s m h d w`; a bare number is in the setting's own unit.
  Properties files take bare numbers only, as in Kafka.
- Booleans are `true` and `false`. Lists are YAML lists or texts with commas. Unknown and duplicate keys are errors in
  YAML and `--set`; in a properties file an unknown key is warned of.
- A listener may be a map of `name`, `host` (every interface without it), `port` and `protocol` (plaintext without it), or
  a text as in Kafka: `INTERNAL://[::1]:9192`.
- `${NAME}` and `${NAME:-default}` in YAML values stand for environment variables; `$${` is a plain `${`.
- A secret may be given as the path of a file: its key with `_file` behind it.
- `listener.name.<listener>.<setting>` sets a setting for one listener.

*Change* says how a setting changes while the broker runs: `restart` not at all, `per broker` and `cluster-wide` through
Kafka's configuration requests, `SIGHUP` by editing the file and reloading it.
)";

}  // namespace

std::string print_defaults() {
  std::string text = "# Every setting that has an effect, with its default.\n";
  for (const Setting& setting : broker_settings()) {
    if (setting.standing != Standing::kActive) continue;
    text += fmt::format("\n# {}\n{}", setting.doc, default_line(setting));
  }
  return text;
}

std::string print_effective(const Values& values) {
  std::string text;
  for (const auto& [name, entry] : values.explicit_values()) {
    const Setting* setting = setting_of(name);
    const bool secret = !setting || setting->secret();
    const auto& where = entry.origin.where;
    text += fmt::format("{} = {}  # {}\n", name, secret ? kHidden : entry.value,
                        where.empty() ? source_name(entry.origin.source) : where);
  }
  return text;
}

std::string config_docs_markdown() {
  std::string text(kIntroduction);
  text += "\n## Tributary's own\n\n" + broker_table([](const Setting& s) { return s.own; });
  text +=
      "\n## Topics\n\nThe default of a topic setting is that of the first broker setting beside it that is "
      "set.\n\n" +
      topic_table();
  text += "\n## Brokers\n\n" + with_standing(Standing::kActive);
  text +=
      "\n## Without effect so far\n\nThese belong to parts that are not built yet. They are accepted and "
      "shown.\n\n" +
      with_standing(Standing::kUnbuilt);
  text +=
      "\n## Security: refused so far\n\nAny value but the default ends the start: this broker never pretends "
      "to protect.\n\n" +
      with_standing(Standing::kSecurity);
  text += "\n## Ignored\n\nThese have no meaning in this broker; setting one is warned of.\n\n" +
          with_standing(Standing::kIgnored);
  return text;
}

}  // namespace tributary::config
