// One connection to one broker: ApiVersions first, then a request at a time, each at the newest version that
// both sides know. Transport errors are Errc::kIo, and after one the connection is useless; an API the broker
// does not serve is Errc::kUnsupported; bytes that do not decode are Errc::kCorruption. One thread.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "socket.h"
#include "tributary/wire/api_key.h"
#include "tributary/wire/reader.h"
#include "tributary/wire/writer.h"

namespace tributary::cli {

// A decoded response with the bytes its views point into; it moves, and its views stay good.
template <typename Message>
struct Answer {
  Answer() = default;
  Answer(Answer&&) noexcept = default;
  Answer& operator=(Answer&&) noexcept = default;
  ~Answer() = default;

  const Message* operator->() const { return &message; }
  const Message& operator*() const { return message; }

  std::vector<uint8_t> bytes;
  Message message;
  int16_t version = 0;
};

struct VersionRange {
  int16_t min;
  int16_t max;
};

struct Feature {
  std::string name;
  int16_t finalized = 0;  // 0: not
  int16_t supported_min = 0, supported_max = 0;
};

class BrokerConnection {
 public:
  // `trace` prints requests to stderr.
  static Result<BrokerConnection> open(const Address& address, Deadline deadline, bool trace);

  template <typename Response, typename Request>
  Result<Answer<Response>> call(const Request& request, Deadline deadline,
                                int16_t max_version = Request::kMaxVersion) {
    TRIBUTARY_ASSIGN(const int16_t version, negotiate(Request::kKey, {Request::kMinVersion, max_version}));
    return call_at<Response>(request, version, deadline);
  }

  bool serves(wire::ApiKey key) const { return served_.contains(static_cast<int16_t>(key)); }
  const Address& address() const { return socket_.address(); }
  const std::vector<Feature>& features() const { return features_; }

 private:
  BrokerConnection(Socket socket, bool trace) : socket_(std::move(socket)), trace_(trace) {}

  template <typename Response, typename Request>
  Result<Answer<Response>> call_at(const Request& request, int16_t version, Deadline deadline) {
    wire::Writer body;
    request.encode(body, version);
    Answer<Response> answer;
    answer.version = version;
    TRIBUTARY_ASSIGN(answer.bytes, exchange(Request::kKey, version, body, deadline));
    wire::Reader in(answer.bytes);
    if (!decode_header(in, Request::kKey, version) || !answer.message.decode(in, version)) {
      return undecodable(Request::kKey, version);
    }
    return answer;
  }

  Status handshake(Deadline deadline);
  Result<int16_t> negotiate(wire::ApiKey key, VersionRange ours) const;
  // Sends the frame and returns what follows the size of its answer.
  Result<std::vector<uint8_t>> exchange(wire::ApiKey key, int16_t version, wire::Writer& body,
                                        Deadline deadline);
  Result<std::vector<uint8_t>> receive_frame(wire::ApiKey key, Deadline deadline);
  bool decode_header(wire::Reader& in, wire::ApiKey key, int16_t version) const;
  tl::unexpected<Error> undecodable(wire::ApiKey key, int16_t version) const;
  // `otherwise` says what is known if the port does not tell what it is.
  tl::unexpected<Error> not_kafka(std::string_view otherwise = "it does not speak Kafka's protocol") const;
  tl::unexpected<Error> closed(wire::ApiKey key) const;

  Socket socket_;
  bool trace_;
  std::map<int16_t, VersionRange> served_;  // empty until the handshake is done
  std::vector<Feature> features_;
  int32_t correlation_ = 0;
};

}  // namespace tributary::cli
