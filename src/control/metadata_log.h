// The controller's end of the quorum: replays what is committed into images, appends what operations want,
// makes snapshots. One thread (control).
#pragma once
#include <functional>
#include <memory>

#include "record_codec.h"
#include "tributary/control/controller.h"
#include "tributary/control/image_builder.h"
#include "tributary/quorum/single_voter.h"

namespace tributary::control {

class MetadataLog final : public quorum::Listener {
 public:
  // `options` outlives it. Replays, then registers the broker of `options` and unfences it.
  static Result<std::unique_ptr<MetadataLog>> open(const ControllerOptions& options);

  const ImagePtr& image() const { return image_; }
  void on_image(std::function<void(ImagePtr)> listener) { listener_ = std::move(listener); }
  quorum::Quorum& quorum() const { return *quorum_; }

  // One batch; the image has it when this returns.
  Status commit(const RecordList& records, TimestampMs now);
  void tick(TimestampMs now);

  Status on_snapshot(const quorum::SnapshotContent& snapshot) override;
  Status on_commit(const quorum::CommittedBatch& batch) override;
  Status on_read(int16_t kraft_version) override;
  Status on_leader(quorum::LeaderAndEpoch leader) override;

  // The broker goes: out of service in the cluster's eyes until it registers again.
  Status fence_broker();

 private:
  explicit MetadataLog(const ControllerOptions& options);

  Status activate();
  Status abort_open_transaction(TimestampMs now);
  Status register_broker(TimestampMs now);
  Status publish();
  bool snapshot_due(TimestampMs now) const;
  Status take_snapshot(TimestampMs now);

  const ControllerOptions& options_;
  std::unique_ptr<quorum::Quorum> quorum_;
  ImageBuilder builder_;
  ImagePtr image_;
  std::function<void(ImagePtr)> listener_;
  bool replaying_ = true;  // images are published only once the log has been read to its end
  bool failed_ = false;    // a committed record could not be replayed
  Offset last_offset_ = -1;
  LeaderEpoch last_epoch_ = kNoLeaderEpoch;
  TimestampMs last_timestamp_ = 0;
  uint64_t bytes_since_snapshot_ = 0;
  TimestampMs last_snapshot_ = 0;
};

quorum::SingleVoterOptions quorum_options(const ControllerOptions& options);
// The image of a directory that was formatted but never started gets the levels of its bootstrap.checkpoint;
// any other stays.
Status add_formatted_levels(const ControllerOptions& options, ImageBuilder& builder, ImagePtr& image);

}  // namespace tributary::control
