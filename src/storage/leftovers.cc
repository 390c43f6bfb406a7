#include "leftovers.h"

#include <algorithm>
#include <set>

#include "batch_scanner.h"
#include "segment_name.h"

namespace tributary::storage {

namespace {

constexpr size_t kHeaderChunk = 64 << 10;

class Cleanup {
 public:
  Cleanup(FileSystem& fs, const std::string& directory, std::set<std::string> names)
      : fs_(fs), directory_(directory), names_(std::move(names)) {}

  Status run() {
    TRIBUTARY_TRY(remove_temporary());
    TRIBUTARY_TRY(finish_swaps());
    return remove_orphans();
  }
  std::vector<std::string> names() const { return {names_.begin(), names_.end()}; }

 private:
  Status remove(const std::string& name) {
    TRIBUTARY_TRY(fs_.remove(join_path(directory_, name)));
    names_.erase(name);
    return {};
  }

  // A cleaning that had not finished takes the swap files that came of it along.
  Status remove_temporary() {
    Offset first_cleaned = INT64_MAX;
    for (const std::string& name : std::set(names_)) {
      const auto segment = parse_segment_name(name);
      if (!segment) continue;
      if (segment->suffix.ends_with(kCleanedSuffix)) first_cleaned = std::min(first_cleaned, segment->base);
      const bool temporary = segment->suffix.ends_with(kCleanedSuffix) ||
                             segment->suffix.ends_with(kDeletedSuffix) || segment->suffix.ends_with(".tmp");
      if (temporary) {
        TRIBUTARY_TRY(remove(name));
      }
    }
    for (const std::string& name : std::set(names_)) {
      const auto segment = parse_segment_name(name);
      if (segment && segment->suffix.ends_with(kSwapSuffix) && segment->base >= first_cleaned)
        TRIBUTARY_TRY(remove(name));
    }
    return {};
  }

  Result<Offset> end_of(const std::string& name, Offset base) {
    TRIBUTARY_ASSIGN(const auto file, fs_.open(join_path(directory_, name), OpenMode::kRead));
    TRIBUTARY_ASSIGN(const uint64_t size, file->size());
    BatchScanner scanner(*file, 0, size, BatchScanner::Depth::kHeaders, ReadMode::kBlocking, kHeaderChunk);
    Offset end = base;
    while (true) {
      const auto item = scanner.next();
      if (!item && item.error().code != Errc::kCorruption) return tl::unexpected<Error>(item.error());
      if (!item || !*item) return end;
      end = (*item)->header.last_offset + 1;
    }
  }

  // Swap files hold what the segments of their range were replaced by.
  Status finish_swaps() {
    Offset first = INT64_MAX;
    Offset end = INT64_MIN;
    for (const std::string& name : names_) {
      const auto segment = parse_segment_name(name);
      if (!segment || segment->suffix != std::string(kLogSuffix) + std::string(kSwapSuffix)) continue;
      TRIBUTARY_ASSIGN(const Offset swap_end, end_of(name, segment->base));
      first = std::min(first, segment->base);
      end = std::max(end, swap_end);
    }
    for (const std::string& name : std::set(names_)) {
      const auto segment = parse_segment_name(name);
      // What snapshots tell of producers stays true.
      if (!segment || segment->suffix.ends_with(kSwapSuffix) || segment->suffix == kSnapshotSuffix) continue;
      if (segment->base >= first && segment->base < end) TRIBUTARY_TRY(remove(name));
    }
    // Logs first: once there is none left, what lies beside them is not taken for what they replace.
    TRIBUTARY_TRY(take_final_names(std::string(kLogSuffix) + std::string(kSwapSuffix)));
    return take_final_names(kSwapSuffix);
  }

  Status take_final_names(std::string_view suffix) {
    for (const std::string& name : std::set(names_)) {
      if (!name.ends_with(suffix)) continue;
      const std::string target = name.substr(0, name.size() - kSwapSuffix.size());
      TRIBUTARY_TRY(fs_.rename(join_path(directory_, name), join_path(directory_, target)));
      names_.erase(name);
      names_.insert(target);
    }
    return {};
  }

  Status remove_orphans() {
    for (const std::string& name : std::set(names_)) {
      const auto segment = parse_segment_name(name);
      const bool is_index =
          segment && (segment->suffix == kOffsetIndexSuffix || segment->suffix == kTimeIndexSuffix ||
                      segment->suffix == kTxnIndexSuffix);
      if (is_index && !names_.contains(segment_path("", segment->base, kLogSuffix).substr(1)))
        TRIBUTARY_TRY(remove(name));
    }
    return {};
  }

  FileSystem& fs_;
  const std::string& directory_;
  std::set<std::string> names_;
};

}  // namespace

Result<std::vector<std::string>> clear_leftovers(FileSystem& fs, const std::string& directory) {
  TRIBUTARY_ASSIGN(const auto entries, fs.list(directory));
  std::set<std::string> names;
  for (const DirectoryEntry& entry : entries) {
    if (!entry.is_directory) names.insert(entry.name);
  }
  Cleanup cleanup(fs, directory, std::move(names));
  TRIBUTARY_TRY(cleanup.run());
  return cleanup.names();
}

}  // namespace tributary::storage
