#include "metadata_log.h"

#include <fmt/ranges.h>

#include "registration.h"
#include "snapshot_records.h"
#include "tributary/control/adoption.h"
#include "tributary/quorum/snapshot_file.h"
#include "tributary/wire/records/metadata.h"

namespace tributary::control {

quorum::SingleVoterOptions quorum_options(const ControllerOptions& options) {
  const config::Values& values = *options.values;
  quorum::SingleVoterOptions quorum;
  quorum.fs = options.fs;
  quorum.log_dir = options.directory;
  quorum.self.id = options.node_id;
  quorum.self.directory_id = options.directory_id;
  for (const EndpointImage& endpoint : options.controller_endpoints) {
    quorum.self.endpoints.push_back({endpoint.listener, endpoint.host, endpoint.port});
  }
  quorum.now = options.clock->wall_ms();
  quorum.segment_bytes = values.get_long("metadata.log.segment.bytes");
  quorum.segment_ms = values.get_long("metadata.log.segment.ms");
  quorum.max_retention_bytes = values.get_long("metadata.max.retention.bytes");
  quorum.max_retention_ms = values.get_long("metadata.max.retention.ms");
  return quorum;
}

namespace {

// What a directory formatted by Kafka's tool asks for stands in bootstrap.checkpoint; null if there is none.
Result<std::unique_ptr<quorum::SnapshotFile>> formatted_records(const ControllerOptions& options) {
  const std::string path = options.directory + "/bootstrap.checkpoint";
  if (!options.fs->exists(path)) return nullptr;
  return quorum::read_snapshot_file(*options.fs, path);
}

}  // namespace

Status add_formatted_levels(const ControllerOptions& options, ImageBuilder& builder, ImagePtr& image) {
  if (!image->features().empty()) return {};
  TRIBUTARY_ASSIGN(const auto file, formatted_records(options));
  if (!file) return {};
  for (const ByteView value : file->values) TRIBUTARY_TRY(builder.apply(value));
  TRIBUTARY_ASSIGN(image, builder.publish(image->offset(), image->epoch()));
  return {};
}

MetadataLog::MetadataLog(const ControllerOptions& options)
    : options_(options), builder_(ReplayOptions{options.allow_unenforced_acls}) {}

Result<std::unique_ptr<MetadataLog>> MetadataLog::open(const ControllerOptions& options) {
  std::unique_ptr<MetadataLog> log(new MetadataLog(options));
  log->last_snapshot_ = options.clock->wall_ms();
  TRIBUTARY_ASSIGN(log->quorum_, quorum::open_single_voter(quorum_options(options), *log));
  TRIBUTARY_TRY(log->activate());
  return log;
}

Status MetadataLog::on_snapshot(const quorum::SnapshotContent& snapshot) {
  builder_.reset();
  for (const ByteView value : snapshot.values) TRIBUTARY_TRY(builder_.apply(value));
  last_offset_ = snapshot.end.offset - 1;
  last_epoch_ = snapshot.end.epoch;
  last_timestamp_ = snapshot.last_contained_timestamp;
  bytes_since_snapshot_ = 0;
  return {};
}

Status MetadataLog::on_commit(const quorum::CommittedBatch& batch) {
  for (const ByteView value : batch.values) {
    if (Status applied = builder_.apply(value); !applied) {
      failed_ = true;
      return applied;
    }
  }
  last_offset_ = batch.last_offset;
  last_epoch_ = batch.epoch;
  last_timestamp_ = batch.timestamp;
  bytes_since_snapshot_ += batch.size_bytes;
  return replaying_ ? Status{} : publish();
}

// Asked before the first write, so that a directory that is not ours to serve stays as it was.
Status MetadataLog::on_read(int16_t) {
  TRIBUTARY_ASSIGN(ImagePtr image, builder_.publish(last_offset_, last_epoch_));
  ImageBuilder scratch(ReplayOptions{options_.allow_unenforced_acls});
  TRIBUTARY_TRY(add_formatted_levels(options_, scratch, image));
  const auto reasons = reasons_against(*image, options_.node_id, options_.log_directories);
  if (reasons.empty()) return {};
  return fail(Errc::kUnsupported,
              fmt::format("{} cannot be served: {}", options_.directory, fmt::join(reasons, "; ")));
}

Status MetadataLog::on_leader(quorum::LeaderAndEpoch) {
  replaying_ = false;
  return publish();
}

Status MetadataLog::publish() {
  TRIBUTARY_ASSIGN(image_, builder_.publish(last_offset_, last_epoch_));
  if (listener_) listener_(image_);
  return {};
}

Status MetadataLog::commit(const RecordList& records, TimestampMs now) {
  if (failed_) return fail(Errc::kCorruption, "the metadata log holds a record that cannot be replayed");
  const std::vector<ByteView> views = records.views();
  TRIBUTARY_ASSIGN([[maybe_unused]] const Offset last, quorum_->append(views, now));
  return {};
}

Status MetadataLog::activate() {
  const TimestampMs now = options_.clock->wall_ms();
  TRIBUTARY_TRY(abort_open_transaction(now));
  if (image_->features().empty()) {
    TRIBUTARY_ASSIGN(const auto formatted, formatted_records(options_));
    TRIBUTARY_TRY(commit(formatted ? bootstrap_records(formatted->values) : bootstrap_records(), now));
  }
  return register_broker(now);
}

Status MetadataLog::abort_open_transaction(TimestampMs now) {
  if (!builder_.in_transaction()) return {};
  wire::metadata::AbortTransactionRecord abort;
  abort.reason = "Controller failover";
  RecordList records;
  records.add(abort);
  return commit(records, now);
}

Status MetadataLog::register_broker(TimestampMs now) {
  TRIBUTARY_TRY(commit(registration_records(*image_, options_, quorum_->high_watermark()), now));
  for (const RecordList& batch : unfence_records(*image_, options_.node_id))
    TRIBUTARY_TRY(commit(batch, now));
  return {};
}

Status MetadataLog::fence_broker() {
  return commit(fence_records(*image_, options_.node_id), options_.clock->wall_ms());
}

void MetadataLog::tick(TimestampMs now) {
  // A failure (a full disk, say) leaves the log as it is; the next tick tries again.
  if (snapshot_due(now)) (void)take_snapshot(now);
  (void)quorum_->clean(now);
}

bool MetadataLog::snapshot_due(TimestampMs now) const {
  if (failed_ || bytes_since_snapshot_ == 0 || builder_.in_transaction()) return false;
  const config::Values& values = *options_.values;
  const int64_t max_bytes = values.get_long("metadata.log.max.record.bytes.between.snapshots");
  const int64_t interval = values.get_long("metadata.log.max.snapshot.interval.ms");
  return bytes_since_snapshot_ >= static_cast<uint64_t>(max_bytes) ||
         (interval > 0 && now - last_snapshot_ >= interval);
}

Status MetadataLog::take_snapshot(TimestampMs now) {
  const Image& image = *image_;
  TRIBUTARY_TRY(quorum_->write_snapshot({last_offset_ + 1, last_epoch_}, last_timestamp_, now,
                                        [&](const auto& take) { return write_image(image, take); }));
  bytes_since_snapshot_ = 0;
  last_snapshot_ = now;
  return {};
}

}  // namespace tributary::control
