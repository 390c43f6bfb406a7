// The keys of the dirty part of a log and the last offset of each: open addressing over hashes, of a size
// fixed when it is made. Memory is touched only where entries come to stand. One thread.
#pragma once
#include <cstdlib>
#include <memory>

#include "key_hash.h"
#include "tributary/base/ids.h"
#include "tributary/base/result.h"

namespace tributary::storage {

class OffsetMap {
 public:
  // At most `memory` bytes and `load_factor` full; smaller if no more than `keys` can come. kTooLarge if not
  // even one key fits.
  static Result<OffsetMap> make(size_t memory, double load_factor, uint64_t keys, const HashSecret& secret);

  // What put and get want of a key. Asked for all keys of a batch before the first of them is looked up, so
  // that the memory they need is on its way.
  KeyHash prepare(ByteView key) const;
  // False, and nothing done, if it is full and the key is a new one.
  bool put(const KeyHash& key, Offset offset);
  Offset get(const KeyHash& key) const;  // -1: not there

  // Records above it are not known to the map.
  Offset latest() const { return latest_; }
  void set_latest(Offset offset) { latest_ = offset; }

  size_t size() const { return size_; }
  double utilization() const { return static_cast<double>(size_) / static_cast<double>(slots_); }

 private:
  struct Entry {
    KeyHash hash;
    Offset next;  // the offset plus one; 0: nothing stands here
  };
  static_assert(sizeof(Entry) == 24);
  struct Free {
    void operator()(Entry* entries) const { std::free(entries); }
  };

  OffsetMap() = default;
  size_t home(const KeyHash& hash) const {
    return static_cast<size_t>((static_cast<unsigned __int128>(hash.low) * slots_) >> 64);
  }
  size_t find(const KeyHash& hash) const;

  std::unique_ptr<Entry[], Free> entries_;
  size_t slots_ = 0;
  size_t most_ = 0;
  size_t size_ = 0;
  Offset latest_ = -1;
  HashSecret secret_{};
};

}  // namespace tributary::storage
