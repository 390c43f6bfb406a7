// TRIBUTARY_ASSERT(condition, "what {} means", value): for invariants only a defect can break; input errors
// return a Result. On in release: prints place, condition and text on stderr, then aborts, because going on
// would spread the damage to the log.
#pragma once
#include <fmt/format.h>

#include <string_view>

namespace tributary {

[[noreturn]] void assertion_failed(const char* file, int line, const char* condition, std::string_view text);

}  // namespace tributary

#define TRIBUTARY_ASSERT(condition, ...)                                                            \
  do {                                                                                              \
    if (!(condition)) [[unlikely]]                                                                  \
      ::tributary::assertion_failed(__FILE__, __LINE__, #condition, ::fmt::format("" __VA_ARGS__)); \
  } while (false)
