// The cluster's metadata as it lies in a directory that may come from Apache Kafka, and what stands against
// serving it with this node alone. What is asked here before the first write of a start is what
// `tributaryd --adopt-check` tells beforehand. One thread; errors are those of the metadata log.
#pragma once
#include <string>
#include <vector>

#include "tributary/control/controller.h"

namespace tributary::control {

struct FoundMetadata {
  ImagePtr image;
  int16_t kraft_version = 0;
};

// Replays snapshot and log of `options.directory`, without beginning an epoch; ACLs are read too. The file
// system is written to only where a torn end of the log is cut off. A directory that was formatted but never
// started has the levels it was formatted with. kUnsupported and kCorruption as Controller::open.
Result<FoundMetadata> read_metadata(const ControllerOptions& options);

// Each a sentence for the operator; empty: nothing stands against it.
std::vector<std::string> reasons_against(const Image& image, NodeId self,
                                         std::span<const Uuid> log_directories);

}  // namespace tributary::control
