// A blocking TCP connection whose every step ends at a deadline. Errors are Errc::kIo and name the address.
// One thread; closes itself.
#pragma once
#include <chrono>
#include <utility>

#include "address.h"
#include "tributary/base/bytes.h"
#include "tributary/base/result.h"

namespace tributary::cli {

using Deadline = std::chrono::steady_clock::time_point;

class Socket {
 public:
  // Tries each address the name has. A DNS look-up takes as long as the resolver takes.
  static Result<Socket> connect(const Address& address, Deadline deadline);

  Socket(Socket&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), address_(std::move(other.address_)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(address_, other.address_);
    return *this;
  }
  ~Socket();

  Status send(ByteView bytes, Deadline deadline);
  // At least one byte, unless the peer has closed: then 0.
  Result<size_t> receive_some(MutableBytes into, Deadline deadline);
  // Up to into.size() bytes, fewer only if the peer has closed.
  Result<size_t> receive(MutableBytes into, Deadline deadline);

  const Address& address() const { return address_; }

 private:
  Socket(int descriptor, Address address) : descriptor_(descriptor), address_(std::move(address)) {}
  Status wait(short events, Deadline deadline) const;

  int descriptor_;
  Address address_;
};

}  // namespace tributary::cli
