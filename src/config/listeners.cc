// Listeners as Kafka reads them (KIP-103, KIP-1000 for the controller's).
#include <fmt/format.h>

#include "listeners.h"
#include "text.h"
#include "units.h"

namespace tributary::config {
namespace {

using ProtocolMap = std::map<std::string, SecurityProtocol>;

constexpr std::pair<std::string_view, SecurityProtocol> kProtocols[] = {
    {"PLAINTEXT", SecurityProtocol::kPlaintext},
    {"SSL", SecurityProtocol::kSsl},
    {"SASL_PLAINTEXT", SecurityProtocol::kSaslPlaintext},
    {"SASL_SSL", SecurityProtocol::kSaslSsl}};

tl::unexpected<Error> wrong(std::string text) { return fail(Errc::kInvalidArgument, std::move(text)); }

Result<ProtocolMap> protocol_map(const Values& values) {
  ProtocolMap map;
  for (const std::string& pair : split_list(values.get_string("listener.security.protocol.map"))) {
    const size_t colon = pair.find(':');
    const std::string_view text = pair;
    if (colon == std::string::npos || colon == 0)
      return wrong(fmt::format("expected NAME:PROTOCOL in listener.security.protocol.map, got \"{}\"", pair));
    const auto protocol = parse_protocol(upper(trim(text.substr(colon + 1))));
    if (!protocol)
      return wrong(
          fmt::format("\"{}\" is no security protocol; known are PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL",
                      trim(text.substr(colon + 1))));
    if (!map.emplace(upper(trim(text.substr(0, colon))), *protocol).second)
      return wrong(fmt::format("{} is twice in listener.security.protocol.map", trim(text.substr(0, colon))));
  }
  return map;
}

bool good_host(std::string_view host) {
  return std::ranges::all_of(host, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("-%._:").find(c) != std::string_view::npos;
  });
}

std::string_view without_brackets(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) return host.substr(1, host.size() - 2);
  return host;
}

class Resolver {
 public:
  explicit Resolver(const Values& values) : values_(values) {}

  Result<Listeners> resolve() {
    TRIBUTARY_ASSIGN(map_, protocol_map(values_));
    for (const std::string& name : values_.get_list("controller.listener.names"))
      result_.controller.push_back(upper(name));
    add_controller_protocols();
    TRIBUTARY_ASSIGN(result_.bind, parse_all("listeners"));
    TRIBUTARY_TRY(check_ports());
    TRIBUTARY_TRY(advertise());
    TRIBUTARY_TRY(check_advertised());
    TRIBUTARY_TRY(choose_inter_broker());
    return std::move(result_);
  }

 private:
  bool is_controller(std::string_view name) const {
    return std::ranges::find(result_.controller, name) != result_.controller.end();
  }

  bool has_role(std::string_view role) const {
    const auto roles = values_.get_list("process.roles");
    return std::ranges::find(roles, role) != roles.end();
  }

  // Kafka lets a controller's listener go without an entry while the map is the default one.
  void add_controller_protocols() {
    if (values_.is_set("listener.security.protocol.map")) return;
    for (const std::string& name : result_.controller) map_.emplace(name, SecurityProtocol::kPlaintext);
  }

  Result<Listener> parse(std::string_view setting, std::string_view text) const {
    TRIBUTARY_ASSIGN(Listener listener, parse_listener(setting, text));
    const auto protocol = map_.find(listener.name);
    if (protocol == map_.end())
      return wrong(fmt::format("listener {} has no security protocol in listener.security.protocol.map",
                               listener.name));
    listener.protocol = protocol->second;
    if (listener.protocol != SecurityProtocol::kPlaintext)
      return wrong(fmt::format("{} of listener {} is not enforced yet; refusing to start",
                               protocol_name(listener.protocol), listener.name));
    return listener;
  }

  Result<std::vector<Listener>> parse_all(std::string_view setting) const {
    std::vector<Listener> listeners;
    for (const std::string& text : values_.get_list(setting)) {
      TRIBUTARY_ASSIGN(Listener listener, parse(setting, text));
      if (std::ranges::find(listeners, listener.name, &Listener::name) != listeners.end())
        return wrong(fmt::format("listener {} is twice in {}", listener.name, setting));
      listeners.push_back(std::move(listener));
    }
    return listeners;
  }

  Status check_ports() const {
    for (size_t i = 0; i < result_.bind.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        if (clash(result_.bind[i], result_.bind[j]))
          return wrong(fmt::format("listeners {} and {} have the same port {}", result_.bind[j].name,
                                   result_.bind[i].name, result_.bind[i].port));
    return {};
  }

  // One port may serve twice only as one IPv4 and one IPv6 address.
  static bool clash(const Listener& a, const Listener& b) {
    if (a.port != b.port || a.port == 0) return false;
    return !(is_ipv4(a.host) && is_ipv6(b.host)) && !(is_ipv6(a.host) && is_ipv4(b.host));
  }

  static bool is_ipv6(std::string_view host) { return host.find(':') != std::string_view::npos; }
  static bool is_ipv4(std::string_view host) {
    return !host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos;
  }

  // A controller's listener is kept from clients; without an advertised address its own is used.
  Status advertise() {
    const bool given = values_.is_set("advertised.listeners");
    TRIBUTARY_ASSIGN(std::vector<Listener> all,
                     given ? parse_all("advertised.listeners") : Result<std::vector<Listener>>(result_.bind));
    for (Listener& listener : all)
      (is_controller(listener.name) ? result_.controller_advertised : result_.advertised)
          .push_back(std::move(listener));
    for (const Listener& listener : result_.bind)
      if (is_controller(listener.name) && !find(result_.controller_advertised, listener.name))
        result_.controller_advertised.push_back(listener);
    return {};
  }

  static const Listener* find(const std::vector<Listener>& listeners, std::string_view name) {
    const auto found = std::ranges::find(listeners, name, &Listener::name);
    return found == listeners.end() ? nullptr : &*found;
  }

  Status check_advertised() const {
    for (const auto* list : {&result_.advertised, &result_.controller_advertised})
      for (const Listener& listener : *list) {
        if (!find(result_.bind, listener.name))
          return wrong(fmt::format("advertised listener {} is not among listeners", listener.name));
        if (listener.host == "0.0.0.0" || listener.host == "::")
          return wrong(
              fmt::format("{} cannot be advertised: clients cannot connect to {}; set advertised.listeners",
                          listener.name, listener.host));
      }
    if (has_role("broker") && result_.advertised.empty())
      return wrong("there is no listener for clients: every one is in controller.listener.names");
    return {};
  }

  Status choose_inter_broker() {
    const bool named = values_.is_set("inter.broker.listener.name");
    if (named && values_.is_set("security.inter.broker.protocol"))
      return wrong("set only one of inter.broker.listener.name and security.inter.broker.protocol");
    result_.inter_broker =
        upper(values_.get_string(named ? "inter.broker.listener.name" : "security.inter.broker.protocol"));
    if (!has_role("broker") || find(result_.advertised, result_.inter_broker)) return {};
    if (named)
      return wrong(fmt::format("inter.broker.listener.name {} is not among the advertised listeners",
                               result_.inter_broker));
    if (result_.advertised.size() > 1) return wrong("several listeners: set inter.broker.listener.name");
    result_.inter_broker = result_.advertised[0].name;
    return {};
  }

  const Values& values_;
  ProtocolMap map_;
  Listeners result_;
};

}  // namespace

std::optional<SecurityProtocol> parse_protocol(std::string_view name) {
  for (const auto& [known, protocol] : kProtocols)
    if (known == name) return protocol;
  return std::nullopt;
}

std::string_view protocol_name(SecurityProtocol protocol) {
  return kProtocols[static_cast<size_t>(protocol)].first;
}

Result<Listener> parse_listener(std::string_view setting, std::string_view text) {
  const auto complain = [&](std::string_view why) {
    return wrong(fmt::format("\"{}\" in {} is no listener: {}", text, setting, why));
  };
  const size_t scheme = text.find("://");
  const size_t colon = text.rfind(':');
  if (scheme == std::string_view::npos || scheme == 0) return complain("expected NAME://host:port");
  if (colon == scheme) return complain("it has no port");
  const auto port = parse_integer(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) return complain("the port must be a number from 0 to 65535");
  const std::string_view host = without_brackets(text.substr(scheme + 3, colon - scheme - 3));
  if (!good_host(host)) return complain("the host has characters no host name has");
  return Listener{upper(trim(text.substr(0, scheme))), std::string(host), static_cast<uint16_t>(*port),
                  SecurityProtocol::kPlaintext};
}

Result<Listeners> resolve_listeners(const Values& values) { return Resolver(values).resolve(); }

}  // namespace tributary::config
