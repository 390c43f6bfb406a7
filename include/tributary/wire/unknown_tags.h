// Tagged fields that this version of a message does not know (KIP-482). They are kept and written again, so
// that a message passed on loses nothing. One pointer while there are none, which is nearly always. The
// values are views into the input, as all fields are. One thread.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tributary/base/bytes.h"

namespace tributary::wire {

class Reader;
class Writer;

struct UnknownTag {
  uint32_t tag = 0;
  ByteView value;
};

// More tagged fields than this in one struct are refused.
inline constexpr uint32_t kMaxTags = 10'000;

class UnknownTags {
 public:
  UnknownTags() = default;
  UnknownTags(const UnknownTags& other);
  UnknownTags(UnknownTags&&) noexcept = default;
  UnknownTags& operator=(const UnknownTags& other);
  UnknownTags& operator=(UnknownTags&&) noexcept = default;
  ~UnknownTags() = default;

  bool empty() const { return tags_ == nullptr; }
  size_t size() const { return tags_ ? tags_->size() : 0; }
  std::span<const UnknownTag> view() const {
    return tags_ ? std::span<const UnknownTag>(*tags_) : std::span<const UnknownTag>();
  }

  void add(uint32_t tag, ByteView value);
  // Puts them in order of tag; false if a tag is there twice.
  bool sort();

  // The whole tag section of a struct that knows no tags of its own. An empty one is a single zero byte.
  void decode(Reader& in);
  void encode(Writer& out) const;

  bool operator==(const UnknownTags& other) const;

 private:
  std::unique_ptr<std::vector<UnknownTag>> tags_;
};

}  // namespace tributary::wire
