#include "tributary/wire/compression.h"

#include "codecs.h"

namespace tributary::wire {

Status compress(Codec codec, ByteView in, std::vector<uint8_t>& out, int level) {
  switch (codec) {
    case Codec::kNone:
      out.insert(out.end(), in.begin(), in.end());
      return {};
    case Codec::kGzip:
      return gzip_compress(in, out, level);
    case Codec::kSnappy:
      return snappy_compress_blocks(in, out);
    case Codec::kLz4:
      return lz4_compress(in, out, level);
    case Codec::kZstd:
      return zstd_compress(in, out, level);
  }
  return fail(Errc::kUnsupported, "unknown compression codec");
}

namespace {

Status inflate_into(Codec codec, ByteView in, InflateSink& sink) {
  switch (codec) {
    case Codec::kNone: {
      const MutableBytes to = sink.exactly(in.size());
      if (to.size() != in.size()) return fail(Errc::kTooLarge, "data passes the limit");
      std::ranges::copy(in, to.begin());
      sink.filled(in.size());
      return {};
    }
    case Codec::kGzip:
      return gzip_decompress(in, sink);
    case Codec::kSnappy:
      return snappy_decompress_any(in, sink);
    case Codec::kLz4:
      return lz4_decompress(in, sink);
    case Codec::kZstd:
      return zstd_decompress(in, sink);
  }
  return fail(Errc::kUnsupported, "unknown compression codec");
}

}  // namespace

Status decompress(Codec codec, ByteView in, std::vector<uint8_t>& out, size_t limit) {
  InflateSink sink(out, limit);
  TRIBUTARY_TRY(inflate_into(codec, in, sink));
  return sink.finish();
}

}  // namespace tributary::wire
