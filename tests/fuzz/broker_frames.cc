// Any bytes on a connection, in any pieces: the broker lives on, and how the bytes were cut changes nothing.
// The first byte seeds the cuts. What is sent is completed to a whole frame, then an ApiVersions request
// follows: its answer, or a closed connection, ends the conversation. Only ApiVersions requests answer alike
// each time, so only for those the two conversations are held against each other.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "tributary/base/assert.h"
#include "tributary/base/bytes.h"
#include "tributary/base/random.h"
#include "tributary/broker/broker.h"
#include "tributary/config/load.h"

namespace tributary::broker {
namespace {

using Bytes = std::vector<uint8_t>;
constexpr uint32_t kLargestFrame = 64 * 1024;
constexpr std::array<uint8_t, 14> kLast{0, 0, 0, 10, 0, 18, 0, 0, 0x7f, 0x7f, 0x7f, 0x7f, 0xff, 0xff};

struct Fixture {
  std::string directory = (std::filesystem::temp_directory_path() / "fuzz-frames-XXXXXX").string();
  SystemClock clock;
  config::LoadResult loaded;
  std::unique_ptr<Broker> broker;
  uint16_t port = 0;

  Fixture() {
    TRIBUTARY_ASSERT(::mkdtemp(directory.data()) != nullptr);
    config::Sources sources;
    sources.overrides = {"log.dirs=" + directory + "/data", "listeners=PLAINTEXT://127.0.0.1:0",
                         "socket.request.max.bytes=65536", "auto.create.topics.enable=false"};
    loaded = config::load(sources, config::real_surroundings());
    broker = std::make_unique<Broker>(BrokerOptions{&loaded.values, &clock, {2, 1ULL << 30, 10'000}});
    TRIBUTARY_ASSERT(broker->start().has_value());
    const std::string address = broker->bootstrap();
    port = static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }
  ~Fixture() {
    broker.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }
};

class Conversation {
 public:
  explicit Conversation(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{0, 200'000};  // an answer may be due later: a fetch that waits
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const linger reset{1, 0};  // or the machine runs out of ports
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    const int connected = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    TRIBUTARY_ASSERT(connected == 0, "the broker takes no connection");
  }
  ~Conversation() { ::close(socket_); }

  void send(ByteView piece) { ::send(socket_, piece.data(), piece.size(), MSG_NOSIGNAL); }
  // All that comes until the answer to kLast, the end, or patience.
  Bytes receive() {
    Bytes all;
    uint8_t part[4096];
    for (ssize_t got; (got = ::recv(socket_, part, sizeof part, 0)) > 0;) {
      all.insert(all.end(), part, part + got);
      if (std::search(all.begin(), all.end(), kLast.begin() + 8, kLast.begin() + 12) != all.end()) break;
    }
    return all;
  }

 private:
  int socket_;
};

// The input as whole frames, and whether each of them is an ApiVersions request.
std::pair<Bytes, bool> completed(ByteView input) {
  Bytes bytes(input.begin(), input.end());
  bool alike = true;
  size_t at = 0;
  while (at < bytes.size()) {
    if (bytes.size() - at < 4) bytes.resize(at + 4);
    const auto size = load_be<uint32_t>(bytes.data() + at);
    if (size > kLargestFrame) return {bytes, false};
    if (bytes.size() < at + 4 + size) bytes.resize(at + 4 + size);
    alike = alike && size >= 4 && load_be<int16_t>(bytes.data() + at + 4) == 18;
    at += 4 + size;
  }
  bytes.insert(bytes.end(), kLast.begin(), kLast.end());
  return {bytes, alike};
}

void run(const Fixture& fixture, uint8_t seed, ByteView input) {
  const auto [bytes, alike] = completed(input);
  Conversation cut(fixture.port);
  Random random(seed);
  for (ByteView rest(bytes); !rest.empty();) {
    const size_t size = std::min<size_t>(rest.size(), 1 + random.below(40) * random.below(40));
    cut.send(rest.first(size));
    rest = rest.subspan(size);
  }
  const Bytes answers = cut.receive();
  if (!alike) return;
  Conversation whole(fixture.port);
  whole.send(bytes);
  TRIBUTARY_ASSERT(whole.receive() == answers, "the pieces make a difference");
}

}  // namespace
}  // namespace tributary::broker

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const tributary::broker::Fixture fixture;
  if (size > 0) tributary::broker::run(fixture, data[0], tributary::ByteView(data + 1, size - 1));
  return 0;
}
