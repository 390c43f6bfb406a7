#include "batch.h"

#include <algorithm>
#include <chrono>

#include "tributary/base/crc32c.h"

namespace tributary::bench {
namespace {

constexpr size_t kHeader = 61, kLength = 8, kCrc = 17, kAttributes = 21, kLastDelta = 23, kSequence = 53,
                 kCount = 57;

void seal(MutableBytes batch) {
  store_be<uint32_t>(batch.data() + kCrc, crc32c(ByteView(batch).subspan(kAttributes)));
}

// Text that does not compress to nothing, the same in every run.
Buffer filler(size_t size) {
  Buffer value(size);
  uint64_t state = 88172645463325252U;
  for (uint8_t& byte : value) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    byte = uint8_t(' ' + state % 95);
  }
  return value;
}

void add_record(Encoder& out, int32_t delta, ByteView value) {
  Encoder body;
  body.i8(0).varint(0).varint(delta).varint(-1).varint(int64_t(value.size())).raw(value).varint(0);
  out.varint(int64_t(body.size())).raw(body.buffer());
}

int64_t wall_clock_ms() {
  using std::chrono::duration_cast, std::chrono::milliseconds, std::chrono::system_clock;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

Buffer make_batch(std::span<const Buffer> values, Producer producer, int32_t base_sequence) {
  int64_t now = wall_clock_ms();
  int32_t count = int32_t(values.size());
  Encoder out;
  out.i64(0).i32(0).i32(-1).i8(2).i32(0).i16(0).i32(count - 1).i64(now).i64(now);
  out.i64(producer.id).i16(producer.epoch).i32(base_sequence).i32(count);
  for (int32_t i = 0; i < count; ++i) add_record(out, i, values[size_t(i)]);
  Buffer batch = out.take();
  store_be<int32_t>(batch.data() + kLength, int32_t(batch.size() - 12));
  seal(batch);
  return batch;
}

Buffer make_batch(int32_t records, size_t bytes, Producer producer) {
  constexpr size_t kPerRecord = 12;
  size_t each = bytes > kHeader ? (bytes - kHeader) / size_t(records) : 0;
  std::vector<Buffer> values(size_t(records), filler(each > kPerRecord ? each - kPerRecord : 1));
  return make_batch(values, producer, producer.id < 0 ? -1 : 0);
}

void patch_sequence(MutableBytes batch, int32_t base_sequence) {
  store_be<int32_t>(batch.data() + kSequence, base_sequence);
  seal(batch);
}

namespace {

template <typename Visit>
void each_batch(ByteView records, Visit visit) {
  while (records.size() >= kHeader) {
    size_t size = size_t(load_be<int32_t>(records.data() + kLength)) + 12;
    if (size < kHeader || size > records.size()) return;
    visit(records.first(size));
    records = records.subspan(size);
  }
}

}  // namespace

BatchSpan walk_batches(ByteView records) {
  BatchSpan span;
  each_batch(records, [&](ByteView batch) {
    span.next_offset = load_be<int64_t>(batch.data()) + load_be<int32_t>(batch.data() + kLastDelta) + 1;
    span.records += load_be<int32_t>(batch.data() + kCount);
  });
  return span;
}

void each_record(ByteView records, const std::function<void(int64_t, ByteView)>& visit) {
  each_batch(records, [&](ByteView batch) {
    int64_t base = load_be<int64_t>(batch.data());
    Decoder in(batch.subspan(kHeader));
    for (int32_t left = load_be<int32_t>(batch.data() + kCount); left > 0; --left) {
      Decoder record(in.take(size_t(in.varint())));
      record.i8(), record.varint();
      int64_t offset = base + record.varint();
      if (int64_t key = record.varint(); key > 0) record.take(size_t(key));
      int64_t size = record.varint();
      visit(offset, size < 0 ? ByteView{} : record.take(size_t(size)));
    }
  });
}

void verify_batches(ByteView records) {
  each_batch(records, [](ByteView batch) {
    if (crc32c(batch.subspan(kAttributes)) != load_be<uint32_t>(batch.data() + kCrc))
      die("a fetched batch has a wrong CRC");
  });
}

}  // namespace tributary::bench
