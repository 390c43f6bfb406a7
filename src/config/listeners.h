// One listener from its text.
#pragma once
#include "tributary/config/resolve.h"

namespace tributary::config {

// "INTERNAL://[::1]:9092"; the protocol is left as it is. `setting` is for the error text.
Result<Listener> parse_listener(std::string_view setting, std::string_view text);

// "SASL_SSL"; nullopt when it is none.
std::optional<SecurityProtocol> parse_protocol(std::string_view name);

}  // namespace tributary::config
