// Walks over the batches of a part of a file, in chunks. One thread; the file outlives it.
#pragma once
#include <optional>
#include <vector>

#include "batch_header.h"
#include "tributary/storage/file_system.h"

namespace tributary::storage {

class BatchScanner {
 public:
  enum class Depth {
    kHeaders,  // steps over the records without reading them
    kWhole,
  };
  BatchScanner(const File& file, uint64_t position, uint64_t end, Depth depth, ReadMode mode, size_t chunk);

  struct Item {
    uint64_t position;
    BatchHeader header;
    ByteView bytes;  // the whole batch with Depth::kWhole, else its header; valid until the next call
  };
  // nullopt at the end of the part. kCorruption: what stands at position() is no batch or goes over the end.
  Result<std::optional<Item>> next();
  // Where the next batch begins.
  uint64_t position() const { return position_; }

 private:
  Status ensure(size_t size);  // that many bytes from position_ are in the buffer

  const File& file_;
  uint64_t position_;
  uint64_t end_;
  Depth depth_;
  ReadMode mode_;
  size_t chunk_;
  std::vector<uint8_t> buffer_;
  uint64_t buffer_position_ = 0;
  size_t buffered_ = 0;
};

}  // namespace tributary::storage
