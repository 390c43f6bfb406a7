#include "snapshot_writer.h"

#include <fmt/format.h>

#include <charconv>

namespace tributary::quorum {
namespace {

constexpr size_t kOffsetDigits = 20;
constexpr size_t kEpochDigits = 10;
constexpr size_t kBatchTarget = 512 << 10;

template <typename Number>
bool parse_digits(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out >= 0;
}

// Batches of values on their way into a file.
class SnapshotWriter {
 public:
  SnapshotWriter(std::unique_ptr<storage::File> file, const SnapshotParameters& parameters)
      : file_(std::move(file)), parameters_(parameters), batch_(options()) {}

  Status add(ByteView value) {
    if (!batch_.empty() && batch_.size_so_far() + value.size() > kBatchTarget) TRIBUTARY_TRY(flush());
    if (batch_.empty()) batch_ = wire::BatchBuilder(options());
    batch_.append(parameters_.now, std::nullopt, value);
    return {};
  }

  Status begin() {
    return write(snapshot_header_batch(options(), parameters_.now, parameters_.last_contained_timestamp,
                                       parameters_.voters));
  }

  Result<uint64_t> finish() {
    TRIBUTARY_TRY(flush());
    TRIBUTARY_TRY(write(snapshot_footer_batch(options(), parameters_.now)));
    TRIBUTARY_TRY(file_->sync());
    return position_;
  }

 private:
  wire::BatchOptions options() const {
    wire::BatchOptions options;
    options.base_offset = next_offset_;
    options.leader_epoch = parameters_.end.epoch;
    return options;
  }

  Status flush() {
    if (batch_.empty()) return {};
    const std::vector<uint8_t> batch = batch_.build();
    batch_ = wire::BatchBuilder(options());
    return write(batch);
  }

  Status write(const std::vector<uint8_t>& batch) {
    const ByteView piece(batch);
    TRIBUTARY_TRY(file_->write_at(position_, {&piece, 1}));
    position_ += batch.size();
    next_offset_ = wire::BatchView::parse(batch)->next_offset();
    return {};
  }

  std::unique_ptr<storage::File> file_;
  const SnapshotParameters& parameters_;
  Offset next_offset_ = 0;
  uint64_t position_ = 0;
  wire::BatchBuilder batch_;
};

}  // namespace

std::string snapshot_name(const OffsetAndEpoch& end) {
  return fmt::format("{:020}-{:010}{}", end.offset, raw(end.epoch), kSnapshotSuffix);
}

std::optional<OffsetAndEpoch> parse_snapshot_name(std::string_view name) {
  if (name.size() != kOffsetDigits + 1 + kEpochDigits + kSnapshotSuffix.size()) return std::nullopt;
  if (!name.ends_with(kSnapshotSuffix) || name[kOffsetDigits] != '-') return std::nullopt;
  Offset offset = 0;
  int32_t epoch = 0;
  if (!parse_digits(name.substr(0, kOffsetDigits), offset)) return std::nullopt;
  if (!parse_digits(name.substr(kOffsetDigits + 1, kEpochDigits), epoch)) return std::nullopt;
  return OffsetAndEpoch{offset, LeaderEpoch{epoch}};
}

Result<uint64_t> write_snapshot_file(storage::FileSystem& fs, const std::string& directory,
                                     const SnapshotParameters& parameters, const SnapshotSource& content) {
  const std::string path = directory + "/" + snapshot_name(parameters.end);
  const std::string part = path + std::string(kPartSuffix);
  TRIBUTARY_ASSIGN(auto file, fs.open(part, storage::OpenMode::kCreate));
  TRIBUTARY_TRY(file->truncate(0));
  SnapshotWriter writer(std::move(file), parameters);
  TRIBUTARY_TRY(writer.begin());
  TRIBUTARY_TRY(content([&](ByteView value) { return writer.add(value); }));
  TRIBUTARY_ASSIGN(const uint64_t size, writer.finish());
  TRIBUTARY_TRY(fs.rename(part, path));
  TRIBUTARY_TRY(fs.sync_directory(directory));
  return size;
}

}  // namespace tributary::quorum
