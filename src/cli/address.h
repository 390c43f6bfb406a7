// Addresses of brokers as people write them: `host:port,host:port`. Pure.
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tributary/base/result.h"

namespace tributary::cli {

inline constexpr uint16_t kDefaultPort = 9092;

struct Address {
  std::string host;
  uint16_t port = kDefaultPort;

  std::string to_string() const;  // an IPv6 host in brackets
  auto operator<=>(const Address&) const = default;
};

// A list with commas. The port may be left out, `[::1]:9092` is IPv6, `PLAINTEXT://` and rpk's `brokers=` may
// stand in front.
Result<std::vector<Address>> parse_addresses(std::string_view list);
std::string join(const std::vector<Address>& addresses);

}  // namespace tributary::cli
