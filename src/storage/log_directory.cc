#include "tributary/storage/log_directory.h"

#include <fmt/format.h>

#include <algorithm>

#include "checkpoint_text.h"
#include "number_text.h"
#include "properties.h"
#include "segment_name.h"

namespace tributary::storage {

namespace {

constexpr std::string_view kMetaProperties = "meta.properties";
constexpr std::string_view kLockFile = ".lock";
constexpr std::string_view kCleanMarker = ".kafka_cleanshutdown";

std::string_view value_or_empty(const Properties& properties, std::string_view key) {
  const auto found = properties.find(key);
  return found == properties.end() ? std::string_view{} : std::string_view(found->second);
}

Result<DirectoryIdentity> parse_identity(std::string_view text, const std::string& path) {
  const Properties properties = parse_properties(text);
  const auto version = parse_number<int32_t>(value_or_empty(properties, "version"));
  if (version != 1) {
    const Errc code = version && *version > 1 ? Errc::kUnsupported : Errc::kInvalidArgument;
    return fail(code, fmt::format("{}: version must be 1", path));
  }
  DirectoryIdentity identity;
  identity.cluster_id = value_or_empty(properties, "cluster.id");
  const std::string_view node = value_or_empty(properties, "node.id");
  const auto node_id = parse_number<int32_t>(node);
  if (!node.empty() && !node_id)
    return fail(Errc::kInvalidArgument, fmt::format("{}: node.id is no number", path));
  if (node_id) identity.node_id = NodeId{*node_id};
  const std::string_view directory_id = value_or_empty(properties, "directory.id");
  const auto id = Uuid::parse(directory_id);
  if (!directory_id.empty() && !id) {
    return fail(Errc::kInvalidArgument, fmt::format("{}: directory.id is malformed", path));
  }
  identity.directory_id = id.value_or(Uuid{});
  return identity;
}

// The broker epoch of the marker; -1 if it holds none. Its form is fixed, {"version":0,"brokerEpoch":N}.
int64_t marker_epoch(std::string_view text) {
  static constexpr std::string_view kKey = "\"brokerEpoch\"";
  const size_t key = text.find(kKey);
  if (key == std::string_view::npos) return -1;
  const size_t start = text.find_first_of("-0123456789", key + kKey.size());
  if (start == std::string_view::npos) return -1;
  const size_t end = std::min(text.find_first_not_of("-0123456789", start), text.size());
  return parse_number<int64_t>(text.substr(start, end - start)).value_or(-1);
}

bool is_ours(std::string_view name) {
  return name == kLockFile || name == kMetaProperties || name == kCleanMarker || name == "lost+found" ||
         name.starts_with("meta.properties.") || name.ends_with("-checkpoint") ||
         name.ends_with("-checkpoint.tmp") || name == "bootstrap.checkpoint";
}

}  // namespace

Result<std::unique_ptr<LogDirectory>> LogDirectory::open(FileSystem& fs, std::string path) {
  TRIBUTARY_TRY(fs.create_directories(path));
  std::unique_ptr<LogDirectory> opened(new LogDirectory(fs, std::move(path)));
  TRIBUTARY_ASSIGN(opened->lock_, fs.lock(join_path(opened->path_, kLockFile)));
  const std::string meta_path = join_path(opened->path_, kMetaProperties);
  const auto meta = read_file(fs, meta_path);
  if (!meta && meta.error().code != Errc::kNotFound) return tl::unexpected<Error>(meta.error());
  if (meta) {
    TRIBUTARY_ASSIGN(opened->identity_, parse_identity(*meta, meta_path));
  } else {
    TRIBUTARY_ASSIGN(const auto entries, fs.list(opened->path_));
    const auto foreign =
        std::ranges::find_if_not(entries, [](const auto& entry) { return is_ours(entry.name); });
    if (foreign != entries.end()) {
      return fail(Errc::kInvalidArgument,
                  fmt::format("{} has no meta.properties but is not empty: it holds {}", opened->path_,
                              foreign->name));
    }
  }
  const auto marker = read_file(fs, join_path(opened->path_, kCleanMarker));
  opened->was_clean_ = marker.has_value();
  if (marker) opened->clean_broker_epoch_ = marker_epoch(*marker);
  return opened;
}

Status LogDirectory::write_identity(const DirectoryIdentity& identity) {
  const std::string path = join_path(path_, kMetaProperties);
  Properties properties;
  if (const auto old = read_file(*fs_, path)) properties = parse_properties(*old);
  properties["version"] = "1";
  properties["cluster.id"] = identity.cluster_id;
  if (identity.node_id != kNoNode) properties["node.id"] = std::to_string(raw(identity.node_id));
  properties["directory.id"] = identity.directory_id.to_string();
  TRIBUTARY_TRY(write_file_atomically(*fs_, path, format_properties(properties)));
  identity_ = identity;
  return {};
}

Status LogDirectory::begin_run() {
  Status removed = fs_->remove(join_path(path_, kCleanMarker));
  if (!removed && removed.error().code == Errc::kNotFound) return {};
  if (!removed) return removed;
  return fs_->sync_directory(path_);
}

Status LogDirectory::write_clean_marker(int64_t broker_epoch) {
  TRIBUTARY_TRY(fs_->sync_file_system(path_));
  return write_file_atomically(*fs_, join_path(path_, kCleanMarker),
                               fmt::format("{{\"version\":0,\"brokerEpoch\":{}}}", broker_epoch));
}

Result<LogDirectory::Contents> LogDirectory::scan() const {
  TRIBUTARY_ASSIGN(const auto entries, fs_->list(path_));
  Contents contents;
  for (const DirectoryEntry& entry : entries) {
    if (!entry.is_directory) continue;
    if (entry.name.ends_with("-delete")) {
      contents.deleted.push_back(join_path(path_, entry.name));
    } else if (auto name = parse_partition_directory(entry.name)) {
      contents.logs.push_back({std::move(*name), join_path(path_, entry.name)});
    }
  }
  std::ranges::sort(contents.logs, {}, &FoundLog::name);
  return contents;
}

Result<std::string> LogDirectory::set_aside(const TopicPartition& name, const Uuid& unique) const {
  std::string path = join_path(path_, renamed_directory(name, unique, "-stray"));
  TRIBUTARY_TRY(fs_->rename(partition_path(name), path));
  TRIBUTARY_TRY(fs_->sync_directory(path_));
  return path;
}

Result<LogDirectory::OffsetCheckpoint> LogDirectory::read_checkpoint(std::string_view file) const {
  const std::string path = join_path(path_, file);
  const auto text = read_file(*fs_, path);
  if (!text && text.error().code == Errc::kNotFound) return OffsetCheckpoint{};
  if (!text) return tl::unexpected<Error>(text.error());
  if (text->empty()) return OffsetCheckpoint{};  // as Kafka leaves one that it made and never wrote
  const auto lines = parse_checkpoint(*text);
  if (!lines) return fail(Errc::kCorruption, fmt::format("{}: {}", path, lines.error().message));
  OffsetCheckpoint offsets;
  for (const std::string_view line : *lines) {
    const auto words = split_words(line, 3);
    const auto partition = words.empty() ? std::nullopt : parse_number<int32_t>(words[1]);
    const auto offset = words.empty() ? std::nullopt : parse_number<Offset>(words[2]);
    if (!partition || !offset)
      return fail(Errc::kCorruption, fmt::format("{}: malformed line '{}'", path, line));
    offsets[TopicPartition{std::string(words[0]), *partition}] = *offset;
  }
  return offsets;
}

Status LogDirectory::write_checkpoint(std::string_view file, const OffsetCheckpoint& offsets) {
  std::string text = checkpoint_head(offsets.size());
  for (const auto& [name, offset] : offsets) {
    fmt::format_to(std::back_inserter(text), "{} {} {}\n", name.topic, name.partition, offset);
  }
  return write_file_atomically(*fs_, join_path(path_, file), text);
}

}  // namespace tributary::storage
