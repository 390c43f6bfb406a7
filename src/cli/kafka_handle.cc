#include "kafka_handle.h"

#include <fmt/format.h>

#include "kafka_error.h"

namespace tributary::cli {

Result<KafkaConfig> make_config(const Cluster& cluster, bool verbose,
                                const std::vector<std::pair<std::string, std::string>>& settings) {
  KafkaConfig config(rd_kafka_conf_new());
  if (!verbose)
    rd_kafka_conf_set_log_cb(config.get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  std::vector<std::pair<std::string, std::string>> all = {{"bootstrap.servers", join(cluster.bootstrap())},
                                                          {"client.id", "tributary-cli"},
                                                          {"reconnect.backoff.max.ms", "1000"}};
  all.insert(all.end(), settings.begin(), settings.end());
  char reason[512] = "";
  for (const auto& [name, value] : all) {
    if (rd_kafka_conf_set(config.get(), name.c_str(), value.c_str(), reason, sizeof reason) !=
        RD_KAFKA_CONF_OK) {
      return fail(Errc::kInvalidArgument, reason);
    }
  }
  return config;
}

Result<KafkaHandle> make_handle(rd_kafka_type_t type, KafkaConfig config) {
  char reason[512] = "";
  KafkaHandle handle(rd_kafka_new(type, config.get(), reason, sizeof reason));
  if (!handle) return fail(Errc::kInvalidArgument, reason);
  [[maybe_unused]] const auto* owned_by_handle = config.release();
  return handle;
}

std::string describe(rd_kafka_resp_err_t code) {
  if (code > RD_KAFKA_RESP_ERR_UNKNOWN) return describe(static_cast<wire::ErrorCode>(code), {});
  return fmt::format("{}: {}", rd_kafka_err2name(code), rd_kafka_err2str(code));
}

}  // namespace tributary::cli
