#include "tributary/admin/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace tributary::admin {
namespace {

class Peer {
 public:
  explicit Peer(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  Peer(Peer&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  Peer& operator=(Peer&&) = delete;
  ~Peer() {
    if (socket_ >= 0) ::close(socket_);
  }
  // All that comes until the server closes.
  std::string ask(const std::string& request) {
    EXPECT_EQ(::send(socket_, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    std::string all;
    char part[1024];
    for (ssize_t got; (got = ::recv(socket_, part, sizeof part, 0)) > 0;)
      all.append(part, static_cast<size_t>(got));
    return all;
  }

 private:
  int socket_;
};

std::string get(uint16_t port, const std::string& path) {
  return Peer(port).ask("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    server_.route("GET", "/healthz",
                  [](const HttpRequest&) { return HttpResponse{200, "text/plain", "ok\n"}; });
    const Status started = server_.start("127.0.0.1:0");
    EXPECT_TRUE(started) << started.error().message;
  }
  HttpServer server_;
};

TEST_F(HttpServerTest, Routes_AreAnsweredOthersAreNotFound) {
  EXPECT_NE(get(server_.port(), "/healthz").find("ok\n"), std::string::npos);
  EXPECT_NE(get(server_.port(), "/healthz?x=1").find("200 OK"), std::string::npos);
  EXPECT_NE(get(server_.port(), "/other").find("404"), std::string::npos);
  EXPECT_NE(Peer(server_.port()).ask("POST /healthz HTTP/1.0\r\n\r\n").find("405"), std::string::npos);
}

TEST_F(HttpServerTest, ManySilentPeers_CannotShutOutAHealthCheck) {
  std::vector<Peer> silent;
  for (int i = 0; i < 200; ++i) silent.emplace_back(server_.port());
  for (int i = 0; i < 3; ++i) EXPECT_NE(get(server_.port(), "/healthz").find("200 OK"), std::string::npos);
}

TEST_F(HttpServerTest, Garbage_EndsOnlyItsOwnConnection) {
  Peer(server_.port()).ask(std::string(100'000, 'x') + "\r\n\r\n");
  EXPECT_NE(get(server_.port(), "/healthz").find("200 OK"), std::string::npos);
}

}  // namespace
}  // namespace tributary::admin
