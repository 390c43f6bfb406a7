#include <lz4frame.h>

#include <memory>

#include "codecs.h"
#include "tributary/base/assert.h"
#include "tributary/wire/compression.h"

namespace tributary::wire {
namespace {

constexpr size_t kSmallestFrame = 7;  // magic, two flag bytes, header checksum
constexpr uint8_t kBlocksIndependent = 0x20;

struct FreeContext {
  void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};

LZ4F_dctx* thread_context() {
  static thread_local std::unique_ptr<LZ4F_dctx, FreeContext> context = [] {
    LZ4F_dctx* made = nullptr;
    TRIBUTARY_ASSERT(!LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION)));
    return std::unique_ptr<LZ4F_dctx, FreeContext>(made);
  }();
  LZ4F_resetDecompressionContext(context.get());
  return context.get();
}

}  // namespace

Status lz4_compress(ByteView in, std::vector<uint8_t>& out, int level) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;  // Java clients read no other
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.compressionLevel = level == kDefaultLevel ? 0 : level;
  const size_t before = out.size();
  const size_t bound = LZ4F_compressFrameBound(in.size(), &preferences);
  out.resize(before + bound);
  const size_t size = LZ4F_compressFrame(out.data() + before, bound, in.data(), in.size(), &preferences);
  TRIBUTARY_ASSERT(!LZ4F_isError(size));
  out.resize(before + size);
  return {};
}

Status lz4_decompress(ByteView in, InflateSink& sink) {
  // Linked blocks are refused as Kafka does: stored, they would be unreadable to its clients.
  if (in.size() < kSmallestFrame || (in[4] & kBlocksIndependent) == 0) return malformed("lz4");
  LZ4F_dctx* context = thread_context();
  for (;;) {
    const MutableBytes room = sink.room();
    if (room.empty()) return {};
    size_t filled = room.size();
    size_t consumed = in.size();
    const size_t hint = LZ4F_decompress(context, room.data(), &filled, in.data(), &consumed, nullptr);
    if (LZ4F_isError(hint)) return malformed("lz4");
    sink.filled(filled);
    in = in.subspan(consumed);
    if (hint == 0) return in.empty() ? Status{} : malformed("lz4");
    if (filled == 0 && consumed == 0) return malformed("lz4");  // it ends too soon
  }
}

}  // namespace tributary::wire
