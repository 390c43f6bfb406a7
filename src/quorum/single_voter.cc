#include "tributary/quorum/single_voter.h"

#include <fmt/format.h>

#include "control_records.h"
#include "quorum_state.h"
#include "snapshot_store.h"
#include "tributary/storage/log.h"

namespace tributary::quorum {
namespace {

constexpr size_t kReadBytes = 1 << 20;
constexpr int16_t kKRaftVersion = 1;
constexpr size_t kRecordOverhead = 64;  // more than what frames one record in a batch

storage::LogConfig log_config(const SingleVoterOptions& options) {
  storage::LogConfig config;
  config.segment_bytes = options.segment_bytes;
  config.segment_ms = options.segment_ms;
  config.max_message_bytes = kMaxBatchBytes;
  // Snapshots decide what may go.
  config.delete_policy = false;
  config.retention_ms = -1;
  config.retention_bytes = -1;
  return config;
}

class SingleVoterQuorum final : public Quorum {
 public:
  SingleVoterQuorum(SingleVoterOptions options, Listener& listener)
      : options_(std::move(options)),
        directory_(options_.log_dir + "/" + std::string(kMetadataDirectory)),
        listener_(listener),
        snapshots_(*options_.fs, directory_) {}

  Status open() {
    TRIBUTARY_TRY(options_.fs->create_directories(directory_));
    TRIBUTARY_TRY(options_.fs->sync_directory(options_.log_dir));
    TRIBUTARY_TRY(snapshots_.scan());
    TRIBUTARY_TRY(open_log());
    TRIBUTARY_ASSIGN(const Offset from, load_snapshot());
    TRIBUTARY_TRY(replay(from));
    TRIBUTARY_TRY(check_voters());
    TRIBUTARY_TRY(listener_.on_read(voters_.kraft_version));
    if (log_->end_offset() == 0 && snapshots_.entries().empty()) TRIBUTARY_TRY(format());
    return begin_epoch();
  }

  LeaderAndEpoch leader() const override { return {options_.self.id, epoch_}; }
  Offset high_watermark() const override { return log_->end_offset(); }

  Result<Offset> append(std::span<const ByteView> values, TimestampMs now) override {
    size_t total = wire::kBatchHeaderSize;
    for (const ByteView value : values) total += value.size() + kRecordOverhead;
    if (total > kMaxBatchBytes)
      return fail(Errc::kTooLarge, "a batch for the metadata log is over its limit");
    if (values.empty()) return fail(Errc::kInvalidArgument, "a batch for the metadata log has no records");
    wire::BatchBuilder builder(batch_options());
    for (const ByteView value : values) builder.append(now, std::nullopt, value);
    const Offset base = log_->end_offset();
    std::vector<uint8_t> batch = builder.build();
    TRIBUTARY_TRY(commit(batch, now));
    const Offset last = log_->end_offset() - 1;
    TRIBUTARY_TRY(listener_.on_commit({base, last, epoch_, now, batch.size(), values}));
    return last;
  }

  OffsetAndEpoch latest_snapshot() const override { return snapshots_.latest(); }

  Status write_snapshot(OffsetAndEpoch end, TimestampMs last_contained_timestamp, TimestampMs now,
                        const SnapshotSource& content) override {
    if (end.offset > high_watermark()) {
      return fail(Errc::kInvalidArgument, "a snapshot cannot hold what is not committed");
    }
    return snapshots_.write({end, last_contained_timestamp, now, voters_}, content);
  }

  Status clean(TimestampMs now) override {
    while (snapshots_.entries().size() > 1 && (over_size() || over_age(now))) {
      TRIBUTARY_TRY(snapshots_.remove_oldest());
      const Offset covered = snapshots_.entries().front().end.offset;
      TRIBUTARY_ASSIGN([[maybe_unused]] const bool moved,
                       log_->advance_start_offset(covered, high_watermark()));
    }
    TRIBUTARY_ASSIGN(auto removal, log_->apply_retention(now, high_watermark()));
    removal.run();
    return {};
  }

  QuorumFacts describe(TimestampMs now) const override {
    QuorumFacts facts;
    facts.leader = leader();
    facts.high_watermark = high_watermark();
    facts.voters.push_back({options_.self.id, options_.self.directory_id, log_->end_offset(), now, now});
    facts.nodes.push_back(options_.self);
    return facts;
  }

  Status close() override { return log_->close(); }

 private:
  Status open_log() {
    storage::LogOptions log;
    log.fs = options_.fs;
    log.directory = directory_;
    log.name = {"__cluster_metadata", 0};
    log.config = log_config(options_);
    log.probe = &probe_;
    log.now = options_.now;
    // A snapshot is written after what it holds was synced.
    log.recovery_point = snapshots_.latest().offset;
    log.topic_id = kMetadataTopicId;
    TRIBUTARY_ASSIGN(log_, storage::Log::open(std::move(log)));
    return {};
  }

  // What formatting a directory does: the voter set stands in a snapshot before the first offset.
  Status format() {
    voters_ = {kKRaftVersion, std::vector<Voter>{options_.self}};
    return snapshots_.write({{}, options_.now, options_.now, voters_},
                            [](const auto&) -> Status { return {}; });
  }

  // Where the log goes on behind the newest snapshot that is whole.
  Result<Offset> load_snapshot() {
    while (!snapshots_.entries().empty()) {
      const OffsetAndEpoch end = snapshots_.latest();
      auto file = snapshots_.read(end);
      if (file && end.offset >= log_->start_offset()) {
        TRIBUTARY_TRY(deliver(end, **file));
        return end.offset;
      }
      if (!file && file.error().code != Errc::kCorruption) return tl::unexpected<Error>(file.error());
      if (!file) damage_ = file.error().message;
      snapshots_.disregard(end);
    }
    if (log_->start_offset() == 0) return Offset{0};
    return fail(Errc::kCorruption,
                fmt::format("{} cannot be read: its log starts at {} and no snapshot reaches there{}{}",
                            directory_, log_->start_offset(), damage_.empty() ? "" : "; ", damage_));
  }

  Status deliver(const OffsetAndEpoch& end, SnapshotFile& file) {
    voters_ = {file.kraft_version, std::move(file.voters)};
    voters_in_log_ = end.offset > 0;
    last_epoch_ = end.epoch;
    if (end.offset > log_->end_offset()) TRIBUTARY_TRY(log_->truncate_fully_and_start_at(end.offset));
    if (end.offset == 0) return {};
    return listener_.on_snapshot({end, file.last_contained_timestamp, file.values});
  }

  Status replay(Offset from) {
    std::vector<uint8_t> buffer;
    while (from < log_->end_offset()) {
      storage::ReadRequest request{from, kReadBytes, storage::Isolation::kLogEnd, true};
      TRIBUTARY_ASSIGN(auto plan, log_->plan_read(request, log_->end_offset()));
      TRIBUTARY_ASSIGN(const size_t size, plan.size(storage::ReadMode::kBlocking));
      buffer.resize(size);
      TRIBUTARY_ASSIGN(const auto outcome, plan.execute(buffer, storage::ReadMode::kBlocking));
      TRIBUTARY_ASSIGN(const Offset next, replay_batches(ByteView(buffer).first(outcome.bytes), from));
      if (next == from)
        return fail(Errc::kCorruption, fmt::format("{} cannot be read at offset {}", directory_, from));
      from = next;
    }
    return {};
  }

  // The last batch may be cut off; the first may begin before `from`.
  Result<Offset> replay_batches(ByteView bytes, Offset from) {
    while (!bytes.empty()) {
      const auto batch = wire::BatchView::parse(bytes);
      if (!batch && batch.error().code == Errc::kTooLarge) break;
      if (!batch || !batch->crc_matches()) {
        return fail(Errc::kCorruption,
                    fmt::format("{} holds a damaged batch at offset {}", directory_, from));
      }
      if (batch->base_offset() >= from) TRIBUTARY_TRY(replay_batch(*batch));
      from = std::max(from, batch->next_offset());
      bytes = bytes.subspan(batch->size());
    }
    return from;
  }

  Status replay_batch(const wire::BatchView& batch) {
    last_epoch_ = std::max(last_epoch_, batch.leader_epoch());
    std::vector<ByteView> values;
    std::vector<uint8_t> scratch;
    if (batch.is_control()) {
      TRIBUTARY_TRY(replay_control(batch));
    } else {
      TRIBUTARY_TRY(read_values(batch, scratch, values));
    }
    return listener_.on_commit({batch.base_offset(), batch.last_offset(), batch.leader_epoch(),
                                batch.max_timestamp(), batch.size(), values});
  }

  static Status read_values(const wire::BatchView& batch, std::vector<uint8_t>& scratch,
                            std::vector<ByteView>& values) {
    TRIBUTARY_ASSIGN(const ByteView payload, wire::plain_records(batch, scratch, kInflatedLimit));
    wire::RecordIterator records(payload, batch.record_count());
    while (const auto record = records.next()) {
      if (!record->value) return fail(Errc::kCorruption, "a record of the metadata log has no value");
      values.push_back(*record->value);
    }
    if (records.ok() && records.at_end()) return {};
    return fail(Errc::kCorruption, "a batch of the metadata log is malformed");
  }

  Status replay_control(const wire::BatchView& batch) {
    TRIBUTARY_ASSIGN(ControlBatch control, read_control_batch(batch));
    if (control.leader) electorate_ = std::move(control.leader_voters);
    if (control.kraft_version) voters_.kraft_version = *control.kraft_version;
    if (control.voters) {
      voters_.voters = std::move(control.voters);
      voters_in_log_ = true;
    }
    return {};
  }

  // A quorum of one must be alone: with other voters it could decide what they have not agreed to.
  Status check_voters() const {
    const NodeId self = options_.self.id;
    for (const NodeId voter : electorate_) {
      if (voter != self) return foreign(voter);
    }
    if (!voters_.voters) return {};
    for (const Voter& voter : *voters_.voters) {
      if (voter.id != self) return foreign(voter.id);
      if (voter.directory_id != options_.self.directory_id) {
        return fail(
            Errc::kUnsupported,
            fmt::format("{} names voter {} with directory id {}, this directory is {}", directory_, raw(self),
                        voter.directory_id.to_string(), options_.self.directory_id.to_string()));
      }
    }
    return {};
  }

  Status foreign(NodeId voter) const {
    return fail(Errc::kUnsupported,
                fmt::format("{} belongs to a quorum that node {} votes in; this node is {} and runs "
                            "a quorum of one",
                            directory_, raw(voter), raw(options_.self.id)));
  }

  // A node without addresses of its own as a voter leaves those that the log has: a Kafka controller that
  // gets the directory back finds itself there.
  std::vector<Voter> electorate() const {
    const bool known = voters_.voters && !voters_.voters->empty();
    return known && options_.self.endpoints.empty() ? *voters_.voters : std::vector<Voter>{options_.self};
  }

  Status begin_epoch() {
    TRIBUTARY_ASSIGN(const QuorumState before, read_quorum_state(*options_.fs, directory_));
    const auto highest = std::max({raw(before.epoch), raw(last_epoch_), raw(log_->latest_epoch())});
    epoch_ = LeaderEpoch{highest + 1};
    TRIBUTARY_TRY(write_quorum_state(*options_.fs, directory_, {options_.self.id, epoch_, kNoNode, {}}));
    const std::vector<Voter> voters = electorate();
    const bool write_voters = voters_.kraft_version > 0 && (!voters_in_log_ || voters_.voters != voters);
    if (write_voters) voters_.voters = voters;
    std::vector<uint8_t> batch = leader_change_batch(batch_options(), options_.now, options_.self.id, voters,
                                                     write_voters ? &voters_ : nullptr);
    const Offset base = log_->end_offset();
    TRIBUTARY_TRY(log_->begin_epoch(epoch_));
    TRIBUTARY_TRY(commit(batch, options_.now));
    TRIBUTARY_TRY(
        listener_.on_commit({base, log_->end_offset() - 1, epoch_, options_.now, batch.size(), {}}));
    return listener_.on_leader(leader());
  }

  wire::BatchOptions batch_options() const {
    wire::BatchOptions options;
    options.base_offset = log_->end_offset();
    options.leader_epoch = epoch_;
    return options;
  }

  Status commit(MutableBytes batch, TimestampMs now) {
    if (broken_)
      return fail(Errc::kIo, "the metadata log takes nothing more since a write to its disk failed");
    const auto appended = log_->append(batch, epoch_, storage::AppendOrigin::kCoordinator, now);
    if (!appended) return fail(Errc::kIo, "the metadata log refused a batch: " + appended.error().message);
    TRIBUTARY_TRY(log_->write_staged());
    Status synced = sync();
    broken_ = !synced;
    return synced;
  }

  Status sync() {
    auto ticket = log_->begin_sync();
    if (!ticket) return {};
    TRIBUTARY_TRY(ticket->run());
    return log_->sync_done(*ticket);
  }

  bool over_size() const {
    if (options_.max_retention_bytes < 0) return false;
    return log_->size_bytes() + snapshots_.total_bytes() >
           static_cast<uint64_t>(options_.max_retention_bytes);
  }

  bool over_age(TimestampMs now) {
    return options_.max_retention_ms >= 0 && now - snapshots_.oldest_timestamp() > options_.max_retention_ms;
  }

  static constexpr size_t kInflatedLimit = 64 << 20;

  SingleVoterOptions options_;
  std::string directory_;
  Listener& listener_;
  SnapshotStore snapshots_;
  storage::LogProbe probe_;
  std::unique_ptr<storage::Log> log_;
  VoterSet voters_;
  bool voters_in_log_ = false;  // or in a snapshot of it: anywhere but in the one before the first offset
  std::vector<NodeId> electorate_;
  LeaderEpoch last_epoch_{0};
  LeaderEpoch epoch_{0};
  std::string damage_;   // of the last snapshot that could not be read
  bool broken_ = false;  // a sync failed: what is on the disk is not known
};

}  // namespace

Result<std::unique_ptr<Quorum>> open_single_voter(SingleVoterOptions options, Listener& listener) {
  auto quorum = std::make_unique<SingleVoterQuorum>(std::move(options), listener);
  TRIBUTARY_TRY(quorum->open());
  return quorum;
}

}  // namespace tributary::quorum
