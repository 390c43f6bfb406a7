// One pair of functions a codec, behind compress() and decompress(), and the bounded output that all of them
// fill.
#pragma once
#include <algorithm>
#include <vector>

#include "tributary/base/bytes.h"
#include "tributary/base/result.h"

namespace tributary::wire {

// Output of a decompressor that grows to at most one byte over the limit: that byte tells that there was
// more. What a vector already holds is written over, not cleared first, so that a scratch buffer costs no
// zeroing when used again.
class InflateSink {
 public:
  InflateSink(std::vector<uint8_t>& out, size_t limit) : out_(out), limit_(limit) {}

  // Room for more, at least one byte; empty once the limit is passed.
  MutableBytes room(size_t hint = kStep) {
    if (used_ == out_.size()) out_.resize(std::min(cap(), used_ + std::max(hint, used_)));
    return over() ? MutableBytes{} : MutableBytes(out_).subspan(used_, std::min(cap(), out_.size()) - used_);
  }
  // Room for exactly this many; empty if that passes the limit.
  MutableBytes exactly(size_t size) {
    if (size > limit_ - used_) return {};
    if (out_.size() < used_ + size) out_.resize(used_ + size);
    return MutableBytes(out_).subspan(used_, size);
  }
  void filled(size_t size) { used_ += size; }
  bool over() const { return used_ > limit_; }
  // Cuts the output to what was filled.
  Status finish() {
    if (over()) return fail(Errc::kTooLarge, "inflated data passes the limit");
    out_.resize(used_);
    return {};
  }

 private:
  static constexpr size_t kStep = size_t{64} << 10;
  size_t cap() const { return limit_ == SIZE_MAX ? limit_ : limit_ + 1; }

  std::vector<uint8_t>& out_;
  size_t limit_;
  size_t used_ = 0;
};

inline Status malformed(const char* codec) {
  return fail(Errc::kCorruption, std::string("malformed ") + codec + " data");
}

Status gzip_compress(ByteView in, std::vector<uint8_t>& out, int level);
Status gzip_decompress(ByteView in, InflateSink& sink);
Status snappy_compress_blocks(ByteView in, std::vector<uint8_t>& out);
Status snappy_decompress_any(ByteView in, InflateSink& sink);
Status lz4_compress(ByteView in, std::vector<uint8_t>& out, int level);
Status lz4_decompress(ByteView in, InflateSink& sink);
Status zstd_compress(ByteView in, std::vector<uint8_t>& out, int level);
Status zstd_decompress(ByteView in, InflateSink& sink);

}  // namespace tributary::wire
