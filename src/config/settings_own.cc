// Settings Kafka does not have.
#include "settings_tables.h"

namespace tributary::config {
namespace {

using enum ValueType;
using enum Unit;

// clang-format off: one row of the table takes few lines
constexpr Setting kRows[] = {
    {.name = "admin.listen", .type = kString, .default_value = "127.0.0.1:9644", .own = true, .listed = false,
     .doc = "Address of the HTTP server for health and metrics, as host:port; empty turns it off."},
    {.name = "allow_unenforced_acls", .type = kBoolean, .default_value = "false", .own = true,
     .listed = false, .doc = "Start although the metadata holds ACLs, which are not enforced."},
    {.name = "cluster.id", .type = kString, .own = true, .listed = false,
     .doc = "Id of the cluster, as 22 characters of base64; without it the first start makes one."},
    {.name = "io.threads", .type = kInt, .default_value = "0", .allowed = "[0,1024]", .own = true,
     .listed = false, .doc = "Threads for blocking disk work; 0 follows the number of CPUs."},
    {.name = "logging.format", .type = kString, .default_value = "text", .allowed = "text|json", .own = true,
     .listed = false, .doc = "Form of the log on standard output."},
    {.name = "logging.level", .type = kString, .default_value = "info",
     .allowed = "trace|debug|info|warn|error", .reloadable = true, .own = true, .listed = false,
     .doc = "Least severity that is logged."},
    {.name = "max.active.groups.per.partition", .type = kInt, .default_value = "20000", .allowed = "[1,]",
     .own = true, .listed = false,
     .doc = "Consumer groups with members in one partition of __consumer_offsets; over it no other gets any."},
    {.name = "max.cached.offsets.per.partition", .type = kInt, .default_value = "20000", .allowed = "[1,]",
     .own = true, .listed = false,
     .doc = "Offsets of groups without members that one partition of __consumer_offsets keeps in memory."},
    {.name = "max.decompressed.batch.bytes", .type = kLong, .unit = kBytes, .default_value = "536870912",
     .allowed = "[1048576,]", .own = true, .listed = false, .doc = "Largest batch after decompression."},
    {.name = "max.producers.per.partition", .type = kInt, .default_value = "100000", .allowed = "[1,]",
     .own = true, .listed = false,
     .doc = "Producers a partition remembers; over it the one idle longest is forgotten."},
    {.name = "max.requests.in.progress.per.connection", .type = kInt, .default_value = "16",
     .allowed = "[1,10000]", .own = true, .listed = false,
     .doc = "Requests of one connection in progress from which no more are read from it."},
    {.name = "network.threads", .type = kInt, .default_value = "0", .allowed = "[0,1024]", .own = true,
     .listed = false, .doc = "Shards, a thread each; 0 takes the number of CPUs."},
    {.name = "state.dir", .type = kString, .default_value = "", .own = true, .listed = false,
     .doc = "Directory of what the broker derives from its logs and can make anew; without it, the first of "
            "`log.dirs` with `.state` behind its name."},
};
// clang-format on

}  // namespace

std::span<const Setting> own_settings() { return kRows; }

}  // namespace tributary::config
