// Encodes Kafka's wire types into a growing buffer. Large byte fields are not copied: they are noted by
// reference and come out between the buffer's pieces in `pieces()`, so their owner must outlive the sending.
// One thread.
#pragma once
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "tributary/base/bytes.h"
#include "tributary/base/uuid.h"
#include "tributary/base/varint.h"

namespace tributary::wire {

class Writer {
 public:
  // Byte fields of at least this size are sent from where they are.
  static constexpr size_t kByReference = 1024;

  Writer() = default;
  explicit Writer(size_t reserve) { out_.reserve(reserve); }
  Writer(const Writer&) = default;
  Writer& operator=(const Writer&) = default;
  Writer(Writer&& other) noexcept
      : out_(std::move(other.buffer())),
        references_(std::move(other.references_)),
        referenced_(std::exchange(other.referenced_, 0)) {}
  Writer& operator=(Writer&& other) noexcept {
    buffer() = std::move(other.buffer());
    references_ = std::move(other.references_);
    referenced_ = std::exchange(other.referenced_, 0);
    return *this;
  }
  ~Writer() = default;

  void write_bool(bool v) { fixed<uint8_t>(v ? 1 : 0); }
  void write_int8(int8_t v) { fixed(v); }
  void write_int16(int16_t v) { fixed(v); }
  void write_uint16(uint16_t v) { fixed(v); }
  void write_int32(int32_t v) { fixed(v); }
  void write_uint32(uint32_t v) { fixed(v); }
  void write_int64(int64_t v) { fixed(v); }
  void write_float64(double v) { fixed(std::bit_cast<uint64_t>(v)); }
  void write_uuid(const Uuid& v) { write_raw(v.bytes); }
  void write_uvarint(uint32_t v) {
    if (v < 0x80) [[likely]]
      return fixed(static_cast<uint8_t>(v));
    write_long_varint(v);
  }
  void write_varint(int32_t v) { write_uvarint(zigzag32(v)); }
  void write_varlong(int64_t v) { write_long_varint(zigzag64(v)); }

  void write_string(std::string_view v, bool flexible);
  void write_nullable_string(std::optional<std::string_view> v, bool flexible);
  void write_bytes(ByteView v, bool flexible);  // copies; see write_records
  void write_nullable_bytes(std::optional<ByteView> v, bool flexible);
  // Length and then the bytes, by reference if large.
  void write_records(std::optional<ByteView> v, bool flexible);
  // Bytes that are sent from where they are, whatever their size.
  void write_raw_by_reference(ByteView v) {
    references_.push_back({position(), v});
    referenced_ += v.size();
  }
  void write_raw(ByteView v) {
    if (v.empty()) return;
    std::memcpy(room(v.size()), v.data(), v.size());
    at_ += v.size();
  }

  void write_array_size(size_t size, bool flexible);
  void write_null_array(bool flexible);

  // Bytes so far, referenced ones included.
  size_t size() const { return position() + referenced_; }
  // The buffer alone; only whole if nothing was referenced. May be changed, and written to again after that.
  std::vector<uint8_t>& buffer() {
    if (!exact_) out_.resize(at_);
    exact_ = true;
    at_ = limit_ = 0;
    return out_;
  }
  bool has_references() const { return !references_.empty(); }
  // Everything in order, as views into the buffer and the referenced bytes; valid until the next write.
  void pieces(std::vector<ByteView>& out) const;
  // Everything in one copy, for tests and small messages.
  std::vector<uint8_t> to_vector() const;

  // For sizes that are known only afterwards.
  size_t position() const { return exact_ ? out_.size() : at_; }
  void patch_int32(size_t position, int32_t v) { store_be(out_.data() + position, v); }
  // Puts the size of all written since `position`, as a uvarint, in front of it. Nothing since then is by
  // reference.
  void insert_size(size_t position);

 private:
  struct Reference {
    size_t at;  // position in out_ it comes before
    ByteView bytes;
  };

  template <typename T>
  void fixed(T v) {
    store_be(room(sizeof(T)), v);
    at_ += sizeof(T);
  }
  // Where the next bytes go, with room for that many.
  uint8_t* room(size_t size) {
    if (limit_ - at_ < size) [[unlikely]]
      grow(size);
    return out_.data() + at_;
  }
  void grow(size_t size);
  void write_length(int64_t length, bool flexible, int width);  // -1 is null
  void write_long_varint(uint64_t v);

  // While exact_, the size of out_ is what was written and at_ and limit_ are 0. Else out_ is longer than
  // what was written, to spare a check and a call per field: at_ bytes of limit_ are used.
  std::vector<uint8_t> out_;
  size_t at_ = 0;
  size_t limit_ = 0;
  bool exact_ = true;
  std::vector<Reference> references_;
  size_t referenced_ = 0;
};

}  // namespace tributary::wire
