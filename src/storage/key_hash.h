// SipHash-2-4 with 128 bits of result (Aumasson and Bernstein): what stands for a record's key where keys
// themselves would need too much room. Keyed, so that nobody outside can choose keys that meet.
#pragma once
#include <array>

#include "tributary/base/bytes.h"

namespace tributary::storage {

using HashSecret = std::array<uint64_t, 2>;

struct KeyHash {
  uint64_t low = 0;
  uint64_t high = 0;
  bool operator==(const KeyHash&) const = default;
};

KeyHash hash_key(ByteView key, const HashSecret& secret);

}  // namespace tributary::storage
