#include "broker_connection.h"

#include <fmt/format.h>

#include <algorithm>

#include "port_probe.h"
#include "tributary/wire/api_versions_table.h"
#include "tributary/wire/messages/api_versions.h"
#include "tributary/wire/messages/header.h"

namespace tributary::cli {
namespace {

constexpr std::string_view kClientId = "tributary-cli";
// No answer to what this program asks comes near it; what claims to be longer is not Kafka.
constexpr int32_t kLargestAnswer = 256 * 1024 * 1024;

std::vector<uint8_t> frame(wire::ApiKey key, int16_t version, int32_t correlation, wire::Writer& body) {
  wire::RequestHeader header;
  header.api_key = static_cast<int16_t>(key);
  header.api_version = version;
  header.correlation_id = correlation;
  header.client_id = kClientId;
  wire::Writer out;
  out.write_int32(0);
  header.encode(out, wire::request_header_version(header.api_key, version));
  out.write_raw(body.to_vector());
  out.patch_int32(0, static_cast<int32_t>(out.size() - 4));
  return out.to_vector();
}

std::vector<Feature> features_of(const wire::ApiVersionsResponse& response) {
  std::vector<Feature> features;
  features.reserve(response.supported_features.size());
  for (const auto& supported : response.supported_features) {
    features.push_back({std::string(supported.name), 0, supported.min_version, supported.max_version});
  }
  for (const auto& finalized : response.finalized_features) {
    auto found = std::ranges::find(features, finalized.name, &Feature::name);
    if (found == features.end())
      found = features.insert(features.end(), {std::string(finalized.name), 0, 0, 0});
    found->finalized = finalized.max_version_level;
  }
  std::ranges::sort(features, {}, &Feature::name);
  return features;
}

}  // namespace

Result<BrokerConnection> BrokerConnection::open(const Address& address, Deadline deadline, bool trace) {
  TRIBUTARY_ASSIGN(Socket socket, Socket::connect(address, deadline));
  BrokerConnection connection(std::move(socket), trace);
  TRIBUTARY_TRY(connection.handshake(deadline));
  return connection;
}

// A broker that does not know the version answers in version 0, with the error and what it does know
// (KIP-511).
Status BrokerConnection::handshake(Deadline deadline) {
  wire::ApiVersionsRequest request;
  request.client_software_name = kClientId;
  request.client_software_version = TRIBUTARY_VERSION;
  int16_t version = wire::ApiVersionsRequest::kMaxVersion;
  wire::Writer body;
  request.encode(body, version);
  TRIBUTARY_ASSIGN(std::vector<uint8_t> bytes, exchange(wire::ApiKey::kApiVersions, version, body, deadline));
  wire::Reader peek(bytes);
  peek.read_int32();
  if (peek.read_int16() == static_cast<int16_t>(wire::ErrorCode::kUnsupportedVersion)) {
    version = 0;
    wire::Writer empty;
    TRIBUTARY_ASSIGN(bytes, exchange(wire::ApiKey::kApiVersions, version, empty, deadline));
  }
  wire::Reader in(bytes);
  wire::ApiVersionsResponse response;
  if (!decode_header(in, wire::ApiKey::kApiVersions, version) || !response.decode(in, version))
    return not_kafka();
  if (response.error_code != wire::ErrorCode::kNone) {
    return fail(Errc::kUnsupported, fmt::format("{} refuses ApiVersions with {}", address().to_string(),
                                                wire::error_name(response.error_code)));
  }
  for (const auto& api : response.api_keys) served_[api.api_key] = {api.min_version, api.max_version};
  features_ = features_of(response);
  if (!serves(wire::ApiKey::kMetadata)) {
    return fail(Errc::kIo,
                fmt::format("{}: it is a listener for controllers: give the address of one for clients",
                            address().to_string()));
  }
  return {};
}

Result<int16_t> BrokerConnection::negotiate(wire::ApiKey key, VersionRange ours) const {
  const auto found = served_.find(static_cast<int16_t>(key));
  if (found == served_.end()) {
    return fail(Errc::kUnsupported, fmt::format("the broker at {} does not serve {}", address().to_string(),
                                                wire::api_name(key)));
  }
  const VersionRange theirs = found->second;
  const int16_t version = std::min(ours.max, theirs.max);
  if (version < ours.min || version < theirs.min) {
    return fail(
        Errc::kUnsupported,
        fmt::format("the broker at {} serves {} in versions {} to {}, needed is {} to {}",
                    address().to_string(), wire::api_name(key), theirs.min, theirs.max, ours.min, ours.max));
  }
  return version;
}

Result<std::vector<uint8_t>> BrokerConnection::exchange(wire::ApiKey key, int16_t version, wire::Writer& body,
                                                        Deadline deadline) {
  if (trace_) fmt::print(stderr, "{}: {} v{}\n", address().to_string(), wire::api_name(key), version);
  TRIBUTARY_TRY(socket_.send(frame(key, version, ++correlation_, body), deadline));
  return receive_frame(key, deadline);
}

Result<std::vector<uint8_t>> BrokerConnection::receive_frame(wire::ApiKey key, Deadline deadline) {
  std::array<uint8_t, 4> prefix{};
  auto received = socket_.receive(prefix, deadline);
  // What says nothing to its first request is worth a look; later it is just slow.
  if (!received && served_.empty()) return not_kafka("no answer in time");
  TRIBUTARY_TRY(received);
  if (*received == 0 && !served_.empty()) return closed(key);
  const auto size = load_be<int32_t>(prefix.data());
  if (*received < prefix.size() || size < 4 || size > kLargestAnswer) return not_kafka();
  std::vector<uint8_t> bytes(static_cast<size_t>(size));
  TRIBUTARY_ASSIGN(const size_t body, socket_.receive(bytes, deadline));
  if (body < bytes.size()) return closed(key);
  return bytes;
}

bool BrokerConnection::decode_header(wire::Reader& in, wire::ApiKey key, int16_t version) const {
  wire::ResponseHeader header;
  return header.decode(in, wire::response_header_version(static_cast<int16_t>(key), version)) &&
         header.correlation_id == correlation_;
}

tl::unexpected<Error> BrokerConnection::undecodable(wire::ApiKey key, int16_t version) const {
  return fail(Errc::kCorruption, fmt::format("{}: the answer to {} v{} does not decode",
                                             address().to_string(), wire::api_name(key), version));
}

tl::unexpected<Error> BrokerConnection::not_kafka(std::string_view otherwise) const {
  return fail(Errc::kIo, fmt::format("{}: {}", address().to_string(),
                                     identify_port(address()).value_or(std::string(otherwise))));
}

tl::unexpected<Error> BrokerConnection::closed(wire::ApiKey key) const {
  return fail(Errc::kIo,
              fmt::format("{}: closed the connection on {}; a listener with SASL does that, and a broker "
                          "that stops",
                          address().to_string(), wire::api_name(key)));
}

}  // namespace tributary::cli
