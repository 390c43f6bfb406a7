// CRC-32C (Castagnoli) as Kafka uses it for batches and snapshots, by ISA-L's carry-less multiplication (RFC
// 3720 polynomial, reflected, inverted in and out).
#pragma once
#include <cstdint>

#include "tributary/base/bytes.h"

namespace tributary {

uint32_t crc32c(ByteView data);
// The CRC of A followed by data, given crc32c(A).
uint32_t crc32c_extend(uint32_t crc, ByteView data);

}  // namespace tributary
