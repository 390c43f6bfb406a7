// How the view's database is opened: what it may use of the machine, and what becomes of one that cannot be
// used.
#include <fmt/format.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <filesystem>

#include "rocks_view.h"

namespace tributary::group {
namespace {

// Raised when the layout of view_keys.h or of a value changes: older views are rebuilt.
constexpr std::string_view kFormat = "1";
// Shorter than any key of a partition.
constexpr std::string_view kFormatKey = "v";

// RocksDB would flush by itself, synced logs or not, when a memtable is full, on closing, and when it tries
// again after a failure: none of that happens.
void never_flush_unasked(rocksdb::Options& options) {
  options.write_buffer_size = 1 << 30;
  options.avoid_flush_during_shutdown = true;
  options.max_bgerror_resume_count = 0;
}

void use_little(rocksdb::Options& options, size_t block_cache_bytes) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(block_cache_bytes, /*num_shard_bits=*/2);
  table.cache_index_and_filter_blocks = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.arena_block_size = 256 << 10;
  options.max_background_jobs = 2;
  options.max_open_files = 64;
  options.max_bytes_for_level_base = 64 << 20;
  options.target_file_size_base = 16 << 20;
  options.bytes_per_sync = 1 << 20;
  options.compression = rocksdb::kLZ4Compression;
  // Its own log: warnings, in two files of a bounded size.
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.max_log_file_size = 1 << 20;
  options.keep_log_file_num = 2;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
}

rocksdb::Options options_of(const View::Options& wanted) {
  rocksdb::Options options;
  options.create_if_missing = true;
  never_flush_unasked(options);
  use_little(options, wanted.block_cache_bytes);
  return options;
}

struct Opened {
  rocksdb::Status status;
  std::unique_ptr<rocksdb::DB> db;
};

Opened open_database(const rocksdb::Options& options, const std::string& directory) {
  rocksdb::DB* db = nullptr;
  Opened opened;
  opened.status = rocksdb::DB::Open(options, directory, &db);
  opened.db.reset(db);
  return opened;
}

// Held by another process, no permission, a full disk: nothing that beginning anew would mend.
bool is_no_fault_of_the_files(const rocksdb::Status& status) {
  return status.IsIOError() && !status.IsPathNotFound() && !status.IsCorruption();
}

Status write_format(rocksdb::DB& db) {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  TRIBUTARY_TRY(to_status(db.Put(options, kFormatKey, kFormat), "writing to the view"));
  return to_status(db.Flush(rocksdb::FlushOptions()), "flushing the view");
}

// Null if it is ours, or new and was made ours.
Result<std::optional<std::string>> claim(rocksdb::DB& db) {
  std::string format;
  const rocksdb::Status got = db.Get({}, kFormatKey, &format);
  if (got.ok() && format == kFormat) return std::nullopt;
  if (got.ok()) return fmt::format("it has format {}, this is format {}", format, kFormat);
  if (!got.IsNotFound()) return got.ToString();
  const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator({}));
  at->SeekToFirst();
  if (at->Valid() || !at->status().ok()) return "it is of another program";
  TRIBUTARY_TRY(write_format(db));
  return std::nullopt;
}

Status remove_all(const std::string& directory) {
  std::error_code error;
  std::filesystem::remove_all(directory, error);
  if (error) return fail(Errc::kIo, fmt::format("removing {}: {}", directory, error.message()));
  return {};
}

}  // namespace

Result<std::unique_ptr<View>> View::open(const std::string& directory, const Options& wanted) {
  const rocksdb::Options options = options_of(wanted);
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return fail(Errc::kIo, fmt::format("creating {}: {}", directory, error.message()));
  Opened opened = open_database(options, directory);
  if (opened.status.IsIOError() && opened.status.ToString().find("lock") != std::string::npos)
    return fail(Errc::kBusy, fmt::format("{} is held by another process", directory));
  if (is_no_fault_of_the_files(opened.status))
    return fail(Errc::kIo, fmt::format("opening {}: {}", directory, opened.status.ToString()));
  std::optional<std::string> fault;
  if (!opened.status.ok()) {
    fault = opened.status.ToString();
  } else {
    TRIBUTARY_ASSIGN(fault, claim(*opened.db));
  }
  if (fault) {
    opened.db.reset();
    TRIBUTARY_TRY(remove_all(directory));
    opened = open_database(options, directory);
    TRIBUTARY_TRY(to_status(opened.status, fmt::format("opening {}", directory)));
    TRIBUTARY_TRY(write_format(*opened.db));
  }
  return std::make_unique<RocksView>(std::move(opened.db), fault.value_or(""), wanted.write_buffer_bytes);
}

}  // namespace tributary::group
