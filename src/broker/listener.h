// Accepts on one address and deals the connections out to the shards in turn. Lives on shard 0.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>

#include "broker_context.h"

namespace tributary::broker {

class Acceptor {
 public:
  Acceptor(BrokerContext& context, const BoundListener& listener);
  // Takes the address, so that a conflict is found before anything else is done.
  Status bind(const std::string& host, uint16_t port);
  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  // Connections are taken from here on.
  Status start();
  void stop();

 private:
  void accept();
  void accept_after(std::chrono::nanoseconds delay);
  void hand_over(Shard& shard, boost::asio::ip::tcp::socket socket);
  size_t limit(std::string_view name) const;
  void say(const std::string& what);

  BrokerContext& context_;
  const BoundListener& listener_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_;
  RateLimit log_;
  size_t next_shard_ = 0;
};

}  // namespace tributary::broker
