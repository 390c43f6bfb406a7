#include "encode.h"

#include <cstdio>
#include <cstdlib>

namespace tributary::bench {

void die(std::string_view why) {
  std::fprintf(stderr, "loadgen: %.*s\n", int(why.size()), why.data());
  std::exit(1);
}

Encoder& Encoder::string(std::string_view s) {
  i16(int16_t(s.size()));
  buffer_.insert(buffer_.end(), s.begin(), s.end());
  return *this;
}

Encoder& Encoder::compact_string(std::string_view s) {
  i8(int8_t(s.size() + 1));
  buffer_.insert(buffer_.end(), s.begin(), s.end());
  return *this;
}

Encoder& Encoder::raw(ByteView bytes) {
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  return *this;
}

Encoder& Encoder::varint(int64_t value) {
  uint64_t rest = (uint64_t(value) << 1) ^ uint64_t(value >> 63);
  for (; rest >= 0x80; rest >>= 7) buffer_.push_back(uint8_t(rest | 0x80));
  buffer_.push_back(uint8_t(rest));
  return *this;
}

ByteView Decoder::take(size_t count) {
  if (count > rest_.size()) die("the broker's answer is too short");
  ByteView front = rest_.first(count);
  rest_ = rest_.subspan(count);
  return front;
}

ByteView Decoder::bytes() {
  int32_t size = i32();
  return size < 0 ? ByteView{} : take(size_t(size));
}

int64_t Decoder::varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    uint8_t byte = take(1).front();
    value |= uint64_t(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return int64_t(value >> 1) ^ -int64_t(value & 1);
  }
  die("a record's number does not end");
}

std::string_view Decoder::string() {
  int16_t size = i16();
  if (size < 0) return {};
  ByteView text = take(size_t(size));
  return {reinterpret_cast<const char*>(text.data()), text.size()};
}

}  // namespace tributary::bench
