// Big-endian writing and reading of Kafka's request bodies, as far as a load generator needs them. Reading
// trusts the broker: a frame that is too short ends the program.
#pragma once
#include <string_view>
#include <vector>

#include "tributary/base/bytes.h"

namespace tributary::bench {

using Buffer = std::vector<uint8_t>;

class Encoder {
 public:
  template <typename T>
  Encoder& fixed(T value) {
    size_t at = buffer_.size();
    buffer_.resize(at + sizeof(T));
    store_be<T>(buffer_.data() + at, value);
    return *this;
  }
  Encoder& i8(int8_t v) { return fixed(v); }
  Encoder& i16(int16_t v) { return fixed(v); }
  Encoder& i32(int32_t v) { return fixed(v); }
  Encoder& i64(int64_t v) { return fixed(v); }
  Encoder& string(std::string_view s);
  Encoder& null_string() { return i16(-1); }
  Encoder& compact_string(std::string_view s);  // shorter than 127 bytes
  Encoder& raw(ByteView bytes);
  Encoder& varint(int64_t value);  // zigzag

  size_t size() const { return buffer_.size(); }
  Buffer& buffer() { return buffer_; }
  Buffer take() { return std::move(buffer_); }

 private:
  Buffer buffer_;
};

class Decoder {
 public:
  explicit Decoder(ByteView bytes) : rest_(bytes) {}
  template <typename T>
  T fixed() {
    ByteView field = take(sizeof(T));
    return load_be<T>(field.data());
  }
  int8_t i8() { return fixed<int8_t>(); }
  int16_t i16() { return fixed<int16_t>(); }
  int32_t i32() { return fixed<int32_t>(); }
  int64_t i64() { return fixed<int64_t>(); }
  ByteView bytes();  // with an int32 length; empty for null
  std::string_view string();
  ByteView take(size_t count);
  int64_t varint();  // zigzag
  bool empty() const { return rest_.empty(); }

 private:
  ByteView rest_;
};

[[noreturn]] void die(std::string_view why);

}  // namespace tributary::bench
