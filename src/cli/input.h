// Standard input as a stream that waits through a Wakeup: while there is nothing to read, `idle` runs
// whenever something else woke it, and a signal ends the input. One thread.
#pragma once
#include <functional>
#include <streambuf>
#include <vector>

#include "wakeup.h"

namespace tributary::cli {

class Input : public std::streambuf {
 public:
  Input(int descriptor, Wakeup& wakeup, std::function<void()> idle)
      : descriptor_(descriptor), wakeup_(wakeup), idle_(std::move(idle)), buffer_(64 * 1024) {}

 protected:
  int_type underflow() override;

 private:
  int descriptor_;
  Wakeup& wakeup_;
  std::function<void()> idle_;
  std::vector<char> buffer_;
};

}  // namespace tributary::cli
