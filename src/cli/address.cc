#include "address.h"

#include <fmt/format.h>

#include "text.h"

namespace tributary::cli {
namespace {

tl::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return fail(Errc::kInvalidArgument, fmt::format("'{}' is no address of a broker: {}", text, why));
}

// host and ":port", where the host may be in brackets.
std::pair<std::string_view, std::string_view> split_host(std::string_view text) {
  size_t end = text.find(':');
  if (text.starts_with('['))
    end = text.find(']') == std::string_view::npos ? text.size() : text.find(']') + 1;
  if (end == std::string_view::npos) end = text.size();
  return {text.substr(0, end), text.substr(end)};
}

Result<Address> parse_address(std::string_view text) {
  std::string_view rest = text;
  if (const size_t scheme = rest.find("://"); scheme != std::string_view::npos) {
    if (rest.substr(0, scheme) != "PLAINTEXT") return bad(text, "only PLAINTEXT is spoken");
    rest.remove_prefix(scheme + 3);
  }
  auto [host, port] = split_host(rest);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.starts_with('[')) return bad(text, "no host");
  Address address{std::string(host), kDefaultPort};
  if (port.empty()) return address;
  const auto number = parse_number<uint16_t>(port.substr(1));
  if (port[0] != ':' || !number || *number == 0) return bad(text, "expected host:port");
  address.port = *number;
  return address;
}

}  // namespace

std::string Address::to_string() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

Result<std::vector<Address>> parse_addresses(std::string_view list) {
  constexpr std::string_view kKey = "brokers=";
  if (list.starts_with(kKey)) list.remove_prefix(kKey.size());
  std::vector<Address> addresses;
  for (const std::string& text : split(list, ',')) {
    TRIBUTARY_ASSIGN(Address address, parse_address(text));
    addresses.push_back(std::move(address));
  }
  if (addresses.empty()) return bad(list, "expected host:port");
  return addresses;
}

std::string join(const std::vector<Address>& addresses) {
  std::string text;
  for (const Address& address : addresses) text += (text.empty() ? "" : ",") + address.to_string();
  return text;
}

}  // namespace tributary::cli
