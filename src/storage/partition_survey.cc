#include "tributary/storage/partition_survey.h"

#include <algorithm>
#include <limits>

#include "batch_scanner.h"
#include "producer_snapshot.h"
#include "segment_name.h"

namespace tributary::storage {
namespace {

constexpr size_t kChunk = 1 << 20;

Result<uint64_t> size_of(FileSystem& fs, const std::string& path) {
  TRIBUTARY_ASSIGN(const auto file, fs.open(path, OpenMode::kRead));
  return file->size();
}

Result<size_t> count_open_transactions(FileSystem& fs, const std::string& snapshot) {
  TRIBUTARY_ASSIGN(const std::string bytes, read_file(fs, snapshot));
  ProducerState state;
  // A damaged one is passed over at start, too.
  if (!decode_snapshot(as_bytes(bytes), 0, std::numeric_limits<int64_t>::max(), state)) return size_t{0};
  size_t open = 0;
  state.for_each([&](int64_t, const ProducerEntry& entry) { open += entry.txn_first_offset >= 0 ? 1 : 0; });
  return open;
}

Status visit_segment(FileSystem& fs, const std::string& path, const std::function<void(ByteView)>& visit) {
  TRIBUTARY_ASSIGN(const auto file, fs.open(path, OpenMode::kRead));
  TRIBUTARY_ASSIGN(const uint64_t size, file->size());
  BatchScanner scanner(*file, 0, size, BatchScanner::Depth::kWhole, ReadMode::kBlocking, kChunk);
  for (;;) {
    const auto item = scanner.next();
    if (!item && item.error().code != Errc::kCorruption) return tl::unexpected<Error>(item.error());
    if (!item || !*item) return {};
    visit((*item)->bytes);
  }
}

}  // namespace

Result<PartitionSurvey> survey_partition(FileSystem& fs, const std::string& directory) {
  TRIBUTARY_ASSIGN(const auto entries, fs.list(directory));
  PartitionSurvey survey;
  std::string newest;
  for (const DirectoryEntry& entry : entries) {
    if (entry.is_directory) continue;
    TRIBUTARY_ASSIGN(const uint64_t size, size_of(fs, join_path(directory, entry.name)));
    survey.bytes += size;
    const auto name = parse_segment_name(entry.name);
    if (name && name->suffix == kSnapshotSuffix) newest = std::max(newest, entry.name);
  }
  if (newest.empty()) return survey;
  TRIBUTARY_ASSIGN(survey.open_transactions, count_open_transactions(fs, join_path(directory, newest)));
  return survey;
}

Status visit_batches(FileSystem& fs, const std::string& directory,
                     const std::function<void(ByteView batch)>& visit) {
  TRIBUTARY_ASSIGN(auto entries, fs.list(directory));
  std::ranges::sort(entries, {}, &DirectoryEntry::name);
  for (const DirectoryEntry& entry : entries) {
    const auto name = parse_segment_name(entry.name);
    if (name && name->suffix == kLogSuffix) {
      TRIBUTARY_TRY(visit_segment(fs, join_path(directory, entry.name), visit));
    }
  }
  return {};
}

}  // namespace tributary::storage
