#include "kafka_error.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

namespace tributary::cli {

std::string describe(wire::ErrorCode code, std::string_view message) {
  const std::string_view name = wire::error_name(code);
  if (!message.empty()) return fmt::format("{}: {}", name, message);
  std::string_view text = rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(code));
  constexpr std::string_view kPrefix = "Broker: ";
  if (!text.starts_with(kPrefix)) return std::string(name);  // one that librdkafka does not know
  return fmt::format("{}: {}", name, text.substr(kPrefix.size()));
}

}  // namespace tributary::cli
