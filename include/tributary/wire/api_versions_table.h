// What every API's schema says about its versions: the one list from which dispatch, ApiVersions and
// documentation are made. Constant data: any thread.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "tributary/wire/api_key.h"

namespace tributary::wire {

struct ApiInfo {
  ApiKey key;
  int16_t min_version;
  int16_t max_version;
  int16_t flexible_from;  // INT16_MAX if no version is flexible
  std::string_view name;
};

// In order of key.
std::span<const ApiInfo> all_apis();
// Null for a key without messages.
const ApiInfo* find_api(int16_t key);

// Which RequestHeader goes with a request: 2 from its first flexible version on, else 1. An unknown API
// has 1.
int16_t request_header_version(int16_t key, int16_t version);
// Which ResponseHeader: 1 for flexible versions, else 0; ApiVersions always 0, for its asker knows nothing
// yet (KIP-511).
int16_t response_header_version(int16_t key, int16_t version);

}  // namespace tributary::wire
