// The one thing the coordinator has to know of what consumers tell each other: the topics of a subscription
// (Kafka's ConsumerProtocolSubscription, whose version 0 is the beginning of every later version).
#pragma once
#include <set>
#include <string>

#include "tributary/base/bytes.h"

namespace tributary::group {

// False if the bytes are not a subscription.
bool add_subscribed_topics(ByteView metadata, std::set<std::string, std::less<>>& topics);

}  // namespace tributary::group
