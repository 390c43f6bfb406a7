#include "tributary/storage/overlay_file_system.h"

#include "segment_name.h"

namespace tributary::storage {

bool OverlayFileSystem::is_hidden(const std::string& path) const {
  for (std::string at = path; at.size() > 1; at = parent_path(at)) {
    if (removed_.contains(at)) return true;
    if (at.find('/') == std::string::npos) break;
  }
  return false;
}

Status OverlayFileSystem::copy_up(const std::string& path) {
  TRIBUTARY_ASSIGN(const std::string content, read_file(below_, path));
  TRIBUTARY_TRY(above_.create_directories(parent_path(path)));
  TRIBUTARY_ASSIGN(const auto copy, above_.open(path, OpenMode::kCreateNew));
  const ByteView piece = as_bytes(content);
  return copy->write_at(0, {&piece, 1});
}

Result<std::unique_ptr<File>> OverlayFileSystem::open(const std::string& path, OpenMode mode) {
  if (!above_.exists(path)) {
    const bool there = !is_hidden(path) && below_.exists(path);
    if (mode == OpenMode::kRead && there) return below_.open(path, mode);
    if (mode == OpenMode::kCreateNew && there) return fail(Errc::kExists, path + " exists");
    if (there) {
      TRIBUTARY_TRY(copy_up(path));
    } else if (exists(parent_path(path))) {
      TRIBUTARY_TRY(above_.create_directories(parent_path(path)));
    }
  }
  return above_.open(path, mode);
}

bool OverlayFileSystem::exists(const std::string& path) {
  return above_.exists(path) || (!is_hidden(path) && below_.exists(path));
}

Result<TimestampMs> OverlayFileSystem::modified_ms(const std::string& path) {
  return above_.exists(path) || is_hidden(path) ? above_.modified_ms(path) : below_.modified_ms(path);
}

Status OverlayFileSystem::create_directories(const std::string& path) {
  return exists(path) ? Status{} : above_.create_directories(path);
}

Result<std::vector<DirectoryEntry>> OverlayFileSystem::list(const std::string& path) {
  std::vector<DirectoryEntry> entries;
  const bool there = !is_hidden(path) && below_.exists(path);
  if (there) {
    TRIBUTARY_ASSIGN(entries, below_.list(path));
    std::erase_if(entries, [&](const DirectoryEntry& entry) {
      const std::string whole = join_path(path, entry.name);
      return removed_.contains(whole) || above_.exists(whole);
    });
  }
  if (there && !above_.exists(path)) return entries;
  TRIBUTARY_ASSIGN(auto added, above_.list(path));
  // A directory above may stand for one below that only gained something.
  entries.insert(entries.end(), added.begin(), added.end());
  return entries;
}

Status OverlayFileSystem::rename(const std::string& from, const std::string& to) {
  const bool below = !is_hidden(from) && below_.exists(from);
  if (!above_.exists(from)) {
    if (!below) return fail(Errc::kNotFound, from + " not found");
    TRIBUTARY_TRY(copy_up(from));
  }
  TRIBUTARY_TRY(above_.create_directories(parent_path(to)));
  TRIBUTARY_TRY(above_.rename(from, to));
  if (below) removed_.insert(from);
  removed_.erase(to);
  return {};
}

Status OverlayFileSystem::remove(const std::string& path) {
  if (!exists(path)) return fail(Errc::kNotFound, path + " not found");
  if (above_.exists(path)) TRIBUTARY_TRY(above_.remove(path));
  removed_.insert(path);
  return {};
}

Status OverlayFileSystem::remove_all(const std::string& path) {
  if (above_.exists(path)) TRIBUTARY_TRY(above_.remove_all(path));
  removed_.insert(path);
  return {};
}

Result<std::unique_ptr<FileLock>> OverlayFileSystem::lock(const std::string& path) {
  if (below_.exists(path)) return below_.lock(path);
  TRIBUTARY_TRY(above_.create_directories(parent_path(path)));
  return above_.lock(path);
}

}  // namespace tributary::storage
