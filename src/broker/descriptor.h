// A file descriptor, closed when destroyed.
#pragma once
#include <unistd.h>

#include <utility>

namespace tributary::broker {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Descriptor() { close(); }

  explicit operator bool() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }
  void close() {
    if (const int open = std::exchange(descriptor_, -1); open >= 0) ::close(open);
  }

 private:
  int descriptor_ = -1;
};

}  // namespace tributary::broker
