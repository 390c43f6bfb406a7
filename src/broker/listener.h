// Accepts on one address and deals the connections out to the shards in turn. Lives on shard 0.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <chrono>

#include "broker_context.h"
#include "descriptor.h"
#include "shard_loop.h"

namespace tributary::broker {

class Acceptor final : public ShardLoop::Watcher {
 public:
  Acceptor(BrokerContext& context, const BoundListener& listener);
  // Takes the address, so that a conflict is found before anything else is done.
  Status bind(const std::string& host, uint16_t port);
  uint16_t port() const { return port_; }
  // Connections are taken from here on.
  Status start();
  void stop();

 private:
  using Endpoint = boost::asio::ip::tcp::endpoint;

  Status open(const Endpoint& endpoint);
  void on_ready(uint32_t events) override;
  bool accept_one();
  void pause_for(std::chrono::nanoseconds delay);
  void hand_over(Descriptor socket, const Endpoint& peer);
  size_t limit(std::string_view name) const;
  void say(const std::string& what);

  BrokerContext& context_;
  const BoundListener& listener_;
  Shard& here_;
  Descriptor socket_;
  uint16_t port_ = 0;
  TimerQueue::Handle retry_;
  RateLimit log_;
  size_t next_shard_ = 0;
};

}  // namespace tributary::broker
