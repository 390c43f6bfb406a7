// Base-128 varints, least significant group first; signed ones zigzag-coded, as in Kafka's records and
// flexible messages (KIP-482, Protocol Buffers encoding).
#pragma once
#include <cstddef>
#include <cstdint>

#include "tributary/base/bytes.h"

namespace tributary {

inline constexpr size_t kMaxVarint32 = 5;
inline constexpr size_t kMaxVarint64 = 10;

constexpr uint32_t zigzag32(int32_t v) {
  return (static_cast<uint32_t>(v) << 1) ^ static_cast<uint32_t>(v >> 31);
}
constexpr uint64_t zigzag64(int64_t v) {
  return (static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63);
}
constexpr int32_t unzigzag32(uint32_t v) {
  return static_cast<int32_t>(v >> 1) ^ -static_cast<int32_t>(v & 1);
}
constexpr int64_t unzigzag64(uint64_t v) {
  return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
}

constexpr size_t varint_size(uint64_t v) {
  size_t size = 1;
  for (; v >= 0x80; v >>= 7) ++size;
  return size;
}

// Bytes read, 0 if the input ends too soon or the number does not fit.
size_t read_varint32(ByteView in, uint32_t& out);
size_t read_varint64(ByteView in, uint64_t& out);
// Bytes written; `to` has room for the maximum.
size_t write_varint(uint8_t* to, uint64_t value);

}  // namespace tributary
