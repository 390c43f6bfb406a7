// Keeps strings alive that a response only points to (error messages, names made up on the way). Grows until
// it is destroyed with its request; one thread. What is longer than a string on the wire can be is cut off.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace tributary::wire {

class Arena {
 public:
  static constexpr size_t kLongest = INT16_MAX;

  std::string_view keep(std::string text) {
    if (text.size() > kLongest) text.resize(kLongest);
    return strings_.emplace_back(std::move(text));
  }

 private:
  std::deque<std::string> strings_;
};

}  // namespace tributary::wire
