#include "cleaner_map.h"

#include <algorithm>

namespace tributary::storage {

namespace {
constexpr uint64_t kRoomyFactor = 2;  // slots a key, where memory allows: short ways to go
}

Result<OffsetMap> OffsetMap::make(size_t memory, double load_factor, uint64_t keys,
                                  const HashSecret& secret) {
  OffsetMap map;
  map.secret_ = secret;
  const size_t most_slots = memory / sizeof(Entry);
  const uint64_t wanted = std::min<uint64_t>(keys, most_slots) * kRoomyFactor + 1;
  map.slots_ = static_cast<size_t>(std::min<uint64_t>(most_slots, wanted));
  if (map.slots_ < 2) return fail(Errc::kTooLarge, "the offset map has room for no key");
  // One slot stays free in any case: a search ends there.
  map.most_ = static_cast<size_t>(
      std::min(static_cast<double>(map.slots_) - 1, static_cast<double>(map.slots_) * load_factor));
  if (map.most_ == 0) return fail(Errc::kTooLarge, "the offset map has room for no key");
  map.entries_.reset(static_cast<Entry*>(std::calloc(map.slots_, sizeof(Entry))));
  if (!map.entries_) return fail(Errc::kNoSpace, "no memory for the offset map");
  return map;
}

KeyHash OffsetMap::prepare(ByteView key) const {
  const KeyHash hash = hash_key(key, secret_);
  __builtin_prefetch(&entries_[home(hash)]);
  return hash;
}

// Where the hash stands, or the free slot where it would.
size_t OffsetMap::find(const KeyHash& hash) const {
  size_t slot = home(hash);
  while (entries_[slot].next != 0 && entries_[slot].hash != hash) slot = slot + 1 == slots_ ? 0 : slot + 1;
  return slot;
}

bool OffsetMap::put(const KeyHash& key, Offset offset) {
  Entry& entry = entries_[find(key)];
  if (entry.next == 0) {
    if (size_ >= most_) return false;
    entry.hash = key;
    ++size_;
  }
  entry.next = offset + 1;
  return true;
}

Offset OffsetMap::get(const KeyHash& key) const { return entries_[find(key)].next - 1; }

}  // namespace tributary::storage
