#include "record_codec.h"

#include <iterator>

namespace tributary::control {
namespace {

constexpr uint32_t kFrameVersion = 1;

}  // namespace

Result<RecordFrame> parse_frame(ByteView value) {
  wire::Reader in(value);
  const uint32_t frame_version = in.read_uvarint();
  const uint32_t type = in.read_uvarint();
  const uint32_t version = in.read_uvarint();
  if (!in.ok()) return fail(Errc::kCorruption, "a metadata record is too short for its frame");
  if (frame_version != kFrameVersion) {
    return fail(Errc::kUnsupported, "a metadata record has frame version " + std::to_string(frame_version));
  }
  if (type > INT16_MAX || version > INT16_MAX) {
    return fail(Errc::kCorruption, "a metadata record has type or version out of range");
  }
  const size_t size = in.remaining();
  return RecordFrame{static_cast<uint16_t>(type), static_cast<int16_t>(version), in.read_raw(size)};
}

void write_frame_head(wire::Writer& out, uint16_t type, int16_t version) {
  out.write_uvarint(kFrameVersion);
  out.write_uvarint(type);
  out.write_uvarint(static_cast<uint32_t>(version));
}

void RecordList::append(RecordList&& other) {
  records_.insert(records_.end(), std::make_move_iterator(other.records_.begin()),
                  std::make_move_iterator(other.records_.end()));
}

std::vector<RecordList> RecordList::split(size_t size) && {
  std::vector<RecordList> lists;
  for (size_t i = 0; i < records_.size(); ++i) {
    if (i % size == 0) lists.emplace_back();
    lists.back().records_.push_back(std::move(records_[i]));
  }
  return lists;
}

}  // namespace tributary::control
