// ApiVersions: the API table as the client sees it.

#include <algorithm>

#include "handlers.h"
#include "shard.h"
#include "tributary/control/controller.h"

namespace tributary::broker {
namespace {

using wire::ErrorCode;

// [a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])? (KIP-511), by hand: it is asked on every connection.
bool is_software_name(std::string_view text) {
  const auto alnum = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (text.empty() || !alnum(text.front()) || !alnum(text.back())) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) { return alnum(c) || c == '-' || c == '.'; });
}

void add_api(wire::ApiVersionsResponse& response, const Api& api) {
  auto& row = response.api_keys.emplace_back();
  row.api_key = static_cast<int16_t>(api.key);
  row.min_version = api.advertised_min;
  row.max_version = api.max_version;
}

void add_features(wire::ApiVersionsResponse& response, const control::Image& image, int16_t version) {
  for (const auto& feature : control::supported_features()) {
    if (version < 4 && feature.min_level == 0) continue;  // KAFKA-17011
    response.supported_features.push_back({feature.name, feature.min_level, feature.max_level, {}});
  }
  response.finalized_features_epoch = image.offset();
  for (const auto& [name, level] : image.features()) {
    if (level > 0) response.finalized_features.push_back({name, level, level, {}});
  }
}

}  // namespace

void api_versions(RequestPtr taken) {
  const RequestPtr request = std::move(taken);
  wire::ApiVersionsResponse response;
  const int16_t version = request->version();
  if (version < request->api().min_version || version > request->api().max_version) {
    response.error_code = ErrorCode::kUnsupportedVersion;
    add_api(response, request->api());
    return request->respond_as(response, 0);
  }
  wire::ApiVersionsRequest message;
  wire::Reader reader(request->body());
  if (!message.decode(reader, version)) return request->reject_malformed();
  const bool named = version < 3 || (is_software_name(message.client_software_name) &&
                                     is_software_name(message.client_software_version));
  if (!named) {
    response.error_code = ErrorCode::kInvalidRequest;
    request->count_error();
    return request->respond(response);
  }
  for (const Api& api : api_table()) add_api(response, api);
  add_features(response, *request->shard().image(), version);
  request->respond(response);
}

}  // namespace tributary::broker
