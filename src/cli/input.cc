#include "input.h"

#include <unistd.h>

namespace tributary::cli {

Input::int_type Input::underflow() {
  constexpr std::chrono::minutes kLong{1};
  while (!wakeup_.stopping()) {
    idle_();
    if (!wakeup_.wait(descriptor_, Wakeup::Watch::kReadable, kLong)) continue;
    const ssize_t size = read(descriptor_, buffer_.data(), buffer_.size());
    if (size <= 0) break;
    setg(buffer_.data(), buffer_.data(), buffer_.data() + size);
    return traits_type::to_int_type(buffer_[0]);
  }
  return traits_type::eof();
}

}  // namespace tributary::cli
