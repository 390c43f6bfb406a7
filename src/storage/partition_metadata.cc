#include "tributary/storage/partition_metadata.h"

#include <fmt/format.h>

#include "number_text.h"
#include "segment_name.h"

namespace tributary::storage {

namespace {

constexpr std::string_view kFileName = "partition.metadata";

std::optional<std::string_view> value_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (line.starts_with(key) && line.substr(key.size()).starts_with(": "))
      return line.substr(key.size() + 2);
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<Uuid>> read_partition_metadata(FileSystem& fs, const std::string& directory) {
  const auto text = read_file(fs, join_path(directory, kFileName));
  if (!text && text.error().code == Errc::kNotFound) return std::nullopt;
  if (!text) return tl::unexpected<Error>(text.error());
  const auto version = value_of(*text, "version");
  const auto number = version ? parse_number<int32_t>(*version) : std::nullopt;
  if (number && *number != 0) {
    return fail(Errc::kUnsupported, fmt::format("{}/{} has version {}", directory, kFileName, *number));
  }
  const auto id = value_of(*text, "topic_id");
  const auto parsed = number && id ? Uuid::parse(*id) : std::nullopt;
  if (!parsed || parsed->is_zero()) return std::nullopt;
  return parsed;
}

Result<std::shared_ptr<File>> write_partition_metadata(FileSystem& fs, const std::string& directory,
                                                       const Uuid& topic_id) {
  const std::string text = fmt::format("version: 0\ntopic_id: {}\n", topic_id.to_string());
  TRIBUTARY_ASSIGN(std::shared_ptr<File> file, fs.open(join_path(directory, kFileName), OpenMode::kCreate));
  TRIBUTARY_TRY(file->truncate(0));
  const ByteView piece = as_bytes(text);
  TRIBUTARY_TRY(file->write_at(0, {&piece, 1}));
  return file;
}

}  // namespace tributary::storage
