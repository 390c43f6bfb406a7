// A file system in memory for tests and the simulator. It remembers what was synced, so that a power cut can
// be played: content not synced is lost, kept or torn in any mixture; of the entries of a directory that are
// not synced, the changes up to some point are kept, in order, as journaling file systems do. Faults are
// asked for by the count of operations. Deterministic; one thread.
//
// After crash() or kill() every File and FileLock handed out before is dead: its calls fail with kIo.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tributary/base/random.h"
#include "tributary/storage/file_system.h"

namespace tributary::storage {

class MemoryFileSystem final : public FileSystem {
 public:
  MemoryFileSystem();
  ~MemoryFileSystem() override;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  bool exists(const std::string& path) override;
  Result<TimestampMs> modified_ms(const std::string& path) override;
  Status create_directories(const std::string& path) override;
  Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status remove_all(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Status sync_file_system(const std::string& path) override;
  Result<SpaceInfo> space(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;

  // The process died: what was written stays, synced or not.
  void kill();
  // The power went: see above. `random` decides what is left.
  void crash(Random& random);

  // Operations that change something, so far: writes, truncations, syncs, creations, renames, removals.
  uint64_t operations() const { return operations_; }
  // The operations numbered [from, from + count) fail with `code`. A failing write may have written a part.
  void fail_operations(uint64_t from, uint64_t count, Errc code);
  // From operation `at` on everything fails, reads too, until crash() or kill(). A write at that point is
  // torn.
  void crash_at(uint64_t at) { crash_at_ = at; }
  bool is_down() const { return operations_ >= crash_at_; }
  // Writes that would make the sum of all files larger fail with kNoSpace.
  void limit_space(uint64_t bytes) { space_limit_ = bytes; }
  uint64_t used_space() const;
  // False if there is no such byte.
  bool flip_bit(const std::string& path, uint64_t byte, int bit);
  // Blocks of the file are no longer in the page cache: kCached reads give kWouldBlock until one blocking
  // read.
  void evict(const std::string& path);
  void set_modified_ms(const std::string& path, TimestampMs at);
  size_t open_files() const { return *open_files_; }

 private:
  struct Inode;
  class MemoryFile;
  class MemoryLock;
  // What a path leads to: a file, or a directory if null.
  using Entry = std::shared_ptr<Inode>;
  using Names = std::map<std::string, Entry>;
  // A change of directory entries that is not synced yet.
  struct NameChange {
    std::string directory;  // whose sync makes it durable
    std::string from;       // empty: `to` comes into being
    std::string to;         // empty: `from` goes
    Entry entry;
  };

  Status begin_operation();
  static void apply(Names& names, const NameChange& change);
  void change(NameChange change);

  Names names_;
  Names durable_;
  std::vector<NameChange> pending_;
  std::set<std::string> locks_;
  uint64_t generation_ = 0;
  uint64_t operations_ = 0;
  uint64_t crash_at_ = UINT64_MAX;
  uint64_t fail_from_ = 0;
  uint64_t fail_count_ = 0;
  Errc fail_code_ = Errc::kIo;
  uint64_t space_limit_ = UINT64_MAX;
  std::shared_ptr<size_t> open_files_ = std::make_shared<size_t>(0);
};

}  // namespace tributary::storage
