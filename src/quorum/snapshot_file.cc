#include "tributary/quorum/snapshot_file.h"

#include "control_records.h"

namespace tributary::quorum {
namespace {

tl::unexpected<Error> damaged(const std::string& path, std::string_view what) {
  return fail(Errc::kCorruption, "snapshot " + path + " is damaged: " + std::string(what));
}

class SnapshotReader {
 public:
  explicit SnapshotReader(std::string path) : path_(std::move(path)) {}

  Result<std::unique_ptr<SnapshotFile>> run(storage::FileSystem& fs) {
    TRIBUTARY_ASSIGN(file_->bytes, storage::read_file(fs, path_));
    ByteView rest = as_bytes(file_->bytes);
    while (!rest.empty()) {
      if (ended_) return damaged(path_, "something follows its end");
      const auto batch = wire::BatchView::parse(rest);
      if (!batch || !batch->crc_matches()) return damaged(path_, "a batch is not what was written");
      if (batch->base_offset() != next_offset_) return damaged(path_, "a batch is missing");
      TRIBUTARY_TRY(take(*batch));
      next_offset_ = batch->next_offset();
      rest = rest.subspan(batch->size());
    }
    if (!ended_) return damaged(path_, "it ends too soon");
    return std::move(file_);
  }

 private:
  Status take(const wire::BatchView& batch) {
    if (batch.is_control()) return take_control(batch);
    if (!begun_) return damaged(path_, "it has no header");
    ByteView payload = batch.payload();
    if (batch.codec_id() != 0) {
      file_->inflated.emplace_back();
      TRIBUTARY_ASSIGN(payload, wire::plain_records(batch, file_->inflated.back(), kInflatedLimit));
    }
    wire::RecordIterator records(payload, batch.record_count());
    while (const auto record = records.next()) {
      if (!record->value) return damaged(path_, "a record has no value");
      file_->values.push_back(*record->value);
    }
    if (!records.ok() || !records.at_end()) return damaged(path_, "a batch is malformed");
    return {};
  }

  Status take_control(const wire::BatchView& batch) {
    TRIBUTARY_ASSIGN(ControlBatch control, read_control_batch(batch));
    if (control.snapshot_header) {
      begun_ = true;
      file_->last_contained_timestamp = *control.snapshot_header;
    }
    if (control.kraft_version) file_->kraft_version = *control.kraft_version;
    if (control.voters) file_->voters = std::move(control.voters);
    ended_ = control.snapshot_footer;
    if (begun_) return {};
    return damaged(path_, "it has no header");
  }

  static constexpr size_t kInflatedLimit = 64 << 20;

  std::string path_;
  std::unique_ptr<SnapshotFile> file_ = std::make_unique<SnapshotFile>();
  Offset next_offset_ = 0;
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<SnapshotFile>> read_snapshot_file(storage::FileSystem& fs, const std::string& path) {
  return SnapshotReader(path).run(fs);
}

}  // namespace tributary::quorum
