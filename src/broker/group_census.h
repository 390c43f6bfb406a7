// Counts the groups in partitions of __consumer_offsets by their keys alone. One thread; memory grows with
// the keys that live.
#pragma once
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "tributary/base/bytes.h"

namespace tributary::broker {

class GroupCensus {
 public:
  // Batches in order of offset; what cannot be read is passed over.
  void add(ByteView batch);
  size_t groups() const { return live_keys_.size(); }

 private:
  void add_record(ByteView key, bool removed);

  std::unordered_set<std::string> keys_;
  std::unordered_map<std::string, size_t> live_keys_;  // by group
};

}  // namespace tributary::broker
