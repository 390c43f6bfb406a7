#include <zlib.h>

#include "codecs.h"
#include "tributary/base/assert.h"
#include "tributary/wire/compression.h"

namespace tributary::wire {
namespace {

constexpr int kGzipFormat = MAX_WBITS + 16;

struct Inflater {
  Inflater() { TRIBUTARY_ASSERT(inflateInit2(&stream, kGzipFormat) == Z_OK); }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  z_stream stream{};
};

struct Deflater {
  explicit Deflater(int level) {
    constexpr int kMemoryLevel = 8;
    TRIBUTARY_ASSERT(
        deflateInit2(&stream, level, Z_DEFLATED, kGzipFormat, kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK);
  }
  ~Deflater() { deflateEnd(&stream); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  z_stream stream{};
};

// zlib takes what it only reads by a pointer to non-const.
Bytef* input(ByteView in) { return const_cast<Bytef*>(in.data()); }

}  // namespace

Status gzip_compress(ByteView in, std::vector<uint8_t>& out, int level) {
  if (level != kDefaultLevel && (level < 1 || level > 9))
    return fail(Errc::kInvalidArgument, "gzip levels are 1 to 9");
  Deflater deflater(level == kDefaultLevel ? Z_DEFAULT_COMPRESSION : level);
  z_stream& stream = deflater.stream;
  const size_t before = out.size();
  out.resize(before + deflateBound(&stream, in.size()));
  stream.next_in = input(in);
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data() + before;
  stream.avail_out = static_cast<uInt>(out.size() - before);
  TRIBUTARY_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(before + stream.total_out);
  return {};
}

Status gzip_decompress(ByteView in, InflateSink& sink) {
  Inflater inflater;
  z_stream& stream = inflater.stream;
  stream.next_in = input(in);
  stream.avail_in = static_cast<uInt>(in.size());
  for (;;) {
    const MutableBytes room = sink.room();
    if (room.empty()) return {};
    stream.next_out = room.data();
    stream.avail_out = static_cast<uInt>(room.size());
    const int result = inflate(&stream, Z_NO_FLUSH);
    sink.filled(room.size() - stream.avail_out);
    if (result == Z_STREAM_END) {
      if (stream.avail_in == 0) return {};
      inflateReset(&stream);  // another member follows
    } else if (result != Z_OK) {
      return malformed("gzip");
    }
  }
}

}  // namespace tributary::wire
