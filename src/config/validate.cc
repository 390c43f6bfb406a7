#include "tributary/config/validate.h"

#include <fmt/format.h>

#include <limits>

#include "security.h"
#include "text.h"
#include "units.h"

namespace tributary::config {
namespace {

// What broker and topic rows have in common.
struct Rule {
  std::string_view name;
  ValueType type;
  Unit unit;
  std::string_view allowed;
};

using Normal = Result<std::string>;

tl::unexpected<Error> invalid(const Rule& rule, std::string_view value, std::string_view why) {
  return fail(Errc::kInvalidArgument,
              fmt::format("Invalid value {} for configuration {}: {}", value, rule.name, why));
}

struct Bounds {
  std::string_view least, most;
};

std::optional<Bounds> bounds_of(std::string_view allowed) {
  if (!allowed.starts_with('[')) return std::nullopt;
  const size_t comma = allowed.find(',');
  return Bounds{allowed.substr(1, comma - 1), allowed.substr(comma + 1, allowed.size() - comma - 2)};
}

std::vector<std::string_view> choices_of(std::string_view allowed) {
  std::vector<std::string_view> choices;
  if (allowed.starts_with('+') || allowed.starts_with('~')) allowed.remove_prefix(1);
  if (allowed.empty() || allowed[0] == '[' || allowed[0] == '@') return choices;
  for (size_t start = 0; start <= allowed.size();) {
    const size_t bar = std::min(allowed.find('|', start), allowed.size());
    choices.push_back(allowed.substr(start, bar - start));
    start = bar + 1;
  }
  return choices;
}

std::string join_choices(const std::vector<std::string_view>& choices) {
  std::string joined;
  for (const std::string_view choice : choices) joined.append(joined.empty() ? "" : ", ").append(choice);
  return joined;
}

Status check_choice(const Rule& rule, std::string_view value) {
  const auto choices = choices_of(rule.allowed);
  if (choices.empty()) return {};
  const bool any_case = rule.allowed.starts_with('~');
  const auto matches = [&](std::string_view choice) {
    return any_case ? lower(choice) == lower(value) : choice == value;
  };
  if (std::ranges::any_of(choices, matches)) return {};
  return invalid(rule, value,
                 fmt::format("String must be one of{}: {}", any_case ? " (case insensitive)" : "",
                             join_choices(choices)));
}

template <typename Number, typename Parse>
Status check_bounds(const Rule& rule, std::string_view text, Number number, Parse parse) {
  const auto bounds = bounds_of(rule.allowed);
  if (!bounds) return {};
  if (const auto least = parse(bounds->least); least && number < *least)
    return invalid(rule, text, fmt::format("Value must be at least {}", bounds->least));
  if (const auto most = parse(bounds->most); most && number > *most)
    return invalid(rule, text, fmt::format("Value must be no more than {}", bounds->most));
  return {};
}

int64_t largest(ValueType type) {
  if (type == ValueType::kShort) return std::numeric_limits<int16_t>::max();
  if (type == ValueType::kInt) return std::numeric_limits<int32_t>::max();
  return std::numeric_limits<int64_t>::max();
}

std::string number_complaint(const Rule& rule, Syntax syntax) {
  const std::string_view example = unit_example(rule.unit);
  if (syntax == Syntax::kUnits && !example.empty()) return fmt::format("expected {}", example);
  return fmt::format("Not a number of type {}", upper(type_name(rule.type)));
}

Normal normal_integer(const Rule& rule, std::string_view value, Syntax syntax) {
  const auto number = syntax == Syntax::kUnits ? parse_with_unit(value, rule.unit) : parse_integer(value);
  const int64_t most = largest(rule.type);
  if (!number || *number > most || *number < -most - 1)
    return invalid(rule, value, number_complaint(rule, syntax));
  TRIBUTARY_TRY(check_bounds(rule, value, *number, parse_integer));
  std::string plain = std::to_string(*number);
  TRIBUTARY_TRY(check_choice(rule, plain));
  return plain;
}

Normal normal_double(const Rule& rule, std::string_view value, Syntax syntax) {
  auto number = parse_double(value);
  std::string plain(value);
  if (!number && syntax == Syntax::kUnits) {
    if (const auto scaled = parse_with_unit(value, rule.unit)) {
      number = static_cast<double>(*scaled);
      plain = std::to_string(*scaled);
    }
  }
  if (!number) return invalid(rule, value, number_complaint(rule, syntax));
  TRIBUTARY_TRY(check_bounds(rule, value, *number, parse_double));
  return plain;
}

Normal normal_boolean(const Rule& rule, std::string_view value, Syntax syntax) {
  const std::string text = syntax == Syntax::kPlain ? lower(value) : std::string(value);
  if (text == "true" || text == "false") return text;
  return invalid(rule, value, "Expected value to be either true or false");
}

bool is_replica(std::string_view text) {
  const size_t colon = text.find(':');
  const auto digits = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return text.empty() ||
         (colon != std::string_view::npos && digits(text.substr(0, colon)) && digits(text.substr(colon + 1)));
}

Status check_replicas(const Rule& rule, std::string_view value, const std::vector<std::string>& elements) {
  if (join_list(elements) == "*" || std::ranges::all_of(elements, is_replica)) return {};
  return invalid(
      rule, value,
      "expected the literal '*' or replicas as [partitionId]:[brokerId],[partitionId]:[brokerId],...");
}

Normal normal_list(const Rule& rule, std::string_view value) {
  auto elements = split_list(value);
  if (elements.empty() && rule.allowed.starts_with('+')) return invalid(rule, value, "must not be empty");
  if (rule.allowed == "@replicas") {
    TRIBUTARY_TRY(check_replicas(rule, value, elements));
    return join_list(elements);
  }
  for (size_t i = 0; i < elements.size(); ++i) {
    if (elements[i].empty()) return invalid(rule, value, "an element is empty");
    if (std::find(elements.begin(), elements.begin() + i, elements[i]) != elements.begin() + i)
      return invalid(rule, value, fmt::format("{} is there twice", elements[i]));
    TRIBUTARY_TRY(check_choice(rule, elements[i]));
  }
  return join_list(elements);
}

Normal normal_text(const Rule& rule, std::string_view value) {
  if (value.empty() && rule.allowed.starts_with('+')) return invalid(rule, value, "String must be non-empty");
  TRIBUTARY_TRY(check_choice(rule, value));
  return std::string(value);
}

Normal normalize_rule(const Rule& rule, std::string_view raw, Syntax syntax) {
  const std::string_view value = trim(raw);
  switch (rule.type) {
    case ValueType::kBoolean:
      return normal_boolean(rule, value, syntax);
    case ValueType::kInt:
    case ValueType::kShort:
    case ValueType::kLong:
      return normal_integer(rule, value, syntax);
    case ValueType::kDouble:
      return normal_double(rule, value, syntax);
    case ValueType::kList:
      return normal_list(rule, value);
    case ValueType::kString:
    case ValueType::kClass:
    case ValueType::kPassword:
      return normal_text(rule, value);
  }
  return std::string(value);
}

template <typename Row>
Rule rule_of(const Row& row) {
  return {row.name, row.type, row.unit, row.allowed};
}

// Kafka takes these only behind listener.name.<l>.
constexpr std::string_view kOnlyPerListener[] = {"ssl.key.password",
                                                 "ssl.keystore.certificate.chain",
                                                 "ssl.keystore.key",
                                                 "ssl.keystore.location",
                                                 "ssl.keystore.password",
                                                 "ssl.keystore.type",
                                                 "ssl.truststore.certificates",
                                                 "ssl.truststore.location",
                                                 "ssl.truststore.password",
                                                 "ssl.truststore.type"};

}  // namespace

Result<std::string> normalize(const Setting& setting, std::string_view value, Syntax syntax) {
  return normalize_rule(rule_of(setting), value, syntax);
}

std::optional<std::string> validate_topic_config(std::string_view name, std::string_view value) {
  const TopicSetting* setting = find_topic_setting(name);
  if (!setting) return fmt::format("Unknown topic config name: {}", name);
  const auto normal = normalize_rule(rule_of(*setting), value, Syntax::kPlain);
  if (!normal) return normal.error().message;
  return std::nullopt;
}

std::optional<std::string> validate_broker_config(std::string_view name, std::string_view value) {
  const auto base = listener_override_base(name);
  const Setting* setting = find_setting(base.empty() ? name : base);
  if (!setting || setting->own) return std::nullopt;
  const auto normal = normalize(*setting, value, Syntax::kPlain);
  if (!normal) return normal.error().message;
  return security_refusal(name, *normal);
}

std::optional<std::string> check_dynamic_update(std::string_view name, bool cluster_default) {
  const auto base = listener_override_base(name);
  const Setting* setting = find_setting(base.empty() ? name : base);
  if (!setting) return std::nullopt;
  if (setting->scope == Scope::kReadOnly && base.empty())
    return fmt::format("Cannot update these configs dynamically: [{}]", name);
  if (base.empty() && std::ranges::find(kOnlyPerListener, name) != std::end(kOnlyPerListener))
    return fmt::format(
        "These security configs can be dynamically updated only per-listener using the listener prefix: [{}]",
        name);
  if (cluster_default && setting->scope != Scope::kClusterWide)
    return fmt::format(
        "Cannot update these configs at default cluster level, broker id must be specified: [{}]", name);
  return std::nullopt;
}

}  // namespace tributary::config
