#include "tributary/base/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace tributary {

uint32_t crc32c_extend(uint32_t crc, ByteView data) {
  constexpr size_t kLargestCall = 1 << 30;  // ISA-L takes an int
  while (!data.empty()) {
    const size_t step = std::min(data.size(), kLargestCall);
    // ISA-L declares its input mutable but only reads it.
    crc = ~crc32_iscsi(const_cast<uint8_t*>(data.data()), static_cast<int>(step), ~crc);
    data = data.subspan(step);
  }
  return crc;
}

uint32_t crc32c(ByteView data) { return crc32c_extend(0, data); }

}  // namespace tributary
