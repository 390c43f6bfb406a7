#include <zstd.h>

#include <memory>

#include "codecs.h"
#include "tributary/base/assert.h"
#include "tributary/wire/compression.h"

namespace tributary::wire {
namespace {

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

ZSTD_CCtx* compress_context() {
  static thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  TRIBUTARY_ASSERT(context != nullptr);
  return context.get();
}

ZSTD_DCtx* decompress_context() {
  static thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  TRIBUTARY_ASSERT(context != nullptr);
  ZSTD_DCtx_reset(context.get(), ZSTD_reset_session_only);
  return context.get();
}

}  // namespace

Status zstd_compress(ByteView in, std::vector<uint8_t>& out, int level) {
  const size_t before = out.size();
  out.resize(before + ZSTD_compressBound(in.size()));
  const size_t size =
      ZSTD_compressCCtx(compress_context(), out.data() + before, out.size() - before, in.data(), in.size(),
                        level == kDefaultLevel ? ZSTD_CLEVEL_DEFAULT : level);
  TRIBUTARY_ASSERT(!ZSTD_isError(size));
  out.resize(before + size);
  return {};
}

Status zstd_decompress(ByteView in, InflateSink& sink) {
  ZSTD_DCtx* context = decompress_context();
  ZSTD_inBuffer from{in.data(), in.size(), 0};
  size_t pending = 1;  // 0 at the end of a frame; several may follow each other
  while (pending != 0 || from.pos < from.size) {
    const MutableBytes room = sink.room();
    if (room.empty()) return {};
    ZSTD_outBuffer to{room.data(), room.size(), 0};
    const size_t before = from.pos;
    pending = ZSTD_decompressStream(context, &to, &from);
    if (ZSTD_isError(pending)) return malformed("zstd");
    sink.filled(to.pos);
    if (to.pos == 0 && from.pos == before) return malformed("zstd");  // it ends too soon
  }
  return {};
}

}  // namespace tributary::wire
