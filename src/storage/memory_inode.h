// The content of one file of a MemoryFileSystem: as it is, as it was synced last, and what was done in
// between.
#pragma once
#include "tributary/storage/memory_file_system.h"

namespace tributary::storage {

struct MemoryFileSystem::Inode {
  struct Change {
    bool is_truncation;
    uint64_t position;  // or the new size
    std::vector<uint8_t> bytes;
  };

  std::vector<uint8_t> content;
  std::vector<uint8_t> durable;
  std::vector<Change> pending;
  TimestampMs modified = 0;
  bool evicted = false;

  void write(uint64_t position, ByteView bytes);
  void truncate(uint64_t size);
  void sync();
  // What of it is on the disk after a power cut.
  void crash(Random& random);
};

}  // namespace tributary::storage
