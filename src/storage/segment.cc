#include "segment.h"

#include <algorithm>

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
  if (mode == ReadMode::kCached) return fail(Errc::kWouldBlock, "segment file is not open");
  TRIBUTARY_ASSIGN(std::shared_ptr<File> opened, fs_->open(path(part), OpenMode::kRead));
  slot.store(opened);  // two that open at once each read through their own
  return opened;
}

void Segment::release_files() const {
  for (auto& slot : files_) slot.store(nullptr);
}

ptrdiff_t floor_segment(const SegmentList& list, Offset offset) {
  const auto above = std::ranges::upper_bound(list, offset, {}, [](const auto& s) { return s->base; });
  return above - list.begin() - 1;
}

}  // namespace tributary::storage
