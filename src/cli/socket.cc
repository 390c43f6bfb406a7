#include "socket.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

namespace tributary::cli {
namespace {

tl::unexpected<Error> io(const Address& address, std::string_view why) {
  return fail(Errc::kIo, fmt::format("{}: {}", address.to_string(), why));
}

int milliseconds_until(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, INT32_MAX));
}

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Result<AddressList> look_up(const Address& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (code != 0) return io(address, fmt::format("the host name cannot be resolved: {}", gai_strerror(code)));
  return AddressList(found, &freeaddrinfo);
}

}  // namespace

Socket::~Socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status Socket::wait(short events, Deadline deadline) const {
  pollfd poll{descriptor_, events, 0};
  for (;;) {
    const int ready = ::poll(&poll, 1, milliseconds_until(deadline));
    if (ready > 0) return {};
    if (ready == 0) return io(address_, "no answer in time");
    if (errno != EINTR) return io(address_, std::strerror(errno));
  }
}

Result<Socket> Socket::connect(const Address& address, Deadline deadline) {
  TRIBUTARY_ASSIGN(const AddressList list, look_up(address));
  Status last = io(address, "the host name has no address");
  for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) {
    Socket socket(::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), address);
    if (socket.descriptor_ < 0) {
      last = io(address, std::strerror(errno));
      continue;
    }
    int error = ::connect(socket.descriptor_, at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
      if (last = socket.wait(POLLOUT, deadline); !last) continue;
      socklen_t size = sizeof error;
      ::getsockopt(socket.descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error == 0) {
      const int on = 1;
      ::setsockopt(socket.descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return socket;
    }
    last = io(address, std::strerror(error));
  }
  return tl::unexpected(last.error());
}

Status Socket::send(ByteView bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes = bytes.subspan(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      TRIBUTARY_TRY(wait(POLLOUT, deadline));
    } else if (errno != EINTR) {
      return io(address_, std::strerror(errno));
    }
  }
  return {};
}

Result<size_t> Socket::receive_some(MutableBytes into, Deadline deadline) {
  for (;;) {
    const ssize_t received = ::recv(descriptor_, into.data(), into.size(), 0);
    if (received >= 0) return static_cast<size_t>(received);
    if (errno == EAGAIN) {
      TRIBUTARY_TRY(wait(POLLIN, deadline));
    } else if (errno == ECONNRESET) {
      return 0;
    } else if (errno != EINTR) {
      return io(address_, std::strerror(errno));
    }
  }
}

Result<size_t> Socket::receive(MutableBytes into, Deadline deadline) {
  size_t total = 0;
  while (total < into.size()) {
    TRIBUTARY_ASSIGN(const size_t received, receive_some(into.subspan(total), deadline));
    if (received == 0) break;
    total += received;
  }
  return total;
}

}  // namespace tributary::cli
