#include "tributary/base/varint.h"

namespace tributary {
namespace {

template <typename T, size_t kMax>
size_t read(ByteView in, T& out) {
  constexpr int kBits = sizeof(T) * 8;
  T value = 0;
  for (size_t i = 0; i < kMax && i < in.size(); ++i) {
    const int shift = static_cast<int>(7 * i);
    const T group = in[i] & 0x7f;
    if (shift + 7 > kBits && (group >> (kBits - shift)) != 0) return 0;
    value |= group << shift;
    if ((in[i] & 0x80) == 0) {
      out = value;
      return i + 1;
    }
  }
  return 0;
}

}  // namespace

size_t read_varint32(ByteView in, uint32_t& out) { return read<uint32_t, kMaxVarint32>(in, out); }
size_t read_varint64(ByteView in, uint64_t& out) { return read<uint64_t, kMaxVarint64>(in, out); }

size_t write_varint(uint8_t* to, uint64_t value) {
  size_t n = 0;
  for (; value >= 0x80; value >>= 7) to[n++] = static_cast<uint8_t>(value | 0x80);
  to[n++] = static_cast<uint8_t>(value);
  return n;
}

}  // namespace tributary
