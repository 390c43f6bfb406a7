// What the controller's operations have in common. An operation is a pure function of the image and the
// request: it gives the answer and the records that make it true; nothing changes until they are committed.
#pragma once
#include <string>

#include "record_codec.h"
#include "tributary/base/random.h"
#include "tributary/config/values.h"
#include "tributary/control/image.h"
#include "tributary/wire/arena.h"
#include "tributary/wire/error_code.h"

namespace tributary::control {

struct OperationContext {
  const Image& image;
  const config::Values& values;
  NodeId node;
  std::span<const Uuid> log_directories;
  Random& random;
  wire::Arena& arena;
};

// What a client is told; code and text are Kafka's.
struct ApiFault {
  wire::ErrorCode code;
  std::optional<std::string> message;
};
template <typename T>
using Checked = tl::expected<T, ApiFault>;

inline tl::unexpected<ApiFault> refuse(wire::ErrorCode code,
                                       std::optional<std::string> message = std::nullopt) {
  return tl::unexpected(ApiFault{code, std::move(message)});
}

template <typename Response>
struct Planned {
  Response response;
  RecordList records;
};

// One request may not ask for more, so that a batch stays far below its limit.
inline constexpr size_t kMaxRecordsPerOperation = 10'000;
inline constexpr int64_t kMaxPartitionsPerRequest = 10'000;

// Sets code and message of one item of an answer; the message lives in the arena.
template <typename Item>
void set_fault(Item& item, ApiFault fault, wire::Arena& arena) {
  item.error_code = fault.code;
  item.error_message = std::nullopt;
  if (fault.message) item.error_message = arena.keep(std::move(*fault.message));
}

template <typename Item>
void set_success(Item& item) {
  item.error_code = wire::ErrorCode::kNone;
  item.error_message = std::nullopt;
}

}  // namespace tributary::control

#define TRIBUTARY_CHECK(expression)                                          \
  do {                                                                       \
    if (auto tributary_check = (expression); !tributary_check)               \
      return ::tl::unexpected<ApiFault>(std::move(tributary_check).error()); \
  } while (false)
