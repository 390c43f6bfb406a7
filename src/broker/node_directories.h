// The directories of this node and who they say it is. Opening takes their locks and gives new ones the
// identity of the others; nothing else in them changes. Main thread, before anything runs.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tributary/base/random.h"
#include "tributary/config/values.h"
#include "tributary/storage/log_directory.h"

namespace tributary::broker {

struct NodeDirectories {
  std::vector<std::unique_ptr<storage::LogDirectory>> logs;
  std::vector<Uuid> ids;  // of `logs`
  std::string metadata_path;
  Uuid metadata_id;
  std::unique_ptr<storage::LogDirectory> metadata;  // where it is none of `logs`
  std::string cluster_id;
  NodeId node_id = kNoNode;

  // kInvalidArgument: they contradict each other or the settings, or hold partitions but no metadata log.
  static Result<NodeDirectories> open(storage::FileSystem& fs, const config::Values& values, Random& random);
};

}  // namespace tributary::broker
