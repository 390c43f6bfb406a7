// The address a broker has on a listener.
#pragma once
#include <algorithm>
#include <string_view>

#include "tributary/control/image.h"

namespace tributary::broker {

// Null if it is not on that one.
inline const control::EndpointImage* endpoint_on(const control::BrokerImage& broker,
                                                 std::string_view listener) {
  const auto found = std::ranges::find(broker.endpoints, listener, &control::EndpointImage::listener);
  return found == broker.endpoints.end() ? nullptr : &*found;
}

}  // namespace tributary::broker
