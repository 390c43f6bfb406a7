#include "segment.h"

#include <algorithm>

#include "batch_header.h"
#include "segment_name.h"

namespace tributary::storage {

std::string_view suffix_of(SegmentPart part) {
  static constexpr std::array<std::string_view, kSegmentParts> kSuffixes{kLogSuffix, kOffsetIndexSuffix,
                                                                         kTimeIndexSuffix, kTxnIndexSuffix};
  return kSuffixes[static_cast<size_t>(part)];
}

std::string Segment::path(SegmentPart part) const { return segment_path(*directory_, base, suffix_of(part)); }

Result<std::shared_ptr<File>> Segment::open(SegmentPart part, ReadMode mode) const {
  auto& slot = files_[static_cast<size_t>(part)];
  if (auto file = slot.load()) return file;
  if (retired_.load(std::memory_order_acquire)) return fail(Errc::kNotFound, path(part) + " was replaced");
  if (mode == ReadMode::kCached) return fail(Errc::kWouldBlock, "segment file is not open");
  TRIBUTARY_ASSIGN(std::shared_ptr<File> opened, fs_->open(path(part), OpenMode::kRead));
  if (retired_.load(std::memory_order_acquire)) return fail(Errc::kNotFound, path(part) + " was replaced");
  slot.store(opened);  // two that open at once each read through their own
  return opened;
}

void Segment::release_files() const {
  if (held_.load(std::memory_order_acquire)) return;
  for (auto& slot : files_) slot.store(nullptr);
}

Status Segment::open_all() const {
  for (size_t part = 0; part < kSegmentParts; ++part) {
    const auto file = open(static_cast<SegmentPart>(part), ReadMode::kBlocking);
    if (!file && file.error().code != Errc::kNotFound) return tl::unexpected<Error>(file.error());
  }
  return {};
}

Result<TimestampMs> Segment::first_timestamp() const {
  if (const TimestampMs known = first_timestamp_.load(std::memory_order_relaxed); known != INT64_MIN)
    return known;
  TRIBUTARY_ASSIGN(const auto file, fs_->open(path(SegmentPart::kLog), OpenMode::kRead));
  std::array<uint8_t, wire::kBatchHeaderSize> bytes;
  TRIBUTARY_ASSIGN(const size_t got, file->read_at(0, bytes, ReadMode::kBlocking));
  TimestampMs first = kNoTimestamp;
  if (got == bytes.size()) {
    TRIBUTARY_ASSIGN(const BatchHeader header, BatchHeader::decode(bytes));
    first = header.max_timestamp;
  }
  first_timestamp_.store(first, std::memory_order_relaxed);
  return first;
}

void Segment::let_go() const {
  held_.store(false, std::memory_order_release);
  retired_.store(false, std::memory_order_release);
  release_files();
}

ptrdiff_t floor_segment(const SegmentList& list, Offset offset) {
  const auto above = std::ranges::upper_bound(list, offset, {}, [](const auto& s) { return s->base; });
  return above - list.begin() - 1;
}

}  // namespace tributary::storage
