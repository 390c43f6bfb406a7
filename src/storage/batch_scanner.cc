#include "batch_scanner.h"

#include <algorithm>

namespace tributary::storage {

BatchScanner::BatchScanner(const File& file, uint64_t position, uint64_t end, Depth depth, ReadMode mode,
                           size_t chunk)
    : file_(file), position_(position), end_(end), depth_(depth), mode_(mode), chunk_(chunk) {}

Status BatchScanner::ensure(size_t size) {
  if (position_ >= buffer_position_ && position_ + size <= buffer_position_ + buffered_) return {};
  size_t kept = 0;
  if (position_ >= buffer_position_ && position_ < buffer_position_ + buffered_) {
    const size_t from = static_cast<size_t>(position_ - buffer_position_);
    kept = buffered_ - from;
    std::memmove(buffer_.data(), buffer_.data() + from, kept);
  }
  const size_t wanted = static_cast<size_t>(std::min<uint64_t>(std::max(size, chunk_), end_ - position_));
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  buffer_position_ = position_;
  buffered_ = kept;
  const MutableBytes rest{buffer_.data() + kept, wanted - kept};
  TRIBUTARY_ASSIGN(const size_t got, file_.read_at(position_ + kept, rest, mode_));
  buffered_ += got;
  if (buffered_ >= size) return {};
  if (mode_ == ReadMode::kCached) return fail(Errc::kWouldBlock, "not in the page cache");
  return fail(Errc::kCorruption, "the file ends inside a batch");
}

Result<std::optional<BatchScanner::Item>> BatchScanner::next() {
  if (position_ >= end_) return std::nullopt;
  if (end_ - position_ < wire::kBatchHeaderSize) {
    return fail(Errc::kCorruption, "the file ends inside a batch header");
  }
  TRIBUTARY_TRY(ensure(wire::kBatchHeaderSize));
  const auto view = [&](size_t size) {
    return ByteView{buffer_.data() + (position_ - buffer_position_), size};
  };
  TRIBUTARY_ASSIGN(const BatchHeader header, BatchHeader::decode(view(wire::kBatchHeaderSize)));
  if (header.size > end_ - position_) return fail(Errc::kCorruption, "a batch goes over the end of the file");
  const size_t needed = depth_ == Depth::kWhole ? static_cast<size_t>(header.size) : wire::kBatchHeaderSize;
  TRIBUTARY_TRY(ensure(needed));
  const Item item{position_, header, view(needed)};
  position_ += header.size;
  return item;
}

}  // namespace tributary::storage
