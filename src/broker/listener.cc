#include "listener.h"

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstring>

#include "shard.h"

namespace tributary::broker {

using boost::asio::ip::tcp;

namespace {

// So that a storm of connections leaves room for requests in between.
constexpr int kAcceptedAtOnce = 32;
constexpr auto kRetryAfter = std::chrono::milliseconds(100);

Status last_error() { return fail(Errc::kIo, std::strerror(errno)); }

}  // namespace

Acceptor::Acceptor(BrokerContext& context, const BoundListener& listener)
    : context_(context), listener_(listener), here_(*context.shards[0]) {}

Status Acceptor::bind(const std::string& host, uint16_t port) {
  boost::asio::io_context io;
  boost::system::error_code error;
  tcp::resolver resolver(io);
  const auto found =
      resolver.resolve(host.empty() ? "0.0.0.0" : host, std::to_string(port), tcp::resolver::passive, error);
  const std::string where = fmt::format("listener {}://{}:{}", listener_.name, host, port);
  if (error || found.empty())
    return fail(Errc::kInvalidArgument, fmt::format("{}: {}", where, error.message()));
  const Status opened = open(found.begin()->endpoint());
  return opened ? Status{} : fail(Errc::kIo, fmt::format("{}: {}", where, opened.error().message));
}

Status Acceptor::open(const Endpoint& endpoint) {
  socket_ = Descriptor(::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (!socket_ || ::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
      ::bind(socket_.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) < 0)
    return last_error();
  Endpoint bound;
  auto size = static_cast<socklen_t>(bound.capacity());
  if (::getsockname(socket_.get(), bound.data(), &size) < 0) return last_error();
  bound.resize(size);
  port_ = bound.port();
  return {};
}

Status Acceptor::start() {
  const std::string where = "listener " + listener_.name;
  if (::listen(socket_.get(), SOMAXCONN) < 0)
    return fail(Errc::kIo, fmt::format("{}: {}", where, std::strerror(errno)));
  // Behind the image that was posted to the shard before.
  here_.post([this] {
    if (const Status watched = here_.loop().watch(socket_.get(), EPOLLIN, *this); !watched)
      spdlog::critical("listener {}: {}", listener_.name, watched.error().message);
  });
  return {};
}

void Acceptor::stop() {
  here_.post([this] {
    retry_.cancel();
    socket_.close();
  });
}

void Acceptor::on_ready(uint32_t) {
  for (int i = 0; i < kAcceptedAtOnce && socket_; ++i) {
    if (!accept_one()) return;
  }
}

// False when there is no more, or none is to be taken for a while.
bool Acceptor::accept_one() {
  Endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  Descriptor socket(::accept4(socket_.get(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket) {
    if (errno == EAGAIN) return false;
    if (errno == ECONNABORTED || errno == EINTR) return true;
    say(fmt::format("accept: {}", std::strerror(errno)));
    // Out of descriptors or the like: trying again at once would spin.
    pause_for(kRetryAfter);
    return false;
  }
  peer.resize(size);
  hand_over(std::move(socket), peer);
  const std::chrono::nanoseconds delay(context_.connection_rate.take(
      here_.now_ns(), static_cast<int64_t>(limit("max.connection.creation.rate"))));
  if (delay.count() <= 0) return true;
  pause_for(delay);
  return false;
}

void Acceptor::pause_for(std::chrono::nanoseconds delay) {
  here_.loop().change(socket_.get(), 0, *this);
  retry_ = here_.timers().after(delay, [this] { here_.loop().change(socket_.get(), EPOLLIN, *this); });
}

void Acceptor::hand_over(Descriptor socket, const Endpoint& peer) {
  const auto own = context_.limits.max_connections_of.find(peer.address());
  auto place = context_.connection_counts.take(
      peer.address(), std::min(limit("max.connections"), context_.limits.max_connections),
      own == context_.limits.max_connections_of.end() ? limit("max.connections.per.ip") : own->second);
  if (!place) {
    here_.probe().connections_refused.add_unshared();
    return say(fmt::format("refusing {}: over max.connections or max.connections.per.ip",
                           peer.address().to_string()));
  }
  here_.submit(next_shard_,
               [this, peer, socket = std::move(socket), place = std::move(*place)](Shard& shard) mutable {
                 shard.adopt(std::move(socket), peer, listener_, std::move(place));
               });
  next_shard_ = (next_shard_ + 1) % context_.shards.size();
}

// These change while the broker runs.
size_t Acceptor::limit(std::string_view name) const {
  return static_cast<size_t>(control::broker_number(*here_.image(), here_.values(), context_.node_id, name));
}

void Acceptor::say(const std::string& what) {
  if (log_.allow(here_.now_ns())) spdlog::warn("listener {}: {}", listener_.name, what);
}

}  // namespace tributary::broker
