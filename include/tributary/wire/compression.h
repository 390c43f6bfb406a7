// Kafka's codecs over their own libraries: gzip (zlib), snappy (xerial blocks and plain), lz4 (frames), zstd
// (frames). Ids are attribute bits 0-2 of a batch. Stateless: any thread.
#pragma once
#include <cstdint>
#include <vector>

#include "tributary/base/bytes.h"
#include "tributary/base/result.h"

namespace tributary::wire {

enum class Codec : int8_t { kNone = 0, kGzip = 1, kSnappy = 2, kLz4 = 3, kZstd = 4 };

inline constexpr int kDefaultLevel = INT32_MIN;  // the codec's own default

// Appends the compressed form of `in` to `out`. `level` is for gzip, lz4 and zstd.
Status compress(Codec codec, ByteView in, std::vector<uint8_t>& out, int level = kDefaultLevel);

// Replaces `out` by the plain form of `in`. kTooLarge as soon as it would exceed `limit` bytes, kCorruption
// for malformed input, kUnsupported for an unknown codec.
Status decompress(Codec codec, ByteView in, std::vector<uint8_t>& out, size_t limit);

}  // namespace tributary::wire
