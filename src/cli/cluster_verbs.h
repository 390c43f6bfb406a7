// `tributary cluster ...`.
#pragma once
#include "session.h"

namespace tributary::cli {

struct ClusterInfoOptions {};
Status cluster_info(Session& session, const ClusterInfoOptions& options);

// Fails the run (exit code 1) unless every partition has a leader and all its replicas in sync.
struct ClusterHealthOptions {};
Status cluster_health(Session& session, const ClusterHealthOptions& options);

}  // namespace tributary::cli
