// Listeners, connections, requests.
#include "settings_tables.h"

namespace tributary::config {
namespace {

using enum ValueType;
using enum Unit;
using enum Scope;
using enum Standing;

// clang-format off: one row of the table takes few lines
constexpr Setting kRows[] = {
    {.name = "advertised.listeners", .type = kList, .allowed = "+",
     .doc = "Addresses given to clients and other brokers, where they differ from `listeners`."},
    {.name = "background.threads", .type = kInt, .default_value = "10", .allowed = "[1,]",
     .scope = kClusterWide, .standing = kIgnored,
     .doc = "Threads for background work; this broker sizes its own pools."},
    {.name = "client.quota.callback.class", .type = kClass, .standing = kIgnored,
     .doc = "Java class that computes client quotas."},
    {.name = "connections.max.idle.ms", .type = kLong, .unit = kMilliseconds, .default_value = "600000",
     .doc = "A connection without a request for this long is closed; a negative number means never."},
    {.name = "early.start.listeners", .type = kList, .standing = kIgnored,
     .doc = "Listeners that open before the broker knows its authorizer's state."},
    {.name = "fetch.max.bytes", .type = kInt, .unit = kBytes, .default_value = "57671680",
     .allowed = "[1024,]", .doc = "Most bytes in one answer to a fetch, whatever the client asks for."},
    {.name = "fetch.purgatory.purge.interval.requests", .type = kInt, .default_value = "1000",
     .standing = kIgnored, .doc = "Tuning of a waiting list that this broker does not have."},
    {.name = "inter.broker.listener.name", .type = kString,
     .doc = "Listener that brokers use among themselves; without it, the one of `security.inter.broker.protocol`."},
    {.name = "listener.security.protocol.map", .type = kString,
     .default_value = "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
     .doc = "Security protocol of each listener name, as NAME:PROTOCOL pairs."},
    {.name = "listeners", .type = kList, .default_value = "PLAINTEXT://:9092", .allowed = "+",
     .doc = "Addresses to listen on, as NAME://host:port; an empty host is every interface."},
    {.name = "max.connection.creation.rate", .type = kInt, .default_value = "2147483647", .allowed = "[0,]",
     .scope = kClusterWide, .reloadable = true, .doc = "Most new connections per second."},
    {.name = "max.connections", .type = kInt, .default_value = "2147483647", .allowed = "[0,]",
     .scope = kClusterWide, .reloadable = true, .doc = "Most connections at a time."},
    {.name = "max.connections.per.ip", .type = kInt, .default_value = "2147483647", .allowed = "[0,]",
     .scope = kClusterWide, .reloadable = true, .doc = "Most connections at a time from one address."},
    {.name = "max.connections.per.ip.overrides", .type = kString, .default_value = "", .scope = kClusterWide,
     .reloadable = true, .doc = "Limits for single addresses, as host:number pairs."},
    {.name = "max.incremental.fetch.session.cache.slots", .type = kInt, .default_value = "1000",
     .allowed = "[0,]", .doc = "Most fetch sessions kept."},
    {.name = "max.request.partition.size.limit", .type = kInt, .default_value = "2000", .allowed = "[1,]",
     .doc = "Most partitions described in one answer of DescribeTopicPartitions."},
    {.name = "num.io.threads", .type = kInt, .default_value = "8", .allowed = "[1,]", .scope = kClusterWide,
     .standing = kIgnored,
     .doc = "Threads that handle requests in Kafka; this broker has shards, see `network.threads`."},
    {.name = "num.network.threads", .type = kInt, .default_value = "3", .allowed = "[1,]",
     .scope = kClusterWide, .standing = kIgnored,
     .doc = "Threads that serve sockets in Kafka; this broker has shards, see `network.threads`."},
    {.name = "queued.max.request.bytes", .type = kLong, .unit = kBytes, .default_value = "-1",
     .doc = "Bytes of requests in progress from which no more are read; -1 takes a share of the memory."},
    {.name = "queued.max.requests", .type = kInt, .default_value = "500", .allowed = "[1,]",
     .standing = kIgnored,
     .doc = "Length of the queue between threads in Kafka; here bytes bound it, see `queued.max.request.bytes`."},
    {.name = "quota.window.num", .type = kInt, .default_value = "11", .allowed = "[1,]", .standing = kUnbuilt,
     .doc = "Samples kept for client quotas."},
    {.name = "quota.window.size.seconds", .type = kInt, .unit = kSeconds, .default_value = "1",
     .allowed = "[1,]", .standing = kUnbuilt, .doc = "Length of one sample of the client quotas."},
    {.name = "request.timeout.ms", .type = kInt, .unit = kMilliseconds, .default_value = "30000",
     .doc = "Longest wait for the answer to a request this broker sends."},
    {.name = "socket.connection.setup.timeout.max.ms", .type = kLong, .unit = kMilliseconds,
     .default_value = "30000", .standing = kUnbuilt,
     .doc = "Longest time to set up a connection to another node."},
    {.name = "socket.connection.setup.timeout.ms", .type = kLong, .unit = kMilliseconds,
     .default_value = "10000", .standing = kUnbuilt,
     .doc = "First time given to set up a connection to another node."},
    {.name = "socket.listen.backlog.size", .type = kInt, .default_value = "50", .allowed = "[1,]",
     .doc = "Connections that wait to be accepted."},
    {.name = "socket.receive.buffer.bytes", .type = kInt, .unit = kBytes, .default_value = "102400",
     .doc = "Receive buffer of a connection; -1 leaves it to the system."},
    {.name = "socket.request.max.bytes", .type = kInt, .unit = kBytes, .default_value = "104857600",
     .allowed = "[1,]", .doc = "Largest request; a bigger one closes its connection."},
    {.name = "socket.send.buffer.bytes", .type = kInt, .unit = kBytes, .default_value = "102400",
     .doc = "Send buffer of a connection; -1 leaves it to the system."},
    {.name = "telemetry.max.bytes", .type = kInt, .unit = kBytes, .default_value = "1048576",
     .allowed = "[1,]", .standing = kUnbuilt, .doc = "Largest push of client metrics."},
};
// clang-format on

}  // namespace

std::span<const Setting> network_settings() { return kRows; }

}  // namespace tributary::config
