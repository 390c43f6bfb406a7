// The protocols (assignors, for consumers) that members of a classic group offer: how many members know each,
// and which one a generation is to use. One thread.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tributary/wire/messages/join_group.h"

namespace tributary::group {

// What a member knows of one protocol; the bytes mean something to clients only.
struct Protocol {
  std::string name;
  std::vector<uint8_t> metadata;
};
// In the member's order of preference.
using Protocols = std::vector<Protocol>;

using OfferedProtocol = wire::JoinGroupRequest::JoinGroupRequestProtocol;
// Each name once, its first place counting. Points into the request.
using OfferedProtocols = std::vector<const OfferedProtocol*>;
OfferedProtocols distinct(const std::vector<OfferedProtocol>& offered);

Protocols owned(const OfferedProtocols& offered);
bool same(const Protocols& known, const OfferedProtocols& offered);
// Null if it is not among them.
const Protocol* find(const Protocols& protocols, std::string_view name);

// How many members know each protocol.
class ProtocolCounts {
 public:
  void add(const Protocols& protocols);
  void remove(const Protocols& protocols);
  size_t of(std::string_view name) const;

 private:
  std::map<std::string, size_t, std::less<>> counts_;
};

}  // namespace tributary::group
