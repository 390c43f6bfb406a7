#include "cluster_verbs.h"
#include "commands.h"

namespace tributary::cli {

void add_cluster_commands(CLI::App& program, Session& session) {
  CLI::App& cluster = *program.add_subcommand("cluster", "The cluster as a whole");
  cluster.require_subcommand(1);
  bind(*cluster.add_subcommand("info", "Brokers, controller, features and sizes")->alias("metadata"), session,
       cluster_info);
  bind(*cluster.add_subcommand(
           "health", "Partitions without a leader or with replicas out of sync; exit code 1 if any"),
       session, cluster_health);
}

}  // namespace tributary::cli
