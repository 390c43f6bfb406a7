#include "listener.h"

#include "shard.h"

namespace tributary::broker {

namespace asio = boost::asio;
using asio::ip::tcp;

Acceptor::Acceptor(BrokerContext& context, const BoundListener& listener)
    : context_(context),
      listener_(listener),
      acceptor_(context.shards[0]->io()),
      retry_(context.shards[0]->io()) {}

Status Acceptor::bind(const std::string& host, uint16_t port) {
  boost::system::error_code error;
  tcp::resolver resolver(acceptor_.get_executor());
  const auto found =
      resolver.resolve(host.empty() ? "0.0.0.0" : host, std::to_string(port), tcp::resolver::passive, error);
  const std::string where = fmt::format("listener {}://{}:{}", listener_.name, host, port);
  if (error || found.empty())
    return fail(Errc::kInvalidArgument, fmt::format("{}: {}", where, error.message()));
  const tcp::endpoint endpoint = found.begin()->endpoint();
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (error) return fail(Errc::kIo, fmt::format("{}: {}", where, error.message()));
  return {};
}

Status Acceptor::start() {
  boost::system::error_code error;
  acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return fail(Errc::kIo, fmt::format("listener {}: {}", listener_.name, error.message()));
  asio::post(acceptor_.get_executor(), [this] { accept(); });
  return {};
}

void Acceptor::stop() {
  asio::post(acceptor_.get_executor(), [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
  });
}

void Acceptor::accept() {
  Shard& shard = *context_.shards[next_shard_];
  next_shard_ = (next_shard_ + 1) % context_.shards.size();
  acceptor_.async_accept(
      shard.io(), [this, &shard](const boost::system::error_code& error, tcp::socket socket) {
        if (error == asio::error::operation_aborted) return;
        if (!error) {
          hand_over(shard, std::move(socket));
          return accept_after(std::chrono::nanoseconds(context_.connection_rate.take(
              context_.clock.monotonic_ns(), static_cast<int64_t>(limit("max.connection.creation.rate")))));
        }
        say("accept: " + error.message());
        // Out of descriptors or the like: trying again at once would spin.
        accept_after(std::chrono::milliseconds(100));
      });
}

void Acceptor::accept_after(std::chrono::nanoseconds delay) {
  if (delay.count() <= 0) return accept();
  retry_.expires_after(delay);
  retry_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) accept();
  });
}

void Acceptor::hand_over(Shard& shard, tcp::socket socket) {
  boost::system::error_code gone;
  const tcp::endpoint peer = socket.remote_endpoint(gone);
  if (gone) return;
  const auto own = context_.limits.max_connections_of.find(peer.address());
  auto place = context_.connection_counts.take(
      peer.address(), std::min(limit("max.connections"), context_.limits.max_connections),
      own == context_.limits.max_connections_of.end() ? limit("max.connections.per.ip") : own->second);
  if (!place) {
    context_.shards[0]->probe().connections_refused.add_unshared();
    return say(fmt::format("refusing {}: over max.connections or max.connections.per.ip",
                           peer.address().to_string()));
  }
  shard.post([this, &shard, socket = std::move(socket), place = std::move(*place)]() mutable {
    shard.adopt(std::move(socket), listener_, std::move(place));
  });
}

// These change while the broker runs.
size_t Acceptor::limit(std::string_view name) const {
  const Shard& here = *context_.shards[0];
  return static_cast<size_t>(control::broker_number(*here.image(), here.values(), context_.node_id, name));
}

void Acceptor::say(const std::string& what) {
  if (log_.allow(context_.clock.monotonic_ns())) spdlog::warn("listener {}: {}", listener_.name, what);
}

}  // namespace tributary::broker
