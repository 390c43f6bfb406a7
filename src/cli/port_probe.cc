#include "port_probe.h"

#include <array>

#include "socket.h"

namespace tributary::cli {
namespace {

// The first bytes a port answers to what is sent; empty if it does not.
std::string answer_to(const Address& address, ByteView question) {
  const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
  auto socket = Socket::connect(address, deadline);
  if (!socket || !socket->send(question, deadline)) return {};
  std::array<uint8_t, 5> answer{};
  const auto received = socket->receive(answer, deadline);
  return received ? std::string(as_text(ByteView(answer).first(*received))) : std::string();
}

// TLS 1.2, one cipher suite, no extensions: a server answers it with a handshake or an alert record.
constexpr std::array<uint8_t, 50> kClientHello = {
    0x16, 3, 1, 0,    45,                                     // record
    0x01, 0, 0, 41,   3,    3,                                // hello
    0,    0, 0, 0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // random
    0,    0, 0, 0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // random
    0,    0, 2, 0x00, 0x2f, 1, 0};                            // no session, AES128-SHA, no compression

}  // namespace

std::optional<std::string> identify_port(const Address& address) {
  const std::string tls = answer_to(address, kClientHello);
  if (tls.starts_with('\x15') || tls.starts_with('\x16')) {
    return "it is a TLS port: give the address of a plaintext listener";
  }
  if (tls.starts_with("HTTP/") ||
      answer_to(address, as_bytes("GET / HTTP/1.0\r\n\r\n")).starts_with("HTTP/")) {
    return "it is an HTTP port, perhaps the admin port: give the address of a Kafka listener";
  }
  return std::nullopt;
}

}  // namespace tributary::cli
