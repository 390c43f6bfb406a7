#include "tributary/storage/log.h"

#include <fmt/format.h>

#include <algorithm>

#include "log_impl.h"
#include "log_loader.h"
#include "segment_name.h"
#include "tributary/storage/cleaner.h"

namespace tributary::storage {

Log::Impl::Impl(LogOptions options)
    : fs(*options.fs),
      directory(std::make_shared<const std::string>(std::move(options.directory))),
      name(std::move(options.name)),
      config(options.config),
      probe(options.probe),
      clock(options.clock),
      last_now(options.now) {}

Status Log::Impl::check_open() const {
  if (closed) return fail(Errc::kInvalidArgument, fmt::format("{} is closed", *directory));
  return {};
}

uint64_t Log::Impl::size_bytes() const {
  uint64_t size = active->size;
  for (const auto& segment : *sealed) size += segment->size;
  return size;
}

Log::Log(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(LogOptions options) {
  TRIBUTARY_ASSIGN(auto impl, LogLoader(std::move(options)).load());
  return std::unique_ptr<Log>(new Log(std::move(impl)));
}

const TopicPartition& Log::name() const { return impl_->name; }
const std::string& Log::directory() const { return *impl_->directory; }
std::optional<Uuid> Log::topic_id() const { return impl_->topic_id; }
const LogConfig& Log::config() const { return impl_->config; }
void Log::set_config(const LogConfig& config) {
  impl_->config = config;
  if (!config.compact_policy) impl_->cancel_cleaning();
}

Offset Log::start_offset() const { return impl_->start_offset; }
Offset Log::end_offset() const { return impl_->end_offset; }
Offset Log::recovery_point() const { return impl_->recovery_point; }
LeaderEpoch Log::latest_epoch() const { return impl_->epochs.latest(); }
uint64_t Log::size_bytes() const { return impl_->size_bytes(); }
size_t Log::segment_count() const { return impl_->sealed->size() + 1; }

Offset Log::first_unstable_offset(Offset high_watermark) const {
  return impl_->first_unstable(high_watermark);
}
Offset Log::last_stable_offset(Offset high_watermark) const {
  return std::min(impl_->first_unstable(high_watermark), high_watermark);
}

TimestampMs Log::max_timestamp_so_far() const {
  TimestampMs largest = impl_->active->max_timestamp;
  for (const auto& segment : *impl_->sealed) largest = std::max(largest, segment->max_timestamp);
  return largest;
}

Status Log::begin_epoch(LeaderEpoch epoch) {
  TRIBUTARY_TRY(impl_->check_open());
  impl_->epochs.assign(raw(epoch), impl_->next_offset());
  return {};
}

tl::expected<AppendInfo, AppendError> Log::append(MutableBytes batch, LeaderEpoch epoch, AppendOrigin origin,
                                                  TimestampMs now) {
  return impl_->append(batch, epoch, origin, now);
}
Status Log::append_as_follower(ByteView batches) { return impl_->append_as_follower(batches); }
bool Log::has_staged() const { return !impl_->staged.empty(); }
Status Log::write_staged() { return impl_->write_staged(); }

Result<ReadPlan> Log::plan_read(const ReadRequest& request, Offset high_watermark) const {
  return impl_->plan_read(request, high_watermark);
}
Result<TimestampLookup> Log::plan_timestamp_lookup(TimestampMs timestamp, Offset upper_bound) const {
  return impl_->plan_timestamp_lookup(timestamp, upper_bound);
}
Result<TimestampLookup> Log::plan_max_timestamp_lookup() const { return impl_->plan_max_timestamp_lookup(); }

EpochEndOffset Log::end_offset_for_epoch(LeaderEpoch asked) const {
  return impl_->epochs.end_offset(raw(asked), impl_->end_offset);
}
LeaderEpoch Log::epoch_for_offset(Offset offset) const { return impl_->epochs.epoch_at(offset); }

Status Log::truncate_to(Offset offset) { return impl_->truncate_to(offset); }
Status Log::truncate_fully_and_start_at(Offset offset) { return impl_->truncate_fully_and_start_at(offset); }
Result<bool> Log::advance_start_offset(Offset offset, Offset high_watermark) {
  return impl_->advance_start_offset(offset, high_watermark);
}
Result<SegmentRemoval> Log::apply_retention(TimestampMs now, Offset high_watermark) {
  return impl_->apply_retention(now, high_watermark);
}

std::optional<SyncTicket> Log::begin_sync() { return impl_->begin_sync(); }
Status Log::sync_done(const SyncTicket& ticket) { return impl_->sync_done(ticket); }
bool Log::sync_due(TimestampMs now) const { return impl_->sync_due(now); }

Offset Log::first_dirty_offset() const { return impl_->first_dirty_offset(); }
void Log::set_first_dirty_offset(Offset offset) { impl_->first_dirty = std::min(offset, impl_->end_offset); }
void Log::note_checkpointed(Offset recovery_point) {
  impl_->checkpointed_recovery = std::min(recovery_point, impl_->recovery_point);
}
bool Log::checkpoint_lags() const {
  return impl_->checkpointed_recovery < std::min(impl_->recovery_point, impl_->active->base);
}
CleanableLog Log::cleanable(TimestampMs now, Offset high_watermark) const {
  return impl_->cleanable(now, high_watermark);
}
Result<std::unique_ptr<Cleaning>> Log::begin_cleaning(const CleaningOptions& options, Offset high_watermark) {
  return impl_->begin_cleaning(options, high_watermark);
}
Result<SegmentRemoval> Log::swap_cleaned(Cleaning& cleaning) { return impl_->swap_cleaned(cleaning); }
void Log::end_cleaning(Cleaning& cleaning) { impl_->end_cleaning(cleaning); }
bool Log::is_being_cleaned() const { return impl_->cleaning != nullptr; }
void Log::cancel_cleaning() { impl_->cancel_cleaning(); }

std::vector<ActiveProducer> Log::active_producers() const { return impl_->producers.active(); }
size_t Log::producer_count() const { return impl_->producers.size(); }
size_t Log::expire_producers(TimestampMs now) {
  return impl_->producers.expire(now, impl_->config.producer_id_expiration_ms);
}

Status Log::close(CloseSync sync) { return impl_->close(sync); }

Result<std::string> Log::mark_deleted(const Uuid& unique) {
  std::string path =
      join_path(parent_path(*impl_->directory), renamed_directory(impl_->name, unique, "-delete"));
  impl_->cancel_cleaning();
  TRIBUTARY_TRY(impl_->fs.rename(*impl_->directory, path));
  impl_->closed = true;
  return path;
}

}  // namespace tributary::storage
