#include "tributary/storage/memory_file_system.h"

#include <fmt/format.h>

#include <algorithm>

#include "memory_inode.h"
#include "segment_name.h"

namespace tributary::storage {

class MemoryFileSystem::MemoryFile final : public File {
 public:
  MemoryFile(MemoryFileSystem& fs, Entry inode, std::string path)
      : fs_(fs),
        open_files_(fs.open_files_),
        inode_(std::move(inode)),
        path_(std::move(path)),
        generation_(fs.generation_) {
    ++*open_files_;
  }
  ~MemoryFile() override { --*open_files_; }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  Result<size_t> read_at(uint64_t position, MutableBytes buffer, ReadMode mode) const override {
    TRIBUTARY_TRY(alive());
    if (inode_->evicted && mode == ReadMode::kCached) return fail(Errc::kWouldBlock, "not cached: " + path_);
    inode_->evicted = false;
    if (position >= inode_->content.size()) return size_t{0};
    const size_t size = std::min<uint64_t>(buffer.size(), inode_->content.size() - position);
    std::copy_n(inode_->content.begin() + static_cast<ptrdiff_t>(position), size, buffer.begin());
    return size;
  }

  Status write_at(uint64_t position, std::span<const ByteView> pieces) override {
    TRIBUTARY_TRY(alive());
    const Status begun = fs_.begin_operation();
    std::vector<uint8_t> all;
    for (const ByteView piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
    const uint64_t grown =
        std::max<uint64_t>(position + all.size(), inode_->content.size()) - inode_->content.size();
    if (begun && fs_.used_space() + grown <= fs_.space_limit_) {
      inode_->write(position, all);
      return {};
    }
    // What a write leaves behind when it fails: a part of it.
    const uint64_t room = fs_.space_limit_ - std::min(fs_.space_limit_, fs_.used_space());
    inode_->write(position, ByteView(all).first(std::min<uint64_t>(all.size() / 2, room)));
    return begun ? fail(Errc::kNoSpace, "no space: " + path_) : begun;
  }

  Status truncate(uint64_t size) override {
    TRIBUTARY_TRY(alive());
    TRIBUTARY_TRY(fs_.begin_operation());
    inode_->truncate(size);
    return {};
  }

  Status sync() override {
    TRIBUTARY_TRY(alive());
    TRIBUTARY_TRY(fs_.begin_operation());
    inode_->sync();
    return {};
  }

  void start_writeback(uint64_t, uint64_t) override {}
  Result<uint64_t> size() const override {
    TRIBUTARY_TRY(alive());
    return inode_->content.size();
  }

 private:
  Status alive() const {
    if (generation_ == fs_.generation_ && !fs_.is_down()) return {};
    return fail(Errc::kIo, "the machine is down: " + path_);
  }

  MemoryFileSystem& fs_;
  std::shared_ptr<size_t> open_files_;
  Entry inode_;
  std::string path_;
  uint64_t generation_;
};

class MemoryFileSystem::MemoryLock final : public FileLock {
 public:
  MemoryLock(MemoryFileSystem& fs, std::string path)
      : fs_(fs), path_(std::move(path)), generation_(fs.generation_) {}
  ~MemoryLock() override {
    if (generation_ == fs_.generation_) fs_.locks_.erase(path_);
  }
  MemoryLock(const MemoryLock&) = delete;
  MemoryLock& operator=(const MemoryLock&) = delete;

 private:
  MemoryFileSystem& fs_;
  std::string path_;
  uint64_t generation_;
};

MemoryFileSystem::MemoryFileSystem() {
  names_["/"] = nullptr;
  names_["."] = nullptr;
  durable_ = names_;
}
MemoryFileSystem::~MemoryFileSystem() = default;

Status MemoryFileSystem::begin_operation() {
  const uint64_t number = operations_++;
  if (number + 1 >= crash_at_) {
    operations_ = std::max(operations_, crash_at_);
    return fail(Errc::kIo, "the machine is down");
  }
  if (number >= fail_from_ && number - fail_from_ < fail_count_) return fail(fail_code_, "fault asked for");
  return {};
}

void MemoryFileSystem::fail_operations(uint64_t from, uint64_t count, Errc code) {
  fail_from_ = from;
  fail_count_ = count;
  fail_code_ = code;
}

// Renaming a directory takes all that lies under it along.
void MemoryFileSystem::apply(Names& names, const NameChange& change) {
  if (change.from.empty()) {
    names[change.to] = change.entry;
    return;
  }
  if (!change.to.empty()) names[change.to] = change.entry;
  const auto same = names.find(change.from);
  if (same != names.end() && same->second == change.entry) names.erase(same);
  if (change.entry || change.to.empty()) return;
  const std::string under = change.from + "/";
  for (auto at = names.lower_bound(under); at != names.end() && at->first.starts_with(under);) {
    names[change.to + "/" + at->first.substr(under.size())] = at->second;
    at = names.erase(at);
  }
}

void MemoryFileSystem::change(NameChange change) {
  apply(names_, change);
  pending_.push_back(std::move(change));
}

Result<std::unique_ptr<File>> MemoryFileSystem::open(const std::string& path, OpenMode mode) {
  if (is_down()) return fail(Errc::kIo, "the machine is down");
  const auto found = names_.find(path);
  if (found != names_.end()) {
    if (!found->second) return fail(Errc::kIo, path + " is a directory");
    if (mode == OpenMode::kCreateNew) return fail(Errc::kExists, path + " exists");
    return std::make_unique<MemoryFile>(*this, found->second, path);
  }
  if (mode == OpenMode::kRead || mode == OpenMode::kReadWrite)
    return fail(Errc::kNotFound, path + " not found");
  if (!names_.contains(parent_path(path))) return fail(Errc::kNotFound, parent_path(path) + " not found");
  TRIBUTARY_TRY(begin_operation());
  change({parent_path(path), "", path, std::make_shared<Inode>()});
  return std::make_unique<MemoryFile>(*this, names_.at(path), path);
}

bool MemoryFileSystem::exists(const std::string& path) { return names_.contains(path); }

Result<TimestampMs> MemoryFileSystem::modified_ms(const std::string& path) {
  const auto found = names_.find(path);
  if (found == names_.end() || !found->second) return fail(Errc::kNotFound, path + " not found");
  return found->second->modified;
}

void MemoryFileSystem::set_modified_ms(const std::string& path, TimestampMs at) {
  names_.at(path)->modified = at;
}

Status MemoryFileSystem::create_directories(const std::string& path) {
  if (const auto found = names_.find(path); found != names_.end()) {
    return found->second ? Status(fail(Errc::kIo, path + " is a file")) : Status{};
  }
  TRIBUTARY_TRY(create_directories(parent_path(path)));
  TRIBUTARY_TRY(begin_operation());
  change({parent_path(path), "", path, nullptr});
  return {};
}

Result<std::vector<DirectoryEntry>> MemoryFileSystem::list(const std::string& path) {
  if (is_down()) return fail(Errc::kIo, "the machine is down");
  if (const auto found = names_.find(path); found == names_.end() || found->second) {
    return fail(Errc::kNotFound, path + " not found");
  }
  const std::string under = path == "/" ? path : path + "/";
  std::vector<DirectoryEntry> entries;
  for (auto at = names_.upper_bound(under); at != names_.end() && at->first.starts_with(under); ++at) {
    const std::string name = at->first.substr(under.size());
    if (name.find('/') == std::string::npos) entries.push_back({name, at->second == nullptr});
  }
  return entries;
}

Status MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  const auto found = names_.find(from);
  if (found == names_.end()) return fail(Errc::kNotFound, from + " not found");
  TRIBUTARY_TRY(begin_operation());
  change({parent_path(to), from, to, found->second});
  return {};
}

Status MemoryFileSystem::remove(const std::string& path) {
  const auto found = names_.find(path);
  if (found == names_.end() || !found->second) return fail(Errc::kNotFound, path + " not found");
  TRIBUTARY_TRY(begin_operation());
  change({parent_path(path), path, "", found->second});
  return {};
}

Status MemoryFileSystem::remove_all(const std::string& path) {
  TRIBUTARY_TRY(begin_operation());
  const std::string under = path + "/";
  std::vector<std::pair<std::string, Entry>> doomed;
  for (const auto& [name, entry] : names_) {
    if (name == path || name.starts_with(under)) doomed.emplace_back(name, entry);
  }
  for (const auto& [name, entry] : doomed) change({parent_path(name), name, "", entry});
  return {};
}

Status MemoryFileSystem::sync_directory(const std::string& path) {
  if (!names_.contains(path)) return fail(Errc::kNotFound, path + " not found");
  TRIBUTARY_TRY(begin_operation());
  std::erase_if(pending_, [&](const NameChange& pending) {
    if (pending.directory != path) return false;
    apply(durable_, pending);
    return true;
  });
  return {};
}

Status MemoryFileSystem::sync_file_system(const std::string&) {
  TRIBUTARY_TRY(begin_operation());
  durable_ = names_;
  pending_.clear();
  for (const auto& [name, entry] : names_) {
    if (entry) entry->sync();
  }
  return {};
}

uint64_t MemoryFileSystem::used_space() const {
  uint64_t used = 0;
  for (const auto& [name, entry] : names_) used += entry ? entry->content.size() : 0;
  return used;
}

Result<SpaceInfo> MemoryFileSystem::space(const std::string&) {
  const uint64_t used = used_space();
  return SpaceInfo{space_limit_, space_limit_ - std::min(space_limit_, used)};
}

Result<std::unique_ptr<FileLock>> MemoryFileSystem::lock(const std::string& path) {
  if (locks_.contains(path)) return fail(Errc::kBusy, path + " is locked");
  TRIBUTARY_TRY(open(path, OpenMode::kCreate));
  locks_.insert(path);
  return std::make_unique<MemoryLock>(*this, path);
}

void MemoryFileSystem::kill() {
  ++generation_;
  crash_at_ = UINT64_MAX;
  fail_count_ = 0;
  locks_.clear();
}

void MemoryFileSystem::crash(Random& random) {
  kill();
  std::set<std::string> lost;  // directories whose changes from some point on did not reach the disk
  for (const NameChange& change : pending_) {
    if (random.one_in(4)) lost.insert(change.directory);
    if (!lost.contains(change.directory)) apply(durable_, change);
  }
  pending_.clear();
  // Nothing can be in a directory that is not there.
  std::erase_if(durable_, [&](const auto& item) {
    return item.first != "/" && !durable_.contains(parent_path(item.first));
  });
  names_ = durable_;
  std::set<Inode*> crashed;
  for (const auto& [name, entry] : names_) {
    if (entry && crashed.insert(entry.get()).second) entry->crash(random);
  }
}

bool MemoryFileSystem::flip_bit(const std::string& path, uint64_t byte, int bit) {
  const auto found = names_.find(path);
  if (found == names_.end() || !found->second || byte >= found->second->content.size()) return false;
  const auto mask = static_cast<uint8_t>(1u << bit);
  found->second->content[byte] ^= mask;
  if (byte < found->second->durable.size()) found->second->durable[byte] ^= mask;
  return true;
}

void MemoryFileSystem::evict(const std::string& path) {
  if (const auto found = names_.find(path); found != names_.end() && found->second)
    found->second->evicted = true;
}

}  // namespace tributary::storage
