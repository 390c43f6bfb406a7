// The one table of APIs: key, versions, handler. ApiVersions, dispatch, metrics and docs derive from it; what
// is not in it is not advertised.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "tributary/wire/api_key.h"

namespace tributary::broker {

class Request;

struct Api {
  wire::ApiKey key;
  int16_t min_version;
  int16_t max_version;
  int16_t advertised_min;  // lower than min_version only for Produce (KAFKA-18659)
  void (*handle)(std::shared_ptr<Request> request);
  size_t index;  // in the table, for metrics
};

std::span<const Api> api_table();
// Null if the key is not built.
const Api* find_api(int16_t key);

}  // namespace tributary::broker
