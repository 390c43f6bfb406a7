// Kafka's error codes in words.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "tributary/wire/error_code.h"

namespace tributary::cli {

// NAME: message. Without a message of the broker, that of librdkafka for the code.
std::string describe(wire::ErrorCode code, std::string_view message);

}  // namespace tributary::cli
