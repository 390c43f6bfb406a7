// Consumer groups of both protocols as the verbs see them.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "consumer_protocol.h"
#include "topics.h"

namespace tributary::cli {

struct GroupMember {
  std::string id;
  std::optional<std::string> instance_id;
  std::string client_id;
  std::string host;
  std::vector<std::string> topics;  // subscribed
  std::vector<TopicPartitions> assignment;
};

struct GroupInfo {
  std::string name;
  wire::ErrorCode error{};
  std::string message;  // to the error
  int32_t coordinator = -1;
  std::string state;
  std::string type;      // classic or consumer
  std::string assignor;  // of a classic group its protocol
  std::vector<GroupMember> members;
};

// A group that does not exist has the error GROUP_ID_NOT_FOUND.
Result<GroupInfo> describe_group(Cluster& cluster, const std::string& group);

struct Committed {
  Offset offset = -1;
  std::string metadata;
};
using CommittedOffsets = std::map<PartitionId, Committed>;
Result<CommittedOffsets> committed_offsets(Cluster& cluster, const std::string& group);

struct ListedGroup {
  std::string name;
  int32_t broker;  // its coordinator
  std::string protocol_type;
  std::string state;  // empty if the broker does not say
  std::string type;   // likewise
};
struct GroupFilter {
  std::vector<std::string> states, types;
};
// Of all brokers, by name. A broker that fails is reported.
Result<std::vector<ListedGroup>> list_groups(Session& session, const GroupFilter& filter);

// The groups a command line names, or those that match.
Result<std::vector<std::string>> find_groups(Session& session, const std::vector<std::string>& names,
                                             bool regex);

}  // namespace tributary::cli
