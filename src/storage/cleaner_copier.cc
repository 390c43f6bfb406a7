#include "cleaner_copier.h"

#include "cleaner_indexer.h"

namespace tributary::storage {

GroupCopier::GroupCopier(Tools tools, const SegmentGroup& group, CleanedPlace place)
    : tools_(tools), group_(group), output_(std::move(place), group.front().segment->base) {
  for (size_t i = 0; i < group.size(); ++i) {
    if (group[i].segment->size > 0) last_filled_ = i;
  }
}

Status GroupCopier::open_source() {
  const GroupedSegment& source = group_[source_];
  source.segment->hold();
  TRIBUTARY_TRY(source.segment->open_all());
  TRIBUTARY_ASSIGN(const auto aborted,
                   tools_.view.aborted(source.index, source.segment->base, source.end, ReadMode::kBlocking));
  tools_.transactions.add_aborted(aborted);
  TRIBUTARY_ASSIGN(file_, source.segment->open(SegmentPart::kLog, ReadMode::kBlocking));
  scanner_ = std::make_unique<BatchScanner>(*file_, 0, source.segment->size, BatchScanner::Depth::kWhole,
                                            ReadMode::kBlocking, tools_.buffer);
  return {};
}

Result<bool> GroupCopier::step() {
  for (size_t read = 0; read < tools_.buffer;) {
    if (source_ == group_.size()) {
      TRIBUTARY_TRY(output_.finish());
      return true;
    }
    if (!scanner_) TRIBUTARY_TRY(open_source());
    TRIBUTARY_ASSIGN(const auto item, next_good_batch(*scanner_, group_[source_].segment->base));
    if (!item) {
      ++source_;
      scanner_.reset();
      continue;
    }
    read += item->bytes.size();
    TRIBUTARY_TRY(copy(*item));
    if (output_.buffered() >= tools_.buffer) TRIBUTARY_TRY(output_.flush());
  }
  TRIBUTARY_TRY(output_.flush());
  return false;
}

Status GroupCopier::copy(const BatchScanner::Item& item) {
  const bool last = source_ == last_filled_ && scanner_->position() == group_[source_].segment->size;
  const size_t at = output_.buffered();
  TRIBUTARY_ASSIGN(const auto outcome,
                   tools_.filter.filter(item.header, item.bytes,
                                        last ? BatchPosition::kLastOfGroup : BatchPosition::kInside,
                                        tools_.transactions, output_.buffer()));
  tools_.stats.bytes_read += item.bytes.size();
  tools_.stats.bytes_written += outcome.size;
  tools_.stats.records_read += outcome.records_read;
  tools_.stats.records_kept += outcome.records_kept;
  tools_.stats.keyless_records += outcome.keyless;
  if (outcome.size > 0) TRIBUTARY_TRY(output_.note_batch(at));
  return outcome.aborted ? output_.note_aborted(*outcome.aborted) : Status{};
}

}  // namespace tributary::storage
