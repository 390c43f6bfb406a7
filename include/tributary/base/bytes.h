// Views of bytes and big-endian loads and stores. Views never own; the name of whoever owns the bytes is in
// the comment of the function that hands a view out. Thread-safe: everything here is a pure function.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace tributary {

using ByteView = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <typename T>
constexpr T byteswap_if_little(T value) {
  static_assert(std::is_integral_v<T>);
  if constexpr (sizeof(T) == 1 || std::endian::native == std::endian::big) return value;
  if constexpr (sizeof(T) == 2) return static_cast<T>(__builtin_bswap16(static_cast<uint16_t>(value)));
  if constexpr (sizeof(T) == 4) return static_cast<T>(__builtin_bswap32(static_cast<uint32_t>(value)));
  if constexpr (sizeof(T) == 8) return static_cast<T>(__builtin_bswap64(static_cast<uint64_t>(value)));
}

// Kafka is big-endian on the wire and on disk. The caller has checked that sizeof(T) bytes are there.
template <typename T>
T load_be(const uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return byteswap_if_little(value);
}

template <typename T>
void store_be(uint8_t* to, T value) {
  value = byteswap_if_little(value);
  std::memcpy(to, &value, sizeof value);
}

}  // namespace tributary
