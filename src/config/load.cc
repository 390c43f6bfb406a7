#include "tributary/config/load.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "collect.h"
#include "properties.h"
#include "security.h"
#include "text.h"
#include "tributary/config/resolve.h"

namespace tributary::config {
namespace {

constexpr size_t kLargestFile = 4 << 20;
constexpr size_t kMostMessages = 100;

Result<std::string> read_whole_file(const std::string& path) {
  const auto refused = [&](const char* what) {
    return fail(Errc::kIo, fmt::format("{} {}: {}", what, path, std::strerror(errno)));
  };
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "re"), &std::fclose);
  if (!file) return refused("cannot open");
  std::string text;
  char buffer[1 << 14];
  while (const size_t count = std::fread(buffer, 1, sizeof buffer, file.get())) {
    text.append(buffer, count);
    if (text.size() > kLargestFile)
      return fail(Errc::kTooLarge, fmt::format("{} is larger than 4 MiB", path));
  }
  if (std::ferror(file.get())) return refused("cannot read");
  return text;
}

std::optional<std::string> real_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

// Reads each file and hands its text on.
template <typename Load>
void each_file(const std::vector<std::string>& paths, const Surroundings& surroundings, Collector& collector,
               Load load_text) {
  for (const std::string& path : paths) {
    if (const auto text = surroundings.read_file(path)) {
      load_text(path, *text);
    } else {
      collector.error(path, text.error().message);
    }
  }
}

void check_standing(LoadResult& result) {
  for (const auto& [name, entry] : result.values.explicit_values()) {
    if (auto refusal = security_refusal(name, entry.value))
      result.errors.push_back({entry.origin.where, *std::move(refusal)});
    else if (const Setting* setting = setting_of(name); setting && setting->standing == Standing::kIgnored)
      result.warnings.push_back(
          fmt::format("{}: {} has no meaning in this broker and is ignored", entry.origin.where, name));
  }
}

// Two names of one number: what is said of one goes for the other, and is shown so. -1 says nothing.
void share_identity(Values& values) {
  const auto share = [&](const char* from, const char* to) {
    const bool said = values.is_set(from) && values.get_int(from) >= 0;
    if (said && !values.is_set(to)) values.set(to, values.get_string(from), values.origin(from));
  };
  share("node.id", "broker.id");
  share("broker.id", "node.id");
}

void check_together(LoadResult& result) {
  for (const Complaint& complaint : cross_check(result.values)) {
    const Origin origin = result.values.origin(complaint.setting);
    result.errors.push_back(
        {origin.where.empty() ? std::string(complaint.setting) : origin.where, complaint.text});
  }
}

}  // namespace

const Setting* setting_of(std::string_view name) {
  const auto base = listener_override_base(name);
  return find_setting(base.empty() ? name : base);
}

bool Collector::full() const {
  return result_.errors.size() >= kMostMessages || result_.warnings.size() >= kMostMessages;
}

void Collector::error(std::string where, std::string text) {
  if (result_.errors.size() > kMostMessages) return;
  if (result_.errors.size() == kMostMessages) text = "there are more errors; the rest is not shown";
  result_.errors.push_back({std::move(where), std::move(text)});
}

void Collector::warn(std::string_view where, std::string_view text) {
  if (result_.warnings.size() > kMostMessages) return;
  if (result_.warnings.size() == kMostMessages) text = "there are more warnings; the rest is not shown";
  result_.warnings.push_back(fmt::format("{}: {}", where, text));
}

std::string Collector::unknown_setting(std::string_view name) const {
  std::vector<std::string_view> names;
  for (const Setting& setting : broker_settings()) names.push_back(setting.name);
  const auto near = full() ? std::nullopt : nearest(name, names);
  return fmt::format("unknown setting \"{}\"{}", name,
                     near ? fmt::format("; did you mean \"{}\"?", *near) : "");
}

void Collector::assign(std::string_view name, const Setting& setting, std::string_view value, Syntax syntax,
                       Origin origin) {
  auto normal = normalize(setting, value, syntax);
  if (!normal) return error(std::move(origin.where), std::move(normal.error().message));
  result_.values.set(name, *std::move(normal), std::move(origin));
}

void load_properties(const std::string& path, std::string_view text, Collector& collector) {
  for (const Property& property : parse_properties(text)) {
    const std::string where = fmt::format("{}:{}", path, property.line);
    const Setting* setting = setting_of(property.key);
    if (setting) {
      collector.assign(property.key, *setting, property.value, Syntax::kPlain, {Source::kProperties, where});
    } else if (auto refusal = security_refusal(property.key, property.value)) {
      collector.error(where, *std::move(refusal));
    } else {
      collector.warn(where, fmt::format("{} (ignored)", collector.unknown_setting(property.key)));
    }
  }
}

void load_override(std::string_view assignment, Collector& collector) {
  const std::string where = "--set";
  const size_t equals = assignment.find('=');
  if (equals == std::string_view::npos)
    return collector.error(where, fmt::format("expected name=value, got \"{}\"", assignment));
  const std::string_view name = trim(assignment.substr(0, equals));
  const Setting* setting = setting_of(name);
  if (!setting) return collector.error(where, collector.unknown_setting(name));
  collector.assign(name, *setting, assignment.substr(equals + 1), Syntax::kUnits,
                   {Source::kCommandLine, where});
}

Surroundings real_surroundings() { return {read_whole_file, real_variable}; }

LoadResult load(const Sources& sources, const Surroundings& surroundings) {
  LoadResult result;
  Collector collector(result);
  each_file(sources.yaml_files, surroundings, collector, [&](const std::string& path, std::string_view text) {
    load_yaml(path, text, surroundings, collector);
  });
  each_file(sources.properties_files, surroundings, collector,
            [&](const std::string& path, std::string_view text) { load_properties(path, text, collector); });
  for (const std::string& assignment : sources.overrides) load_override(assignment, collector);
  share_identity(result.values);
  check_standing(result);
  if (result.errors.empty()) check_together(result);
  return result;
}

std::string describe(const std::vector<ConfigError>& errors) {
  std::string text;
  for (const ConfigError& error : errors) text += fmt::format("{}: {}\n", error.where, error.text);
  return text;
}

}  // namespace tributary::config
