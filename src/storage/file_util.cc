#include "segment_name.h"
#include "tributary/storage/file_system.h"

namespace tributary::storage {

Result<std::string> read_file(FileSystem& fs, const std::string& path) {
  TRIBUTARY_ASSIGN(auto file, fs.open(path, OpenMode::kRead));
  TRIBUTARY_ASSIGN(const uint64_t size, file->size());
  std::string content(size, '\0');
  const MutableBytes bytes{reinterpret_cast<uint8_t*>(content.data()), content.size()};
  TRIBUTARY_ASSIGN(const size_t got, file->read_at(0, bytes, ReadMode::kBlocking));
  content.resize(got);
  return content;
}

Status write_file_atomically(FileSystem& fs, const std::string& path, std::string_view content) {
  const std::string temporary = path + ".tmp";
  {
    TRIBUTARY_ASSIGN(auto file, fs.open(temporary, OpenMode::kCreate));
    TRIBUTARY_TRY(file->truncate(0));
    const ByteView piece = as_bytes(content);
    TRIBUTARY_TRY(file->write_at(0, {&piece, 1}));
    TRIBUTARY_TRY(file->sync());
  }
  TRIBUTARY_TRY(fs.rename(temporary, path));
  return fs.sync_directory(parent_path(path));
}

}  // namespace tributary::storage
