#include "protocols.h"

#include <algorithm>
#include <set>

namespace tributary::group {

OfferedProtocols distinct(const std::vector<OfferedProtocol>& offered) {
  OfferedProtocols once;
  once.reserve(offered.size());
  std::set<std::string_view> seen;
  for (const OfferedProtocol& protocol : offered) {
    if (offered.size() == 1 || seen.insert(protocol.name).second) once.push_back(&protocol);
  }
  return once;
}

Protocols owned(const OfferedProtocols& offered) {
  Protocols protocols;
  protocols.reserve(offered.size());
  for (const OfferedProtocol* protocol : offered) {
    protocols.push_back(
        {std::string(protocol->name), {protocol->metadata.begin(), protocol->metadata.end()}});
  }
  return protocols;
}

bool same(const Protocols& known, const OfferedProtocols& offered) {
  return std::ranges::equal(known, offered, [](const Protocol& a, const OfferedProtocol* b) {
    return a.name == b->name && std::ranges::equal(a.metadata, b->metadata);
  });
}

const Protocol* find(const Protocols& protocols, std::string_view name) {
  const auto found = std::ranges::find(protocols, name, &Protocol::name);
  return found == protocols.end() ? nullptr : &*found;
}

void ProtocolCounts::add(const Protocols& protocols) {
  for (const Protocol& protocol : protocols) ++counts_[protocol.name];
}

void ProtocolCounts::remove(const Protocols& protocols) {
  for (const Protocol& protocol : protocols) {
    const auto count = counts_.find(protocol.name);
    if (--count->second == 0) counts_.erase(count);
  }
}

size_t ProtocolCounts::of(std::string_view name) const {
  const auto count = counts_.find(name);
  return count == counts_.end() ? 0 : count->second;
}

}  // namespace tributary::group
