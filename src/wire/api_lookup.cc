#include <algorithm>

#include "tributary/wire/api_versions_table.h"

namespace tributary::wire {
namespace {

bool is_flexible(int16_t key, int16_t version) {
  const ApiInfo* api = find_api(key);
  return api != nullptr && version >= api->flexible_from;
}

}  // namespace

const ApiInfo* find_api(int16_t key) {
  const auto apis = all_apis();
  const auto found = std::ranges::lower_bound(apis, ApiKey{key}, {}, &ApiInfo::key);
  return found != apis.end() && found->key == ApiKey{key} ? &*found : nullptr;
}

int16_t request_header_version(int16_t key, int16_t version) { return is_flexible(key, version) ? 2 : 1; }

int16_t response_header_version(int16_t key, int16_t version) {
  return is_flexible(key, version) && ApiKey{key} != ApiKey::kApiVersions ? 1 : 0;
}

}  // namespace tributary::wire
