#include "tributary/wire/unknown_tags.h"

#include <algorithm>

#include "field_codec.h"

namespace tributary::wire {

UnknownTags::UnknownTags(const UnknownTags& other)
    : tags_(other.tags_ ? std::make_unique<std::vector<UnknownTag>>(*other.tags_) : nullptr) {}

UnknownTags& UnknownTags::operator=(const UnknownTags& other) {
  if (this != &other) *this = UnknownTags(other);
  return *this;
}

void UnknownTags::add(uint32_t tag, ByteView value) {
  if (!tags_) tags_ = std::make_unique<std::vector<UnknownTag>>();
  tags_->push_back({tag, value});
}

bool UnknownTags::sort() {
  if (!tags_) return true;
  std::ranges::sort(*tags_, {}, &UnknownTag::tag);
  return std::ranges::adjacent_find(*tags_, {}, &UnknownTag::tag) == tags_->end();
}

void UnknownTags::decode(Reader& in) {
  decode_tags(in, *this, [](uint32_t, Reader&) { return false; });
}

void UnknownTags::encode(Writer& out) const { TagWriter(out, *this, 0).finish(); }

bool UnknownTags::operator==(const UnknownTags& other) const {
  return std::ranges::equal(view(), other.view(), [](const UnknownTag& a, const UnknownTag& b) {
    return a.tag == b.tag && std::ranges::equal(a.value, b.value);
  });
}

}  // namespace tributary::wire
