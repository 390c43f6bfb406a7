// A small blocking client: frames of wire messages over one socket. An answer that does not come within
// kPatience is a failed test, not a hang.
#pragma once
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "tributary/base/bytes.h"
#include "tributary/wire/api_versions_table.h"
#include "tributary/wire/messages/header.h"
#include "tributary/wire/reader.h"
#include "tributary/wire/writer.h"

namespace tributary::broker::test {

inline constexpr int kPatienceSeconds = 30;

// A decoded answer with the bytes its views point into.
template <typename Message>
struct Reply {
  bool ok = false;  // false: the connection ended, or the bytes do not decode
  std::vector<uint8_t> bytes;
  Message message;
  Message* operator->() { return &message; }
  const Message* operator->() const { return &message; }
  explicit operator bool() const { return ok; }
};

class Client {
 public:
  explicit Client(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{kPatienceSeconds, 0};
    const int on = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  Client(Client&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)),
        connected_(other.connected_),
        next_correlation_(other.next_correlation_),
        client_id(std::move(other.client_id)) {}
  Client& operator=(Client&&) = delete;
  ~Client() { disconnect(); }

  bool connected() const { return connected_; }
  int descriptor() const { return socket_; }
  void disconnect() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

  bool send_raw(ByteView bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes = bytes.subspan(static_cast<size_t>(sent));
    }
    return true;
  }

  // The whole frame, prefix included.
  template <typename Request>
  std::vector<uint8_t> frame(const Request& request, int16_t version) {
    return frame_of(static_cast<int16_t>(Request::kKey), version,
                    [&](wire::Writer& out) { request.encode(out, version); });
  }
  template <typename Body>
  std::vector<uint8_t> frame_of(int16_t key, int16_t version, Body write_body) {
    wire::Writer out;
    out.write_int32(0);
    wire::RequestHeader header;
    header.api_key = key;
    header.api_version = version;
    header.correlation_id = next_correlation_++;
    header.client_id = client_id;
    header.encode(out, wire::request_header_version(key, version));
    write_body(out);
    std::vector<uint8_t> bytes = out.to_vector();
    store_be<int32_t>(bytes.data(), static_cast<int32_t>(bytes.size() - 4));
    return bytes;
  }

  // The correlation id its answer will have.
  template <typename Request>
  int32_t send(const Request& request, int16_t version) {
    const int32_t correlation = next_correlation_;
    EXPECT_TRUE(send_raw(frame(request, version)));
    return correlation;
  }
  // The next answer, as of that API and version.
  template <typename Response>
  Reply<Response> receive(int16_t version, std::optional<int32_t> correlation = std::nullopt) {
    Reply<Response> reply;
    const auto body = receive_frame();
    if (!body) return reply;
    reply.bytes = *body;
    wire::Reader reader(reply.bytes);
    wire::ResponseHeader header;
    header.decode(reader, wire::response_header_version(static_cast<int16_t>(Response::kKey), version));
    if (correlation) {
      EXPECT_EQ(header.correlation_id, *correlation);
    }
    reply.ok = reply.message.decode(reader, version) && reader.remaining() == 0;
    return reply;
  }
  template <typename Response, typename Request>
  Reply<Response> call(const Request& request, int16_t version) {
    const int32_t correlation = send(request, version);
    return receive<Response>(version, correlation);
  }

  // What follows the next size prefix; null if the connection ended.
  std::optional<std::vector<uint8_t>> receive_frame() {
    uint8_t prefix[4];
    if (!receive_exactly({prefix, 4})) return std::nullopt;
    std::vector<uint8_t> body(static_cast<size_t>(load_be<int32_t>(prefix)));
    if (!receive_exactly(body)) return std::nullopt;
    return body;
  }
  // True once the broker has closed the connection; false if it sends something, or nothing at all.
  bool is_closed_by_broker() {
    uint8_t byte;
    const ssize_t received = ::recv(socket_, &byte, 1, 0);
    return received == 0 || (received < 0 && errno == ECONNRESET);
  }

 private:
  bool receive_exactly(MutableBytes into) {
    while (!into.empty()) {
      const ssize_t received = ::recv(socket_, into.data(), into.size(), 0);
      if (received <= 0) return false;
      into = into.subspan(static_cast<size_t>(received));
    }
    return true;
  }

  int socket_;
  bool connected_ = false;
  int32_t next_correlation_ = 1;

 public:
  std::string client_id = "test";
};

}  // namespace tributary::broker::test
