#include <algorithm>
#include <array>

#include "log_impl.h"
#include "segment_name.h"
#include "transaction_index.h"

namespace tributary::storage {

namespace {

constexpr size_t kPiecesPerWrite = 64;
constexpr uint64_t kWritebackStep = 4 << 20;
constexpr size_t kStagedKept = 16;  // capacity an idle log keeps

// Measures a call by the log's clock, if it has one.
class Stopwatch {
 public:
  Stopwatch(const Clock* clock, LogProbe* probe)
      : clock_(probe != nullptr ? clock : nullptr),
        probe_(probe),
        start_(clock_ ? clock_->monotonic_ns() : 0) {}
  ~Stopwatch() {
    if (clock_ == nullptr) return;
    const int64_t spent_ns = clock_->monotonic_ns() - start_;
    probe_->append_stall_us.record_unshared(static_cast<uint64_t>(std::max<int64_t>(spent_ns, 0)) / 1000);
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  const Clock* clock_;
  LogProbe* probe_;
  int64_t start_;
};

}  // namespace

Status Log::Impl::write_staged() {
  if (staged.empty()) return {};
  Status status = repair_tail();
  size_t done = 0;
  while (status && done < staged.size()) {
    if (must_roll_before(staged[done])) {
      status = roll(next_segment_base(staged[done].header), done);
      if (!status) break;
    }
    const auto limit = static_cast<uint64_t>(std::min<int64_t>(config.segment_bytes, INT32_MAX));
    uint64_t grown = active->size + staged[done].bytes.size();
    size_t count = 1;
    // Whatever else asks for a roll is looked at again before the next group.
    while (done + count < staged.size() && grown + staged[done + count].bytes.size() <= limit &&
           !must_roll_before(staged[done + count])) {
      grown += staged[done + count].bytes.size();
      ++count;
    }
    status = write_group(done, count);
    if (status) done += count;
  }
  if (!status) {
    take_back(done);
    if (probe != nullptr) probe->write_failures.add_unshared();
  }
  staged.clear();
  undo.clear();
  staged_copies.clear();
  if (staged.capacity() > kStagedKept) staged.shrink_to_fit();
  if (undo.capacity() > kStagedKept) undo.shrink_to_fit();
  return status;
}

// Segments follow one another without a gap even where offsets do not: recovery takes a gap for a lost
// segment.
Offset Log::Impl::next_segment_base(const BatchHeader& first) const {
  return first.last_offset - end_offset <= INT32_MAX ? end_offset : first.base_offset;
}

Status Log::Impl::repair_tail() {
  if (!torn_tail) return {};
  TRIBUTARY_TRY(active->log->truncate(active->size));
  if (active->txn_index) TRIBUTARY_TRY(active->txn_index->truncate(active->aborted_count * kTxnEntrySize));
  torn_tail = false;
  return {};
}

bool Log::Impl::must_roll_before(const StagedBatch& next) const {
  return active->should_roll(
      config, {next.bytes.size(), next.header.last_offset, next.header.max_timestamp, next.now});
}

Status Log::Impl::write_group(size_t first, size_t count) {
  for (size_t i = first; i < first + count; ++i) {
    epochs.assign(raw(staged[i].header.leader_epoch), staged[i].header.base_offset);
  }
  TRIBUTARY_TRY(save_epochs());
  uint64_t position = active->size;
  Status status = write_bytes(first, count, position);
  if (status) status = write_aborted_entries(first, count);
  if (!status) {
    torn_tail = true;
    touched = true;
    (void)repair_tail();  // if this fails too, it is tried again before the next write
    return status;
  }
  commit_group(first, count);
  return {};
}

Status Log::Impl::write_bytes(size_t first, size_t count, uint64_t& position) {
  const Stopwatch watch(clock, probe);
  std::array<ByteView, kPiecesPerWrite> pieces;
  for (size_t from = first; from < first + count; from += kPiecesPerWrite) {
    const size_t n = std::min(kPiecesPerWrite, first + count - from);
    uint64_t size = 0;
    for (size_t i = 0; i < n; ++i) {
      pieces[i] = staged[from + i].bytes;
      size += pieces[i].size();
    }
    TRIBUTARY_TRY(active->log->write_at(position, {pieces.data(), n}));
    position += size;
  }
  return {};
}

const std::optional<CompletedTxn>& Log::Impl::completed_by(size_t staged_index) const {
  static const std::optional<CompletedTxn> kNothing;
  if (!staged[staged_index].has_undo) return kNothing;
  const auto before =
      static_cast<size_t>(std::count_if(staged.begin(), staged.begin() + static_cast<ptrdiff_t>(staged_index),
                                        [](const StagedBatch& batch) { return batch.has_undo; }));
  return undo[before].completed;
}

Status Log::Impl::write_aborted_entries(size_t first, size_t count) {
  const size_t before = active->aborted_count;
  for (size_t i = first; i < first + count; ++i) {
    if (!staged[i].header.is_control()) continue;
    const auto& completed = completed_by(i);
    if (!completed || !completed->aborted) continue;
    if (Status status = append_aborted(*active, *completed); !status) {
      active->aborted_count = before;
      return status;
    }
  }
  return {};
}

Status Log::Impl::append_aborted(ActiveSegment& segment, const CompletedTxn& completed) {
  if (!segment.txn_index) {
    TRIBUTARY_ASSIGN(segment.txn_index,
                     fs.open(segment_path(*directory, segment.base, kTxnIndexSuffix), OpenMode::kCreate));
    note_directory_change();
  }
  TRIBUTARY_TRY(write_aborted(*segment.txn_index, segment.aborted_count,
                              {completed.producer_id, completed.first_offset, completed.marker_offset,
                               completed.last_stable_offset}));
  ++segment.aborted_count;
  return {};
}

Status Log::Impl::settle_txn_index(ActiveSegment& segment) {
  if (segment.txn_index) return segment.txn_index->truncate(segment.aborted_count * kTxnEntrySize);
  Status removed = fs.remove(segment_path(*directory, segment.base, kTxnIndexSuffix));
  if (!removed && removed.error().code != Errc::kNotFound) return removed;
  return {};
}

void Log::Impl::commit_group(size_t first, size_t count) {
  uint64_t bytes = 0;
  for (size_t i = first; i < first + count; ++i) {
    active->note_batch(staged[i].header, config.index_interval_bytes);
    bytes += staged[i].bytes.size();
    last_now = std::max(last_now, staged[i].now);
  }
  end_offset = staged[first + count - 1].header.last_offset + 1;
  touched = true;
  if (unsynced_since < 0) unsynced_since = last_now;
  if (probe != nullptr) {
    probe->appended_batches.add_unshared(count);
    probe->appended_bytes.add_unshared(bytes);
  }
  if (active->size - active->written_back >= kWritebackStep) {
    active->log->start_writeback(active->written_back, active->size - active->written_back);
    active->written_back = active->size;
  }
}

void Log::Impl::take_back(size_t first) {
  for (size_t i = staged.size(); i > first; --i) {
    if (!staged[i - 1].has_undo) continue;
    producers.restore(undo.back());
    undo.pop_back();
  }
}

Status Log::Impl::save_epochs() {
  if (!epochs.is_dirty()) return {};
  const std::string path = join_path(*directory, "leader-epoch-checkpoint");
  const std::string text = epochs.encode();
  const ByteView piece = as_bytes(text);
  TRIBUTARY_ASSIGN(std::shared_ptr<File> file, fs.open(path + ".tmp", OpenMode::kCreate));
  TRIBUTARY_TRY(file->truncate(0));
  TRIBUTARY_TRY(file->write_at(0, {&piece, 1}));
  TRIBUTARY_TRY(fs.rename(path + ".tmp", path));
  epochs.saved();
  // Not synced here: recovery reads it again from the batches above the recovery point.
  unsynced.push_back(std::move(file));
  note_directory_change();
  return {};
}

}  // namespace tributary::storage
