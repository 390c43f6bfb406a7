// Another file system as it stands, with all changes kept in memory: for a rehearsal of what a start would do
// that leaves the disk as it is. A file that is opened for writing is copied whole when that happens; readers
// that opened it before go on with what was there. Directories that are not new cannot be renamed. One
// thread.
#pragma once
#include <set>
#include <string>

#include "tributary/storage/memory_file_system.h"

namespace tributary::storage {

class OverlayFileSystem final : public FileSystem {
 public:
  explicit OverlayFileSystem(FileSystem& below) : below_(below) {}

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  bool exists(const std::string& path) override;
  Result<TimestampMs> modified_ms(const std::string& path) override;
  Status create_directories(const std::string& path) override;
  Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status remove_all(const std::string& path) override;
  Status sync_directory(const std::string&) override { return {}; }
  Status sync_file_system(const std::string&) override { return {}; }
  Result<SpaceInfo> space(const std::string& path) override { return below_.space(path); }
  // The lock of the file below, so that a running owner is seen; nothing is taken where there is no such
  // file.
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;

 private:
  bool is_hidden(const std::string& path) const;  // it or a directory it lies in was removed
  Status copy_up(const std::string& path);

  FileSystem& below_;
  MemoryFileSystem above_;
  std::set<std::string> removed_;
};

}  // namespace tributary::storage
