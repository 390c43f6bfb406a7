// What can fail returns Result<T> or Status; nothing below the shell throws on a data path. Error says what
// kind of failure it is, because callers react differently to each, and holds one readable sentence for the
// operator.
#pragma once
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace tributary {

enum class Errc {
  kIo,          // the operating system refused; the text names the call and the path
  kNoSpace,     // ENOSPC or EDQUOT: a later attempt may succeed
  kCorruption,  // bytes are not what was written
  kNotFound,
  kExists,
  kInvalidArgument,  // the caller's input is wrong
  kOutOfRange,
  kWouldBlock,  // not in the page cache: do it again where blocking is allowed
  kTooLarge,
  kUnsupported,
  kBusy,       // held by someone else (a lock file, a pending operation)
  kCancelled,  // whoever asked for it wants it no more
};

struct Error {
  Errc code;
  std::string message;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(Errc code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace tributary

// Returns the error of a Status or Result<T> expression from the enclosing function.
#define TRIBUTARY_TRY(expression)                                                    \
  do {                                                                               \
    if (auto tributary_try = (expression); !tributary_try)                           \
      return ::tl::unexpected<::tributary::Error>(std::move(tributary_try).error()); \
  } while (false)

#define TRIBUTARY_CONCAT_INNER(a, b) a##b
#define TRIBUTARY_CONCAT(a, b) TRIBUTARY_CONCAT_INNER(a, b)

// TRIBUTARY_ASSIGN(auto file, open(...)): declares the value or returns the error.
#define TRIBUTARY_ASSIGN(declaration, expression)                          \
  auto TRIBUTARY_CONCAT(tributary_result_, __LINE__) = (expression);       \
  if (!TRIBUTARY_CONCAT(tributary_result_, __LINE__))                      \
    return ::tl::unexpected<::tributary::Error>(                           \
        std::move(TRIBUTARY_CONCAT(tributary_result_, __LINE__)).error()); \
  declaration = std::move(*TRIBUTARY_CONCAT(tributary_result_, __LINE__))
