// The bounds that the broker's settings and the machine put on connections and requests. Made at start, then
// only read: any thread.
#pragma once
#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>
#include <map>

#include "tributary/base/result.h"
#include "tributary/config/machine.h"
#include "tributary/config/values.h"

namespace tributary::broker {

struct Limits {
  size_t max_frame_bytes = 100 << 20;       // socket.request.max.bytes
  size_t max_requests_per_connection = 16;  // max.requests.in.progress.per.connection
  size_t max_unsent_bytes = 64 << 20;       // per connection; answers a client does not read
  size_t max_connections = 100'000;         // what the descriptors allow
  std::map<boost::asio::ip::address, size_t> max_connections_of;  // max.connections.per.ip.overrides
  int64_t connection_idle_ns = 600'000'000'000;                   // connections.max.idle.ms
  size_t fetch_max_bytes = 55 << 20;                              // fetch.max.bytes
  int max_partitions_per_answer = 2000;                           // max.request.partition.size.limit
};

// Memory for requests in progress: queued.max.request.bytes, or a share of the machine's.
size_t request_memory_of(const config::Values& values, const config::Machine& machine);
// All but max_connections_of.
Limits limits_of(const config::Values& values, const config::Machine& machine);
// max.connections.per.ip.overrides; host names are looked up here, and only here.
Result<std::map<boost::asio::ip::address, size_t>> connection_overrides_of(const config::Values& values);

}  // namespace tributary::broker
