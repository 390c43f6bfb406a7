// What follows from several settings together: Kafka's precedence among settings that mean the same, and
// listeners. Pure functions of Values.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tributary/base/result.h"
#include "tributary/config/setting.h"
#include "tributary/config/values.h"

namespace tributary::config {

enum class SecurityProtocol : uint8_t { kPlaintext, kSsl, kSaslPlaintext, kSaslSsl };
std::string_view protocol_name(SecurityProtocol protocol);

struct Listener {
  std::string name;  // as configured, upper case
  std::string
      host;  // empty: every interface (of an advertised one: the machine's name); IPv6 without brackets
  uint16_t port = 0;
  SecurityProtocol protocol = SecurityProtocol::kPlaintext;

  bool operator==(const Listener&) const = default;
};

struct Listeners {
  std::vector<Listener> bind;        // in the order configured, the controller's among them
  std::vector<Listener> advertised;  // for clients and brokers; an empty host is left for the shell to fill
  std::string inter_broker;          // the name of one of `advertised`
  std::vector<std::string> controller;
  std::vector<Listener> controller_advertised;  // of this node's controller listeners, for the voters
};

Result<Listeners> resolve_listeners(const Values& values);

std::vector<std::string> log_dirs(const Values& values);  // log.dirs over log.dir; never empty
std::vector<std::string> cordoned_log_dirs(const Values& values);
int32_t node_id(const Values& values);  // node.id over broker.id; -1: to be handed out

// The default of a topic setting on this broker: its first synonym that is set, converted, else the row's
// default.
std::optional<std::string> topic_default(const Values& values, const TopicSetting& setting);

// The broker setting that decided topic_default; nullopt when it is the row's own default.
std::optional<Synonym> deciding_synonym(const Values& values, const TopicSetting& setting);

struct Complaint {
  std::string_view setting;  // whose origin says where to look
  std::string text;
};

// Everything that needs more than one value: listeners, times against each other, buffers. Empty when all is
// well.
std::vector<Complaint> cross_check(const Values& values);

}  // namespace tributary::config
