// Where the replicas of new partitions go. A pure function of what it is given.
//
// Hard rule: the replicas of a partition stand in as many racks as there are, evenly; with racks >=
// replication factor that is one rack each. Then load: the leader goes to the active broker with the fewest
// leaders, each further replica to the broker with the fewest replicas, active ones before fenced ones; ties
// fall by chance. The load grows with each partition placed, so a request spreads within itself as well.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tributary/base/random.h"
#include "tributary/base/result.h"
#include "tributary/control/image.h"

namespace tributary::control {

struct PlacementBroker {
  NodeId id = kNoNode;
  std::optional<std::string> rack;
  bool fenced = false;
  BrokerLoad load;
};

// Registered brokers that may take replicas: those whose directories are all cordoned do not.
std::vector<PlacementBroker> placement_brokers(const Image& image);

// One list of replicas for each partition, the preferred leader first. kInvalidArgument, with the words for
// the answer, if the factor cannot be met. `brokers` keeps the added load, for the next call.
Result<std::vector<std::vector<NodeId>>> place_replicas(std::span<PlacementBroker> brokers,
                                                        int32_t partitions, int16_t replication_factor,
                                                        Random& random);

}  // namespace tributary::control
