// Numbers with units: "64MiB", "7d", "250ms".
#pragma once
#include <optional>
#include <string_view>

#include "tributary/config/setting.h"

namespace tributary::config {

// A whole decimal number with an optional sign; nullopt when it is none or does not fit.
std::optional<int64_t> parse_integer(std::string_view text);

// The number in the setting's own unit. A bare number is in that unit already. nullopt when the text is no
// number, has a unit of another kind, does not fit, or is not a whole number of the setting's unit ("90m" in
// hours).
std::optional<int64_t> parse_with_unit(std::string_view text, Unit unit);

// What a value may look like, for error texts: `a size like 64MiB`. Empty for a plain number.
std::string_view unit_example(Unit unit);

}  // namespace tributary::config
