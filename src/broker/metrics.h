// The broker's page of /metrics, under the names Kafka's dashboards know (JMX exporter dialect), plus
// kafka_exporter's and a few of our own.
#pragma once
#include <string>

#include "tributary/broker/broker.h"

namespace tributary::broker {

struct BrokerContext;

// Asks every shard for its numbers; from the admin thread.
std::string render_broker_metrics(BrokerContext& context, BrokerState state);

}  // namespace tributary::broker
