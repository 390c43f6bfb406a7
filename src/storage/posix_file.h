// A descriptor as a File. Owns the descriptor.
#pragma once
#include "tributary/storage/file_system.h"

namespace tributary::storage {

// The Error for the current errno of `call` on `path`.
tl::unexpected<Error> system_error(std::string_view call, const std::string& path);

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~PosixFile() override;
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  Result<size_t> read_at(uint64_t position, MutableBytes buffer, ReadMode mode) const override;
  Status write_at(uint64_t position, std::span<const ByteView> pieces) override;
  Status truncate(uint64_t size) override;
  Status sync() override;
  void start_writeback(uint64_t position, uint64_t size) override;
  Result<uint64_t> size() const override;
  int native_handle() const override { return descriptor_; }

 private:
  int descriptor_;
  std::string path_;
};

}  // namespace tributary::storage
