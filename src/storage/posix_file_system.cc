#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>

#include "posix_file.h"

namespace tributary::storage {

namespace {

int open_flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::kRead:
      return O_RDONLY | O_CLOEXEC;
    case OpenMode::kReadWrite:
      return O_RDWR | O_CLOEXEC;
    case OpenMode::kCreate:
      return O_RDWR | O_CREAT | O_CLOEXEC;
    case OpenMode::kCreateNew:
      return O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
  }
  return O_RDONLY | O_CLOEXEC;
}

Result<int> open_descriptor(const std::string& path, int flags) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), flags, 0644);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return system_error("open", path);
  return descriptor;
}

bool is_directory(const std::string& path, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN && entry.d_type != DT_LNK) return entry.d_type == DT_DIR;
  struct stat status;
  return ::stat(fmt::format("{}/{}", path, entry.d_name).c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(int descriptor) : descriptor_(descriptor) {}
  ~PosixFileLock() override { ::close(descriptor_); }
  PosixFileLock(const PosixFileLock&) = delete;
  PosixFileLock& operator=(const PosixFileLock&) = delete;

 private:
  int descriptor_;
};

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    TRIBUTARY_ASSIGN(const int descriptor, open_descriptor(path, open_flags(mode)));
    return std::make_unique<PosixFile>(descriptor, path);
  }

  bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  Result<TimestampMs> modified_ms(const std::string& path) override {
    struct stat status;
    if (::stat(path.c_str(), &status) != 0) return system_error("stat", path);
    return static_cast<TimestampMs>(status.st_mtim.tv_sec) * 1000 + status.st_mtim.tv_nsec / 1'000'000;
  }

  Status create_directories(const std::string& path) override {
    if (::mkdir(path.c_str(), 0755) == 0) return {};
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return fail(Errc::kIo, fmt::format("create directory {}: {}", path, error.message()));
    return {};
  }

  Result<std::vector<DirectoryEntry>> list(const std::string& path) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), &::closedir);
    if (!directory) return system_error("list", path);
    std::vector<DirectoryEntry> entries;
    errno = 0;
    while (const dirent* entry = ::readdir(directory.get())) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") entries.push_back({std::string(name), is_directory(path, *entry)});
      errno = 0;
    }
    if (errno != 0) return system_error("list", path);
    return entries;
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return system_error("rename", from);
    return {};
  }

  Status remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return system_error("remove", path);
    return {};
  }

  Status remove_all(const std::string& path) override {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) return fail(Errc::kIo, fmt::format("remove {}: {}", path, error.message()));
    return {};
  }

  Status sync_directory(const std::string& path) override {
    TRIBUTARY_ASSIGN(const int descriptor, open_descriptor(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const PosixFile directory(descriptor, path);
    if (::fsync(descriptor) != 0) return system_error("sync directory", path);
    return {};
  }

  Status sync_file_system(const std::string& path) override {
    TRIBUTARY_ASSIGN(const int descriptor, open_descriptor(path, O_RDONLY | O_CLOEXEC));
    const PosixFile held(descriptor, path);
    if (::syncfs(descriptor) != 0) return system_error("syncfs", path);
    return {};
  }

  Result<SpaceInfo> space(const std::string& path) override {
    struct statvfs status;
    if (::statvfs(path.c_str(), &status) != 0) return system_error("statvfs", path);
    return SpaceInfo{status.f_blocks * status.f_frsize, status.f_bavail * status.f_frsize};
  }

  // A POSIX record lock, because that is what Kafka takes: the two keep out of each other's directory. It
  // says nothing between two openers in one process, so an flock stands beside it for that.
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    TRIBUTARY_ASSIGN(const int descriptor, open_descriptor(path, O_RDWR | O_CREAT | O_CLOEXEC));
    auto held = std::make_unique<PosixFileLock>(descriptor);
    struct flock whole{};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 || ::fcntl(descriptor, F_SETLK, &whole) != 0) {
      if (errno != EWOULDBLOCK && errno != EACCES) return system_error("lock", path);
      return fail(Errc::kBusy, fmt::format("{} is locked by another process", path));
    }
    return held;
  }
};

}  // namespace

std::unique_ptr<FileSystem> make_posix_file_system() { return std::make_unique<PosixFileSystem>(); }

}  // namespace tributary::storage
