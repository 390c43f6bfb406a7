// The cluster as the operator's verbs see it: finds a broker that answers, learns the others from it, and
// asks the one that a request is for. Each request has the whole timeout; it goes to another broker when one
// cannot be reached, and again when the controller or a coordinator has moved. Blocking. One thread.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker_connection.h"
#include "metadata.h"
#include "tributary/wire/error_code.h"

namespace tributary::cli {

inline constexpr int32_t kAnyBroker = -1;

struct ClusterOptions {
  std::vector<Address> bootstrap;
  std::chrono::milliseconds timeout{};
  bool trace = false;  // requests to stderr
};

class Cluster {
 public:
  explicit Cluster(ClusterOptions options) : options_(std::move(options)) {}

  // Of these topics, or of all. Never creates one.
  Result<Metadata> metadata(const std::optional<std::vector<std::string>>& topics);

  // Asks broker `node`, or any. A request to any broker that fails on the way is sent to the next one.
  template <typename Response, typename Request>
  Result<Answer<Response>> ask(int32_t node, const Request& request,
                               int16_t max_version = Request::kMaxVersion) {
    return on_connection<Response>(node, [&](BrokerConnection& connection) {
      return connection.call<Response>(request, deadline(), max_version);
    });
  }

  // Asks the controller, again if it has moved: code_of(response) is what the response says of that.
  template <typename Response, typename Request, typename CodeOf>
  Result<Answer<Response>> ask_controller(const Request& request, CodeOf code_of) {
    const auto find = [&] { return controller(); };
    return ask_moving<Response>(find, request, code_of, Request::kMaxVersion);
  }
  template <typename Response, typename Request, typename CodeOf>
  Result<Answer<Response>> ask_coordinator(const std::string& group, const Request& request, CodeOf code_of,
                                           int16_t max_version = Request::kMaxVersion) {
    const auto find = [&] { return coordinator(group); };
    return ask_moving<Response>(find, request, code_of, max_version);
  }

  Result<int32_t> controller();
  Result<int32_t> coordinator(const std::string& group);
  // Whether the broker that is asked first serves the API.
  Result<bool> serves(wire::ApiKey key);
  Result<std::vector<Feature>> features();

  // Waits a little before another attempt; false if the deadline would pass.
  static bool pause(Deadline end);
  int32_t timeout_ms() const { return static_cast<int32_t>(options_.timeout.count()); }
  Deadline deadline() const { return std::chrono::steady_clock::now() + options_.timeout; }
  const std::vector<Address>& bootstrap() const { return options_.bootstrap; }

 private:
  template <typename Response, typename Call>
  Result<Answer<Response>> on_connection(int32_t node, Call call) {
    TRIBUTARY_ASSIGN(BrokerConnection * connection, connect(node));
    auto answer = call(*connection);
    while (!answer && answer.error().code == Errc::kIo && drop(node)) {
      TRIBUTARY_ASSIGN(connection, connect(node));
      answer = call(*connection);
    }
    return answer;
  }

  template <typename Response, typename Find, typename Request, typename CodeOf>
  Result<Answer<Response>> ask_moving(Find find, const Request& request, CodeOf code_of,
                                      int16_t max_version) {
    const Deadline end = deadline();
    for (;;) {
      TRIBUTARY_ASSIGN(const int32_t node, find());
      auto answer = ask<Response>(node, request, max_version);
      if (!answer || !has_moved(code_of(**answer)) || !pause(end)) return answer;
    }
  }

  Result<BrokerConnection*> connect(int32_t node);
  Result<BrokerConnection*> connect_any();
  // Forgets a connection that failed; true if there is another broker to ask instead.
  bool drop(int32_t node);
  static bool has_moved(wire::ErrorCode code);

  ClusterOptions options_;
  size_t next_bootstrap_ = 0;
  std::map<int32_t, BrokerConnection> connections_;  // by node; kAnyBroker is the one that was found first
  std::map<int32_t, Address> brokers_;
};

}  // namespace tributary::cli
