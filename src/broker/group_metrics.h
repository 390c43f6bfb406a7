// What the coordinators and their view count, in the names dashboards for Kafka use where there are such.
#pragma once
#include "broker_context.h"
#include "tributary/base/metrics.h"

namespace tributary::broker {

// Any thread.
void show_groups(MetricSink& sink, const BrokerContext& context);

}  // namespace tributary::broker
