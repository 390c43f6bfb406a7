#include "cleaner_output.h"

#include "segment_name.h"

namespace tributary::storage {

namespace {

// The disk is kept busy a little at a time, so that the sync at the end, and those of appends meanwhile, are
// short.
constexpr uint64_t kWritebackStep = 4 << 20;
constexpr uint64_t kSyncStep = 32 << 20;

Result<std::shared_ptr<File>> create(const CleanedPlace& place, Offset base, std::string_view suffix) {
  const std::string path = segment_path(*place.directory, base, suffix) + std::string(kCleanedSuffix);
  TRIBUTARY_ASSIGN(std::shared_ptr<File> file, place.fs.open(path, OpenMode::kCreate));
  TRIBUTARY_TRY(file->truncate(0));
  return file;
}

}  // namespace

Status CleanedOutput::begin_segment(Offset base) {
  TRIBUTARY_ASSIGN(auto file, create(place_, base, kLogSuffix));
  segments_.push_back(std::make_unique<ActiveSegment>(base, std::move(file), kNoTimestamp));
  written_ = synced_ = 0;
  return {};
}

bool CleanedOutput::is_full(const BatchHeader& next) const {
  const ActiveSegment& last = *segments_.back();
  return last.size > 0 && (last.size + next.size > place_.longest_segment || !last.fits(next.last_offset) ||
                           last.offsets.count() >= place_.most_offset_entries ||
                           last.times.count() + 1 >= place_.most_time_entries);
}

Status CleanedOutput::note_batch(size_t at) {
  TRIBUTARY_ASSIGN(const BatchHeader header, BatchHeader::decode(ByteView(buffer_).subspan(at)));
  if (segments_.empty()) TRIBUTARY_TRY(begin_segment(base_));
  if (is_full(header)) {
    const std::vector<uint8_t> next(buffer_.begin() + static_cast<ptrdiff_t>(at), buffer_.end());
    buffer_.resize(at);
    TRIBUTARY_TRY(finish_segment());
    TRIBUTARY_TRY(begin_segment(header.base_offset));
    buffer_ = next;
  }
  segments_.back()->note_batch(header, place_.index_interval_bytes);
  return {};
}

Status CleanedOutput::note_aborted(const AbortedEntry& entry) {
  if (segments_.empty()) TRIBUTARY_TRY(begin_segment(base_));
  ActiveSegment& last = *segments_.back();
  if (!last.txn_index) {
    TRIBUTARY_ASSIGN(last.txn_index, create(place_, last.base, kTxnIndexSuffix));
  }
  return write_aborted(*last.txn_index, last.aborted_count++, entry);
}

Status CleanedOutput::flush() {
  if (buffer_.empty()) return {};
  ActiveSegment& last = *segments_.back();
  const ByteView piece = buffer_;
  TRIBUTARY_TRY(last.log->write_at(written_, {&piece, 1}));
  written_ += buffer_.size();
  buffer_.clear();
  if (written_ - last.written_back >= kWritebackStep) {
    last.log->start_writeback(last.written_back, written_ - last.written_back);
    last.written_back = written_;
  }
  if (written_ - synced_ < kSyncStep) return {};
  synced_ = written_;
  return last.log->sync();
}

Status CleanedOutput::finish_segment() {
  TRIBUTARY_TRY(flush());
  ActiveSegment& last = *segments_.back();
  TRIBUTARY_ASSIGN(const auto indexes, last.write_indexes(place_.fs, *place_.directory, kCleanedSuffix));
  for (const auto& index : indexes) TRIBUTARY_TRY(index->sync());
  if (last.txn_index) TRIBUTARY_TRY(last.txn_index->sync());
  return last.log->sync();
}

Status CleanedOutput::finish() {
  if (segments_.empty()) TRIBUTARY_TRY(begin_segment(base_));
  return finish_segment();
}

std::vector<Offset> CleanedOutput::bases() const {
  std::vector<Offset> bases;
  bases.reserve(segments_.size());
  for (const auto& segment : segments_) bases.push_back(segment->base);
  return bases;
}

std::vector<std::shared_ptr<const Segment>> CleanedOutput::seal() const {
  std::vector<std::shared_ptr<const Segment>> sealed;
  sealed.reserve(segments_.size());
  for (const auto& segment : segments_) sealed.push_back(segment->seal(place_.fs, place_.directory));
  return sealed;
}

}  // namespace tributary::storage
