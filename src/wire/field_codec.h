// What generated code is made of besides Reader and Writer: arrays, tagged fields, comparison of byte fields.
#pragma once
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "tributary/wire/reader.h"
#include "tributary/wire/unknown_tags.h"
#include "tributary/wire/writer.h"

namespace tributary::wire {

// Elements that are allocated before any was read; a count that lies costs no more than these.
inline constexpr size_t kFirstReserve = 4096;

template <typename T, typename ReadItem>
void read_items(Reader& in, size_t size, std::vector<T>& out, ReadItem read_item) {
  out.clear();
  out.reserve(std::min(size, kFirstReserve));
  for (size_t i = 0; i < size && in.ok(); ++i) read_item(out.emplace_back());
}

template <typename T, typename ReadItem>
void read_array(Reader& in, bool flexible, size_t min_size, std::vector<T>& out, ReadItem read_item) {
  read_items(in, in.read_array_size(flexible, min_size), out, read_item);
}

template <typename T, typename ReadItem>
void read_array(Reader& in, bool flexible, size_t min_size, std::optional<std::vector<T>>& out, bool nullable,
                ReadItem read_item) {
  const auto size = in.read_nullable_array_size(flexible, min_size);
  if (size) return read_items(in, *size, out.emplace(), read_item);
  if (!nullable) in.fail();
  out.reset();
}

template <typename T, typename WriteItem>
void write_array(Writer& out, bool flexible, const std::vector<T>& items, WriteItem write_item) {
  out.write_array_size(items.size(), flexible);
  for (const T& item : items) write_item(item);
}

template <typename T, typename WriteItem>
void write_array(Writer& out, bool flexible, const std::optional<std::vector<T>>& items, bool nullable,
                 WriteItem write_item) {
  if (items) return write_array(out, flexible, *items, write_item);
  if (nullable) {
    out.write_null_array(flexible);
  } else {
    out.write_array_size(0, flexible);
  }
}

inline bool same_bytes(ByteView a, ByteView b) { return std::ranges::equal(a, b); }
inline bool same_bytes(const std::optional<ByteView>& a, const std::optional<ByteView>& b) {
  return a.has_value() == b.has_value() && (!a || same_bytes(*a, *b));
}

// Reads a struct's tag section. read_known(tag, reader of the value) decodes a field the struct knows and
// returns true, or returns false. Tags may come in any order, as Kafka takes them, but none twice.
template <typename ReadKnown>
void decode_tags(Reader& in, UnknownTags& unknown, ReadKnown read_known) {
  const uint32_t count = in.read_uvarint();
  if (count == 0) [[likely]]
    return;
  if (count > kMaxTags) return in.fail();
  uint64_t seen = 0;
  for (uint32_t i = 0; i < count && in.ok(); ++i) {
    const uint32_t tag = in.read_uvarint();
    const ByteView value = in.read_raw(in.read_uvarint());
    if (!in.ok()) return;
    Reader tagged(value);
    if (!read_known(tag, tagged)) {
      unknown.add(tag, value);
      continue;
    }
    const uint64_t bit = uint64_t{1} << (tag & 63);
    if ((seen & bit) != 0 || !tagged.ok() || tagged.remaining() != 0) return in.fail();
    seen |= bit;
  }
  if (!unknown.sort()) in.fail();
}

// Writes a struct's tag section: known fields between begin() and end(), in order of tag, the unknown ones in
// between.
class TagWriter {
 public:
  TagWriter(Writer& out, const UnknownTags& unknown, size_t known) : out_(out), unknown_(unknown.view()) {
    out_.write_uvarint(static_cast<uint32_t>(known + unknown_.size()));
  }
  void begin(uint32_t tag) {
    write_unknown_below(tag);
    out_.write_uvarint(tag);
    value_ = out_.position();
  }
  void end() { out_.insert_size(value_); }
  void finish() { write_unknown_below(UINT64_MAX); }

 private:
  void write_unknown_below(uint64_t tag) {
    for (; !unknown_.empty() && unknown_.front().tag < tag; unknown_ = unknown_.subspan(1)) {
      out_.write_uvarint(unknown_.front().tag);
      out_.write_uvarint(static_cast<uint32_t>(unknown_.front().value.size()));
      out_.write_raw(unknown_.front().value);
    }
  }

  Writer& out_;
  std::span<const UnknownTag> unknown_;
  size_t value_ = 0;  // where the open tagged field begins
};

}  // namespace tributary::wire
