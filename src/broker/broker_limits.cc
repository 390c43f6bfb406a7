#include "broker_limits.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <charconv>

namespace tributary::broker {
namespace {

constexpr int64_t kNeverMs = 10LL * 365 * 86'400'000;
constexpr std::string_view kOverrides = "max.connections.per.ip.overrides";

Status add_override(std::map<boost::asio::ip::address, size_t>& overrides, const std::string& entry) {
  const size_t colon = entry.rfind(':');
  size_t most = 0;
  const char* end = entry.data() + entry.size();
  if (colon == std::string::npos || std::from_chars(entry.data() + colon + 1, end, most).ptr != end ||
      colon + 1 == entry.size()) {
    return fail(Errc::kInvalidArgument, fmt::format("{}: '{}' is not host:number", kOverrides, entry));
  }
  boost::asio::io_context io;
  boost::system::error_code error;
  const std::string host = entry.substr(0, colon);
  const auto found = boost::asio::ip::tcp::resolver(io).resolve(host, "", error);
  if (error) {
    return fail(Errc::kInvalidArgument, fmt::format("{}: {}: {}", kOverrides, host, error.message()));
  }
  for (const auto& one : found) overrides[one.endpoint().address()] = most;
  return {};
}

}  // namespace

size_t request_memory_of(const config::Values& values, const config::Machine& machine) {
  const int64_t configured = values.get_long("queued.max.request.bytes");
  return configured > 0 ? static_cast<size_t>(configured)
                        : std::max<size_t>(machine.memory_bytes / 4, 64 << 20);
}

Limits limits_of(const config::Values& values, const config::Machine& machine) {
  Limits limits;
  limits.max_frame_bytes = static_cast<size_t>(values.get_long("socket.request.max.bytes"));
  limits.max_requests_per_connection =
      static_cast<size_t>(values.get_long("max.requests.in.progress.per.connection"));
  const int64_t idle_ms = values.get_long("connections.max.idle.ms");
  limits.connection_idle_ns = (idle_ms < 0 ? kNeverMs : std::min(idle_ms, kNeverMs)) * 1'000'000;
  limits.max_unsent_bytes = std::clamp<size_t>(request_memory_of(values, machine) / 16, 1 << 20, 64 << 20);
  limits.fetch_max_bytes = static_cast<size_t>(values.get_long("fetch.max.bytes"));
  limits.max_partitions_per_answer = values.get_int("max.request.partition.size.limit");
  // Half of the descriptors are kept for logs.
  limits.max_connections = static_cast<size_t>(std::min<uint64_t>(machine.open_files / 2, INT32_MAX));
  return limits;
}

Result<std::map<boost::asio::ip::address, size_t>> connection_overrides_of(const config::Values& values) {
  std::map<boost::asio::ip::address, size_t> overrides;
  for (const std::string& entry : values.get_list(kOverrides)) TRIBUTARY_TRY(add_override(overrides, entry));
  return overrides;
}

}  // namespace tributary::broker
