// Open connections, together and by the peer's address, each from its accept to its end. Any thread; asked
// once a connection.
#pragma once
#include <boost/asio/ip/address.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace tributary::broker {

class ConnectionCounts {
 public:
  using Address = boost::asio::ip::address;

  // Given back when destroyed; must not outlive the counts.
  class Place {
   public:
    Place(ConnectionCounts& counts, Address address) : counts_(&counts), address_(std::move(address)) {}
    Place(Place&& other) noexcept
        : counts_(std::exchange(other.counts_, nullptr)), address_(std::move(other.address_)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (counts_ != nullptr) counts_->give_back(address_);
    }

   private:
    ConnectionCounts* counts_;
    Address address_;
  };

  // Null if there are that many already.
  std::optional<Place> take(const Address& address, size_t most, size_t most_of_address) {
    const std::lock_guard lock(mutex_);
    const auto found = by_address_.find(address);
    if (total_ >= most || (found == by_address_.end() ? 0 : found->second) >= most_of_address)
      return std::nullopt;
    ++total_;
    ++by_address_[address];
    return Place(*this, address);
  }

 private:
  void give_back(const Address& address) {
    const std::lock_guard lock(mutex_);
    --total_;
    const auto found = by_address_.find(address);
    if (--found->second == 0) by_address_.erase(found);
  }

  std::mutex mutex_;
  size_t total_ = 0;
  std::map<Address, size_t> by_address_;
};

}  // namespace tributary::broker
