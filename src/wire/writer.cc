#include "tributary/wire/writer.h"

#include <algorithm>

#include "tributary/base/assert.h"

namespace tributary::wire {

void Writer::grow(size_t size) {
  constexpr size_t kFirst = 256;
  at_ = position();
  exact_ = false;
  out_.resize(std::max({at_ + size, 2 * at_, out_.capacity(), kFirst}));
  limit_ = out_.size();
}

void Writer::write_long_varint(uint64_t v) {
  uint8_t bytes[kMaxVarint64];
  write_raw({bytes, tributary::write_varint(bytes, v)});
}

void Writer::write_length(int64_t length, bool flexible, int width) {
  if (flexible) return write_uvarint(static_cast<uint32_t>(length + 1));
  if (width == 2) return write_int16(static_cast<int16_t>(length));
  write_int32(static_cast<int32_t>(length));
}

void Writer::write_string(std::string_view v, bool flexible) {
  TRIBUTARY_ASSERT(v.size() <= INT16_MAX);
  write_length(static_cast<int64_t>(v.size()), flexible, 2);
  write_raw(as_bytes(v));
}

void Writer::write_nullable_string(std::optional<std::string_view> v, bool flexible) {
  if (v) return write_string(*v, flexible);
  write_length(-1, flexible, 2);
}

void Writer::write_bytes(ByteView v, bool flexible) {
  write_length(static_cast<int64_t>(v.size()), flexible, 4);
  write_raw(v);
}

void Writer::write_nullable_bytes(std::optional<ByteView> v, bool flexible) {
  if (v) return write_bytes(*v, flexible);
  write_length(-1, flexible, 4);
}

void Writer::write_records(std::optional<ByteView> v, bool flexible) {
  if (!v || v->size() < kByReference) return write_nullable_bytes(v, flexible);
  write_length(static_cast<int64_t>(v->size()), flexible, 4);
  write_raw_by_reference(*v);
}

void Writer::write_array_size(size_t size, bool flexible) {
  write_length(static_cast<int64_t>(size), flexible, 4);
}

void Writer::write_null_array(bool flexible) { write_length(-1, flexible, 4); }

void Writer::pieces(std::vector<ByteView>& out) const {
  const ByteView buffer(out_.data(), position());
  size_t from = 0;
  for (const Reference& reference : references_) {
    if (reference.at > from) out.push_back(buffer.subspan(from, reference.at - from));
    out.push_back(reference.bytes);
    from = reference.at;
  }
  if (from < buffer.size()) out.push_back(buffer.subspan(from));
}

std::vector<uint8_t> Writer::to_vector() const {
  std::vector<ByteView> parts;
  pieces(parts);
  std::vector<uint8_t> whole;
  whole.reserve(size());
  for (ByteView part : parts) whole.insert(whole.end(), part.begin(), part.end());
  return whole;
}

void Writer::insert_size(size_t position) {
  const size_t size = this->position() - position;
  uint8_t bytes[kMaxVarint32];
  const size_t prefix = tributary::write_varint(bytes, size);
  room(prefix);  // may move the buffer
  uint8_t* value = out_.data() + position;
  std::memmove(value + prefix, value, size);
  std::memcpy(value, bytes, prefix);
  at_ += prefix;
}

}  // namespace tributary::wire
