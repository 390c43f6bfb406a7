#include "tributary/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace tributary {

void assertion_failed(const char* file, int line, const char* condition, std::string_view text) {
  fmt::print(stderr, "{}:{}: assertion failed: {}: {}\n", file, line, condition, text);
  std::fflush(stderr);
  std::abort();
}

}  // namespace tributary
