#include "tributary/wire/reader.h"

namespace tributary::wire {
namespace {

constexpr int kStringWidth = 2;
constexpr int kBytesWidth = 4;

}  // namespace

Uuid Reader::read_uuid() {
  Uuid id;
  const ByteView bytes = read_raw(id.bytes.size());
  if (!bytes.empty()) std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
  return id;
}

uint32_t Reader::read_long_uvarint() {
  uint32_t value = 0;
  const size_t size = read_varint32(in_, value);
  if (size == 0) {
    fail();
    return 0;
  }
  in_ = in_.subspan(size);
  return value;
}

int64_t Reader::read_varlong() {
  uint64_t value = 0;
  const size_t size = read_varint64(in_, value);
  if (size == 0) {
    fail();
    return 0;
  }
  in_ = in_.subspan(size);
  return unzigzag64(value);
}

std::string_view Reader::read_string(bool flexible) {
  return as_text(read_raw(read_present_length(flexible, 2)));
}

std::optional<std::string_view> Reader::read_nullable_string(bool flexible) {
  const int64_t length = read_length(flexible, 2);
  if (length < 0) return std::nullopt;
  return as_text(read_raw(static_cast<size_t>(length)));
}

ByteView Reader::read_bytes(bool flexible) { return read_raw(read_present_length(flexible, kBytesWidth)); }

std::optional<ByteView> Reader::read_nullable_bytes(bool flexible) {
  const int64_t length = read_length(flexible, kBytesWidth);
  if (length < 0) return std::nullopt;
  return read_raw(static_cast<size_t>(length));
}

ByteView Reader::read_raw(size_t size) {
  if (size > in_.size()) [[unlikely]] {
    fail();
    return {};
  }
  const ByteView bytes = in_.first(size);
  in_ = in_.subspan(size);
  return bytes;
}

size_t Reader::read_array_size(bool flexible, size_t min_element_size) {
  const auto size = read_nullable_array_size(flexible, min_element_size);
  if (!size) fail();
  return size.value_or(0);
}

std::optional<size_t> Reader::read_nullable_array_size(bool flexible, size_t min_element_size) {
  const int64_t size = read_length(flexible, kBytesWidth);
  if (size < 0) return std::nullopt;
  if (size > kMaxArraySize || static_cast<size_t>(size) > in_.size() / min_element_size) {
    fail();
    return 0;
  }
  return static_cast<size_t>(size);
}

int64_t Reader::read_length(bool flexible, int width) {
  if (flexible) {
    const int64_t length = int64_t{read_uvarint()} - 1;
    if (width == kStringWidth && length > INT16_MAX) fail();  // a string is as short in either form
    return failed_ ? 0 : length;
  }
  const int64_t length = width == kStringWidth ? read_int16() : read_int32();
  if (length < -1) fail();
  return failed_ ? 0 : length;
}

size_t Reader::read_present_length(bool flexible, int width) {
  const int64_t length = read_length(flexible, width);
  if (length >= 0) [[likely]]
    return static_cast<size_t>(length);
  fail();
  return 0;
}

}  // namespace tributary::wire
