// A blocking connection to the broker.
#pragma once
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>

#include "loop.h"

namespace tributary::bench {

class Socket {
 public:
  explicit Socket(const Address& address) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(address.port);
    inet_pton(AF_INET, address.host.c_str(), &to.sin_addr);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~Socket() { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool connected() const { return connected_; }
  bool write(ByteView bytes) {
    while (!bytes.empty()) {
      ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes = bytes.subspan(size_t(n));
    }
    return true;
  }
  // What follows the correlation id of the next answer; nullopt if the broker hung up.
  std::optional<Buffer> read_answer() {
    std::array<uint8_t, 8> head{};
    if (!read(head)) return std::nullopt;
    Buffer body(size_t(load_be<int32_t>(head.data())) - 4);
    if (!read(body)) return std::nullopt;
    return body;
  }

 private:
  bool read(MutableBytes into) {
    return into.empty() || recv(fd_, into.data(), into.size(), MSG_WAITALL) == ssize_t(into.size());
  }

  int fd_;
  bool connected_;
};

}  // namespace tributary::bench
