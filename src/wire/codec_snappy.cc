// Snappy as Kafka's Java clients frame it (xerial's SnappyOutputStream): a 16-byte header, then blocks of an
// int32 length and a snappy block each. Some clients send one bare snappy block instead; both are read, the
// first is written.
#include <snappy-c.h>

#include <array>

#include "codecs.h"
#include "tributary/base/assert.h"

namespace tributary::wire {
namespace {

constexpr std::array<uint8_t, 8> kMagic = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr size_t kFrameHeader = kMagic.size() + 8;  // version and lowest compatible version
constexpr int32_t kFrameVersion = 1;
constexpr size_t kBlock = size_t{32} << 10;
constexpr size_t kMostExpansion = 64;  // a copy of 64 bytes takes at least two

bool is_framed(ByteView in) {
  return in.size() >= kFrameHeader && std::ranges::equal(in.first(kMagic.size()), kMagic);
}

const char* chars(const uint8_t* bytes) { return reinterpret_cast<const char*>(bytes); }
char* chars(uint8_t* bytes) { return reinterpret_cast<char*>(bytes); }

Status decompress_block(ByteView in, InflateSink& sink) {
  size_t size = 0;
  if (snappy_uncompressed_length(chars(in.data()), in.size(), &size) != SNAPPY_OK) return malformed("snappy");
  if (size / kMostExpansion > in.size()) return malformed("snappy");
  const MutableBytes to = sink.exactly(size);
  if (to.size() != size) return fail(Errc::kTooLarge, "inflated data passes the limit");
  if (snappy_uncompress(chars(in.data()), in.size(), chars(to.data()), &size) != SNAPPY_OK)
    return malformed("snappy");
  sink.filled(size);
  return {};
}

void compress_block(ByteView in, std::vector<uint8_t>& out) {
  const size_t before = out.size();
  size_t size = snappy_max_compressed_length(in.size());
  out.resize(before + sizeof(int32_t) + size);
  uint8_t* to = out.data() + before + sizeof(int32_t);
  TRIBUTARY_ASSERT(snappy_compress(chars(in.data()), in.size(), chars(to), &size) == SNAPPY_OK);
  store_be(out.data() + before, static_cast<int32_t>(size));
  out.resize(before + sizeof(int32_t) + size);
}

}  // namespace

Status snappy_compress_blocks(ByteView in, std::vector<uint8_t>& out) {
  out.insert(out.end(), kMagic.begin(), kMagic.end());
  out.resize(out.size() + 8);
  store_be(out.data() + out.size() - 8, kFrameVersion);
  store_be(out.data() + out.size() - 4, kFrameVersion);
  for (; !in.empty(); in = in.subspan(std::min(kBlock, in.size())))
    compress_block(in.first(std::min(kBlock, in.size())), out);
  return {};
}

Status snappy_decompress_any(ByteView in, InflateSink& sink) {
  if (!is_framed(in)) return decompress_block(in, sink);
  while (!in.empty()) {
    if (is_framed(in)) {  // at the front, and again where streams were concatenated
      in = in.subspan(kFrameHeader);
      continue;
    }
    if (in.size() < sizeof(int32_t)) return malformed("snappy");
    const size_t size = load_be<uint32_t>(in.data());
    in = in.subspan(sizeof(int32_t));
    if (size > in.size()) return malformed("snappy");
    TRIBUTARY_TRY(decompress_block(in.first(size), sink));
    in = in.subspan(size);
  }
  return {};
}

}  // namespace tributary::wire
