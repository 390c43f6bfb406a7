// Says what a port speaks that did not answer as a Kafka broker does, so that a wrong port is told by name.
// Opens connections of its own; takes a second at most.
#pragma once
#include <optional>
#include <string>

#include "address.h"

namespace tributary::cli {

// A sentence for an error message; none if the port does not show what it is.
std::optional<std::string> identify_port(const Address& address);

}  // namespace tributary::cli
