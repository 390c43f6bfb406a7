// The seam to the operating system's files: PosixFileSystem in the daemon, MemoryFileSystem (faults included)
// in tests and the simulator. Paths are absolute or relative to the process. Every failure is an Error that
// names call and path. A File may be read from several threads at once; writes to one File come from one
// thread at a time.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tributary/base/bytes.h"
#include "tributary/base/ids.h"
#include "tributary/base/result.h"

namespace tributary::storage {

enum class ReadMode {
  kCached,  // only what is in the page cache; kWouldBlock if the first byte is not (preadv2 RWF_NOWAIT)
  kBlocking,
};

class File {
 public:
  virtual ~File() = default;
  // Reads up to buffer.size() bytes; fewer at the end of the file, or in kCached mode where the cache ends.
  virtual Result<size_t> read_at(uint64_t position, MutableBytes buffer, ReadMode mode) const = 0;
  // Writes all pieces, or fails with the file in an unknown state above `position`.
  virtual Status write_at(uint64_t position, std::span<const ByteView> pieces) = 0;
  virtual Status truncate(uint64_t size) = 0;
  virtual Status sync() = 0;  // fdatasync
  // Starts write-back of the range without waiting (sync_file_range SYNC_FILE_RANGE_WRITE). Best effort.
  virtual void start_writeback(uint64_t position, uint64_t size) = 0;
  virtual Result<uint64_t> size() const = 0;
  // Kernel handle for sendfile; -1 where there is none.
  virtual int native_handle() const { return -1; }
};

enum class OpenMode { kRead, kReadWrite, kCreate /* or open */, kCreateNew /* kExists if there */ };

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;
};

struct SpaceInfo {
  uint64_t total_bytes = 0;
  uint64_t usable_bytes = 0;
};

// Holds an advisory lock on a file until destroyed.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  virtual bool exists(const std::string& path) = 0;
  virtual Result<TimestampMs> modified_ms(const std::string& path) = 0;
  virtual Status create_directories(const std::string& path) = 0;
  virtual Result<std::vector<DirectoryEntry>> list(const std::string& path) = 0;
  // Atomically replaces `to`. Durable only after sync_directory of the parent.
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status remove(const std::string& path) = 0;  // a file; kNotFound if it is not there
  virtual Status remove_all(const std::string& path) = 0;
  virtual Status sync_directory(const std::string& path) = 0;
  // Everything written to the file system that holds `path` (syncfs).
  virtual Status sync_file_system(const std::string& path) = 0;
  virtual Result<SpaceInfo> space(const std::string& path) = 0;
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;  // kBusy if held elsewhere
};

// The machine's own file system. Stateless apart from the process's descriptors; any thread.
std::unique_ptr<FileSystem> make_posix_file_system();

// Whole small files.
Result<std::string> read_file(FileSystem& fs, const std::string& path);
// Writes PATH.tmp, syncs, renames over PATH, syncs the directory.
Status write_file_atomically(FileSystem& fs, const std::string& path, std::string_view content);

}  // namespace tributary::storage
