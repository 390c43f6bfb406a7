// `tributary produce` and `tributary consume`.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "session.h"

namespace tributary::cli {

struct ProduceOptions {
  std::string topic;  // empty: the format says it
  std::string format = "%v\\n";
  std::string report;  // format of a line for each record that was written
  std::optional<std::string> key;
  std::vector<std::string> headers;
  std::string compression = "none";
  int32_t partition = -1;  // -1: by the key
  std::string acks = "all";
  bool tombstone = false;
  bool auto_create = false;
  int32_t max_message_bytes = 100'000'000;
  std::string delivery_timeout;  // empty: that of a request
};
Status produce(Session& session, const ProduceOptions& options);

struct ConsumeOptions {
  std::vector<std::string> topics;
  bool regex = false;
  std::string offset = "start";
  std::string partitions;
  std::string group;
  std::string format = "%v\\n";
  int64_t count = -1;  // -1: no limit
  bool read_committed = false;
  std::string rack;
};
Status consume(Session& session, const ConsumeOptions& options);

}  // namespace tributary::cli
