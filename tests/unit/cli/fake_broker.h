// A broker of one node for tests of the client: answers by handlers, in a thread of its own, on a port the
// system chose.
#pragma once
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <map>
#include <thread>
#include <vector>

#include "cli/address.h"
#include "tributary/wire/api_versions_table.h"
#include "tributary/wire/messages/api_versions.h"
#include "tributary/wire/messages/header.h"
#include "tributary/wire/messages/metadata.h"
#include "tributary/wire/reader.h"
#include "tributary/wire/writer.h"

namespace tributary::cli::test {

class FakeBroker {
 public:
  // Writes the body of an answer; false closes the connection instead.
  using Handler = std::function<bool(int16_t version, wire::Reader& request, wire::Writer& answer)>;

  // ApiVersions is answered from the versions that are served; a version of it that is not, as KIP-511 says.
  FakeBroker() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    ::listen(listener_, 8);
    port_ = ntohs(address.sin_port);
    if (::pipe(stop_) != 0) std::abort();
    serve(wire::ApiKey::kApiVersions, 0, 4, [this](int16_t version, wire::Reader&, wire::Writer& out) {
      return answer_api_versions(version, out);
    });
    serve(wire::ApiKey::kMetadata, 0, 13, [this](int16_t version, wire::Reader&, wire::Writer& out) {
      return answer_metadata(version, out);
    });
  }
  FakeBroker(const FakeBroker&) = delete;
  FakeBroker& operator=(const FakeBroker&) = delete;
  ~FakeBroker() {
    ::close(stop_[1]);
    if (thread_.joinable()) thread_.join();
    ::close(stop_[0]);
    ::close(listener_);
  }

  void serve(wire::ApiKey key, int16_t min, int16_t max, Handler handler) {
    apis_[static_cast<int16_t>(key)] = {min, max, std::move(handler)};
  }
  void start() {
    thread_ = std::thread([this] { run(); });
  }
  Address address() const { return {"127.0.0.1", port_}; }
  int requests(wire::ApiKey key) const { return counts_[static_cast<size_t>(key)]; }

 private:
  struct Api {
    int16_t min, max;
    Handler handler;
  };

  bool answer_api_versions(int16_t version, wire::Writer& out) {
    wire::ApiVersionsResponse response;
    for (const auto& [key, api] : apis_) response.api_keys.push_back({key, api.min, api.max, {}});
    response.encode(out, version);
    return true;
  }
  bool answer_metadata(int16_t version, wire::Writer& out) const {
    wire::MetadataResponse response;
    response.brokers.push_back({1, "127.0.0.1", port_, std::nullopt, {}});
    response.cluster_id = "fake";
    response.controller_id = 1;
    response.encode(out, version);
    return true;
  }

  void run() {
    std::vector<pollfd> polls = {{stop_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    while (::poll(polls.data(), polls.size(), -1) > 0 && polls[0].revents == 0) {
      if (polls[1].revents != 0) polls.push_back({::accept(listener_, nullptr, nullptr), POLLIN, 0});
      for (size_t i = polls.size(); i-- > 2;) {
        if (polls[i].revents == 0 || answer_one(polls[i].fd)) continue;
        ::close(polls[i].fd);
        polls.erase(polls.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    for (size_t i = 2; i < polls.size(); ++i) ::close(polls[i].fd);
  }

  bool answer_one(int socket) {
    uint8_t prefix[4];
    if (::recv(socket, prefix, 4, MSG_WAITALL) != 4) return false;
    std::vector<uint8_t> frame(load_be<uint32_t>(prefix) & 0xfffff);
    if (::recv(socket, frame.data(), frame.size(), MSG_WAITALL) != static_cast<ssize_t>(frame.size()))
      return false;
    wire::Reader in(frame);
    const auto key = load_be<int16_t>(frame.data());
    auto version = load_be<int16_t>(frame.data() + 2);
    wire::RequestHeader header;
    header.decode(in, wire::request_header_version(key, version));
    ++counts_[static_cast<size_t>(key)];
    wire::Writer out;
    out.write_int32(0);
    wire::ResponseHeader answer;
    answer.correlation_id = header.correlation_id;
    const Api& api = apis_.at(key);
    answer.encode(out, wire::response_header_version(key, version));
    if (version > api.max) {
      out.write_int16(static_cast<int16_t>(wire::ErrorCode::kUnsupportedVersion));
      out.write_int32(0);  // the array of versions, in version 0
    } else if (!api.handler(version, in, out)) {
      return false;
    }
    std::vector<uint8_t> bytes = out.to_vector();
    store_be(bytes.data(), static_cast<int32_t>(bytes.size() - 4));
    return ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }

  int listener_ = -1;
  int stop_[2] = {-1, -1};
  uint16_t port_ = 0;
  std::map<int16_t, Api> apis_;
  std::array<std::atomic<int>, wire::kMaxApiKey + 1> counts_{};
  std::thread thread_;
};

}  // namespace tributary::cli::test
