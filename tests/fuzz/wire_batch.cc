// Any bytes as a record batch, and any bytes as compressed data: no crash, nothing read outside, no output
// over the limit. The first byte says which; a batch gets its magic and length put right in half of the runs,
// to get further.
#include "tributary/base/assert.h"
#include "tributary/wire/record_batch.h"

namespace tributary::wire {
namespace {

constexpr size_t kLimit = size_t{1} << 20;

void walk(const BatchView& batch) {
  std::vector<uint8_t> scratch;
  const auto payload = plain_records(batch, scratch, kLimit);
  if (!payload) return;
  RecordIterator records(*payload, batch.record_count());
  size_t bytes = 0;
  while (const auto record = records.next()) {
    bytes += static_cast<size_t>(record->size);
    TRIBUTARY_ASSERT(decode_headers(*record).has_value());
  }
  TRIBUTARY_ASSERT(bytes <= payload->size());
  if (records.at_end()) TRIBUTARY_ASSERT(bytes == payload->size());
}

void check_batch(std::vector<uint8_t> bytes, bool put_right) {
  if (put_right && bytes.size() >= kBatchHeaderSize) {
    store_be(bytes.data() + 8, static_cast<int32_t>(bytes.size() - kBatchPrefixSize));
    bytes[16] = static_cast<uint8_t>(kMagicV2);
  }
  const auto batch = BatchView::parse(bytes);
  if (!batch) return;
  TRIBUTARY_ASSERT(batch->size() <= bytes.size() && batch->size() >= kBatchHeaderSize);
  batch->crc_matches();
  batch->last_sequence();
  batch->next_offset();
  walk(*batch);
}

void check_codec(int codec, ByteView bytes) {
  std::vector<uint8_t> plain;
  if (!decompress(Codec(codec), bytes, plain, kLimit)) return;
  TRIBUTARY_ASSERT(plain.size() <= kLimit);
  std::vector<uint8_t> packed, again;
  TRIBUTARY_ASSERT(compress(Codec(codec), plain, packed).has_value());
  TRIBUTARY_ASSERT(decompress(Codec(codec), packed, again, kLimit).has_value() && again == plain);
}

void run(ByteView input) {
  if (input.empty()) return;
  const ByteView body = input.subspan(1);
  const int choice = input[0] % 8;
  if (choice < 5) return check_codec(choice, body);
  check_batch({body.begin(), body.end()}, choice != 5);
}

}  // namespace
}  // namespace tributary::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tributary::wire::run({data, size});
  return 0;
}
