// Answers that do not come from the image: those of operations whose records were not committed, and
// DescribeQuorum.
#pragma once
#include "tributary/quorum/quorum.h"
#include "tributary/wire/arena.h"
#include "tributary/wire/error_code.h"
#include "tributary/wire/messages/alter_configs.h"
#include "tributary/wire/messages/create_partitions.h"
#include "tributary/wire/messages/create_topics.h"
#include "tributary/wire/messages/delete_topics.h"
#include "tributary/wire/messages/describe_quorum.h"
#include "tributary/wire/messages/elect_leaders.h"
#include "tributary/wire/messages/incremental_alter_configs.h"
#include "tributary/wire/messages/unregister_broker.h"
#include "tributary/wire/messages/update_features.h"

namespace tributary::control {

// Turns what was a success into the given error; items that had failed already keep their own. `message`
// outlives the response.
void refuse_all(wire::CreateTopicsResponse& response, wire::ErrorCode code, std::string_view message);
void refuse_all(wire::DeleteTopicsResponse& response, wire::ErrorCode code, std::string_view message);
void refuse_all(wire::CreatePartitionsResponse& response, wire::ErrorCode code, std::string_view message);
void refuse_all(wire::AlterConfigsResponse& response, wire::ErrorCode code, std::string_view message);
void refuse_all(wire::IncrementalAlterConfigsResponse& response, wire::ErrorCode code,
                std::string_view message);
void refuse_all(wire::ElectLeadersResponse& response, wire::ErrorCode code, std::string_view message);
void refuse_all(wire::UpdateFeaturesResponse& response, wire::ErrorCode code, std::string_view message);
void refuse_all(wire::UnregisterBrokerResponse& response, wire::ErrorCode code, std::string_view message);

wire::DescribeQuorumResponse describe_quorum_facts(const quorum::QuorumFacts& facts,
                                                   const wire::DescribeQuorumRequest& request,
                                                   wire::Arena& arena);

}  // namespace tributary::control
