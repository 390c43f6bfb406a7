// The level of this process's log as clients see and change it: resource BROKER_LOGGER (KIP-412). There is
// one logger, the root; a level lasts until the process ends. Any thread: spdlog's level is atomic.
#pragma once
#include "tributary/base/ids.h"
#include "tributary/wire/arena.h"
#include "tributary/wire/messages/describe_configs.h"
#include "tributary/wire/messages/incremental_alter_configs.h"

namespace tributary::broker {

// Fills the results of what was asked about loggers; the others stay.
void describe_log_levels(const wire::DescribeConfigsRequest& request, NodeId node, wire::Arena& arena,
                         wire::DescribeConfigsResponse& response);
// Carries out what was asked of loggers and had no fault so far.
void change_log_levels(const wire::IncrementalAlterConfigsRequest& request, NodeId node, wire::Arena& arena,
                       wire::IncrementalAlterConfigsResponse& response);

}  // namespace tributary::broker
