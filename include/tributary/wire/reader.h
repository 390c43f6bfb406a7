// Decodes Kafka's wire types in place. Errors are sticky: after the first one every read returns a zero value
// and ok() is false, so callers check once at the end. Every length is checked against the bytes that are
// left, and no count is believed before it is: array_size refuses more elements than the rest of the input
// could hold. Views that come out point into the input. One thread.
#pragma once
#include <optional>
#include <string_view>

#include "tributary/base/bytes.h"
#include "tributary/base/uuid.h"
#include "tributary/base/varint.h"

namespace tributary::wire {

inline constexpr int64_t kMaxArraySize = 1'000'000;

class Reader {
 public:
  explicit Reader(ByteView in) : in_(in) {}

  bool ok() const { return !failed_; }
  size_t remaining() const { return in_.size(); }
  void fail() {
    failed_ = true;
    in_ = {};
  }

  bool read_bool() { return fixed<uint8_t>() != 0; }
  int8_t read_int8() { return fixed<int8_t>(); }
  int16_t read_int16() { return fixed<int16_t>(); }
  uint16_t read_uint16() { return fixed<uint16_t>(); }
  int32_t read_int32() { return fixed<int32_t>(); }
  uint32_t read_uint32() { return fixed<uint32_t>(); }
  int64_t read_int64() { return fixed<int64_t>(); }
  double read_float64() { return std::bit_cast<double>(fixed<uint64_t>()); }
  Uuid read_uuid();
  uint32_t read_uvarint() {
    if (in_.empty() || in_[0] >= 0x80) [[unlikely]]
      return read_long_uvarint();
    const uint32_t value = in_[0];
    in_ = in_.subspan(1);
    return value;
  }
  int32_t read_varint() { return unzigzag32(read_uvarint()); }
  int64_t read_varlong();

  // `flexible` chooses the compact form (uvarint of length + 1) over the fixed-width one (KIP-482).
  std::string_view read_string(bool flexible);  // null is an error
  std::optional<std::string_view> read_nullable_string(bool flexible);
  ByteView read_bytes(bool flexible);  // null is an error
  std::optional<ByteView> read_nullable_bytes(bool flexible);
  ByteView read_raw(size_t size);

  // Number of elements of an array, each at least `min_element_size` bytes long (>= 1); null is an error, and
  // so are more than kMaxArraySize.
  size_t read_array_size(bool flexible, size_t min_element_size);
  std::optional<size_t> read_nullable_array_size(bool flexible, size_t min_element_size);

 private:
  template <typename T>
  T fixed() {
    if (in_.size() < sizeof(T)) [[unlikely]] {
      fail();
      return T{};
    }
    const T value = load_be<T>(in_.data());
    in_ = in_.subspan(sizeof(T));
    return value;
  }
  uint32_t read_long_uvarint();
  // Length of a string, byte field or array; -1 is null. Width: 2 or 4 bytes where not flexible.
  int64_t read_length(bool flexible, int width);
  // A length that may not be null; 0 after a failure.
  size_t read_present_length(bool flexible, int width);

  ByteView in_;
  bool failed_ = false;
};

}  // namespace tributary::wire
