// The authorized-operations bit fields of answers: bit n is operation n of the Admin API. Without an
// authorizer everyone may do everything that applies to the resource.
#pragma once
#include <cstdint>

namespace tributary::broker {

constexpr int32_t operations(std::initializer_list<int> codes) {
  int32_t bits = 0;
  for (int code : codes) bits |= 1 << code;
  return bits;
}

// 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, 9 cluster action, 10 describe configs, 11 alter
// configs, 12 idempotent write
inline constexpr int32_t kAllTopicOperations = operations({3, 4, 5, 6, 7, 8, 10, 11});
inline constexpr int32_t kAllGroupOperations = operations({3, 6, 8, 10, 11});
inline constexpr int32_t kAllClusterOperations = operations({5, 7, 8, 9, 10, 11, 12});

}  // namespace tributary::broker
