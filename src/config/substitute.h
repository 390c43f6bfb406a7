// ${NAME} and ${NAME:-default} in values; $${ is a plain ${.
#pragma once
#include <string>
#include <string_view>

#include "tributary/config/load.h"

namespace tributary::config {

// The text with its variables replaced, once: what a variable holds is not looked at again.
Result<std::string> substitute(std::string_view text, const Surroundings& surroundings);

}  // namespace tributary::config
