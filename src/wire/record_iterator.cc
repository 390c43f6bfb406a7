#include "tributary/wire/record_batch.h"

#include "tributary/base/varint.h"

namespace tributary::wire {
namespace {

// Reads within one record. A failed read sets `failed` and gives zeroes; the caller looks once at the end.
class Cursor {
 public:
  explicit Cursor(ByteView in) : at_(in.data()), end_(in.data() + in.size()) {}

  bool failed() const { return failed_; }
  const uint8_t* position() const { return at_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }

  int8_t read_int8() {
    if (at_ == end_) return give_up();
    return static_cast<int8_t>(*at_++);
  }
  int32_t read_varint() {
    if (at_ != end_ && *at_ < 0x80) [[likely]]
      return unzigzag32(*at_++);
    if (left() >= 2 && at_[1] < 0x80) {  // sizes of most records and values
      const uint32_t two = (at_[0] & 0x7fu) | (uint32_t{at_[1]} << 7);
      at_ += 2;
      return unzigzag32(two);
    }
    uint32_t value = 0;
    return advance(read_varint32({at_, end_}, value)) ? unzigzag32(value) : 0;
  }
  int64_t read_varlong() {
    if (at_ != end_ && *at_ < 0x80) [[likely]]
      return unzigzag64(*at_++);
    uint64_t value = 0;
    return advance(read_varint64({at_, end_}, value)) ? unzigzag64(value) : 0;
  }
  std::optional<ByteView> read_nullable_bytes() {
    const int32_t size = read_varint();
    if (size == -1) return std::nullopt;
    if (size < 0 || static_cast<size_t>(size) > left()) {
      give_up();
      return std::nullopt;
    }
    const ByteView bytes(at_, static_cast<size_t>(size));
    at_ += size;
    return bytes;
  }
  Header read_header() {
    const auto key = read_nullable_bytes();
    if (!key) give_up();
    return {as_text(key.value_or(ByteView{})), read_nullable_bytes()};
  }

 private:
  bool advance(size_t size) {
    at_ += size;
    if (size == 0) give_up();
    return size != 0;
  }
  int8_t give_up() {
    failed_ = true;
    at_ = end_;
    return 0;
  }

  const uint8_t* at_;
  const uint8_t* end_;
  bool failed_ = false;
};

constexpr size_t kMinHeaderSize = 2;

bool read_record(ByteView body, RecordView& record) {
  Cursor in(body);
  record.attributes = in.read_int8();
  record.timestamp_delta = in.read_varlong();
  record.offset_delta = in.read_varint();
  record.key = in.read_nullable_bytes();
  record.value = in.read_nullable_bytes();
  record.header_count = in.read_varint();
  if (record.header_count < 0 || static_cast<size_t>(record.header_count) > in.left() / kMinHeaderSize)
    return false;
  record.headers = {in.position(), in.left()};
  for (int32_t i = 0; i < record.header_count && !in.failed(); ++i) in.read_header();
  return !in.failed() && in.left() == 0;
}

}  // namespace

std::optional<RecordView> RecordIterator::next() {
  if (left_ <= 0 || failed_) return std::nullopt;
  Cursor in(rest_);
  const int32_t size = in.read_varint();
  RecordView record;
  if (in.failed() || size < 0 || static_cast<size_t>(size) > in.left() ||
      !read_record({in.position(), static_cast<size_t>(size)}, record)) {
    failed_ = true;
    return std::nullopt;
  }
  const size_t whole = rest_.size() - in.left() + static_cast<size_t>(size);
  record.size = static_cast<int32_t>(whole);
  rest_ = rest_.subspan(whole);
  --left_;
  return record;
}

Result<std::vector<Header>> decode_headers(const RecordView& record) {
  Cursor in(record.headers);
  std::vector<Header> headers;
  headers.reserve(static_cast<size_t>(record.header_count));
  for (int32_t i = 0; i < record.header_count; ++i) headers.push_back(in.read_header());
  if (in.failed()) return fail(Errc::kCorruption, "malformed record headers");
  return headers;
}

}  // namespace tributary::wire
