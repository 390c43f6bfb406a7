#include "tributary/control/adoption.h"

#include <fmt/format.h>

#include "metadata_log.h"
#include "record_versions.h"
#include "update_features.h"

namespace tributary::control {
namespace {

// Directory ids that Kafka keeps for what is no directory.
constexpr uint8_t kLostDirectory = 2;
constexpr uint8_t kFirstRealDirectory = 100;

std::optional<uint8_t> reserved_number(const Uuid& id) {
  const bool small =
      std::all_of(id.bytes.begin(), id.bytes.end() - 1, [](uint8_t byte) { return byte == 0; });
  if (!small || id.bytes.back() >= kFirstRealDirectory) return std::nullopt;
  return id.bytes.back();
}

class Inquiry {
 public:
  Inquiry(const Image& image, NodeId self, std::span<const Uuid> log_directories)
      : image_(image), self_(self), log_directories_(log_directories) {}

  std::vector<std::string> run() {
    check_levels();
    check_metadata_level();
    check_brokers();
    image_.for_each_topic([&](const TopicPtr& topic) { check_replicas(*topic); });
    tell_of_replicas();
    return std::move(reasons_);
  }

 private:
  void check_levels() {
    std::string features;
    for (const auto& [name, level] : image_.features()) {
      const auto known = std::ranges::find(supported_features(), name, &SupportedFeature::name);
      const int16_t most = known == supported_features().end() ? int16_t{0} : known->max_level;
      if (name != kMetadataVersionFeature && level > most)
        features += fmt::format(" --feature {}={}", name, most);
    }
    if (features.empty()) return;
    reasons_.push_back(fmt::format(
        "the cluster is finalized at levels this build does not serve; while Apache Kafka still runs it: "
        "kafka-features.sh --bootstrap-server {} downgrade{}",
        bootstrap_server(), features));
  }

  // Kafka lowers metadata.version only where no record would be lost, so there may be no way back.
  void check_metadata_level() {
    const int16_t level = metadata_version(image_);
    if (level > kMaxMetadataVersion) {
      reasons_.push_back(fmt::format(
          "metadata.version is {}, this build reads up to {}: it takes a newer build, as Kafka does "
          "not go back to a level with fewer records",
          level, kMaxMetadataVersion));
    } else if (level < kMinMetadataVersion) {
      reasons_.push_back(
          fmt::format("metadata.version is {}; while Apache Kafka still runs the cluster: kafka-features.sh "
                      "--bootstrap-server {} upgrade --feature metadata.version={}",
                      level, bootstrap_server(), kMaxMetadataVersion));
    }
  }

  std::string bootstrap_server() const {
    const auto broker = image_.find_broker(self_);
    if (!broker || broker->endpoints.empty()) return "HOST:PORT";
    return fmt::format("{}:{}", broker->endpoints.front().host, broker->endpoints.front().port);
  }

  void check_brokers() {
    for (const auto& [id, broker] : image_.brokers()) {
      if (id == self_ || broker->fenced) continue;
      reasons_.push_back(fmt::format(
          "broker {} is registered and not fenced: this build serves clusters of one node; move its "
          "replicas to broker {}, stop it and unregister it (kafka-cluster.sh unregister --id {})",
          raw(id), raw(self_), raw(id)));
    }
  }

  void check_replicas(const TopicImage& topic) {
    for (size_t i = 0; i < topic.partitions.size(); ++i) {
      const PartitionImage& partition = topic.partitions[i];
      if (partition.replicas != std::vector<NodeId>{self_}) {
        remember(elsewhere_, topic, i);
      } else if (!has_directory(partition)) {
        remember(homeless_, topic, i);
      }
    }
  }

  bool has_directory(const PartitionImage& partition) const {
    const Uuid& id = partition.directories.front();
    if (const auto reserved = reserved_number(id)) return *reserved != kLostDirectory;
    return std::ranges::find(log_directories_, id) != log_directories_.end();
  }

  struct Counted {
    std::string first;
    size_t count = 0;
  };
  static void remember(Counted& counted, const TopicImage& topic, size_t index) {
    if (counted.count++ == 0) counted.first = fmt::format("{}-{}", topic.name, index);
  }

  void tell_of_replicas() {
    if (elsewhere_.count > 0) {
      reasons_.push_back(
          fmt::format("{} partitions have replicas on other nodes than broker {}, {} for one: this build "
                      "serves clusters of "
                      "one node; reassign them to broker {} alone (kafka-reassign-partitions.sh)",
                      elsewhere_.count, raw(self_), elsewhere_.first, raw(self_)));
    }
    if (homeless_.count > 0) {
      reasons_.push_back(fmt::format(
          "{} partitions lie in a log directory that is offline or not among log.dirs, {} for one: "
          "name all directories of the node in log.dirs",
          homeless_.count, homeless_.first));
    }
  }

  const Image& image_;
  NodeId self_;
  std::span<const Uuid> log_directories_;
  std::vector<std::string> reasons_;
  Counted elsewhere_;
  Counted homeless_;
};

// Takes what the directory holds and then refuses, so that the quorum goes no further.
class Reader final : public quorum::Listener {
 public:
  explicit Reader(const ControllerOptions& options) : options_(options), builder_(ReplayOptions{true}) {}

  Status on_snapshot(const quorum::SnapshotContent& snapshot) override {
    builder_.reset();
    for (const ByteView value : snapshot.values) TRIBUTARY_TRY(builder_.apply(value));
    last_offset_ = snapshot.end.offset - 1;
    last_epoch_ = snapshot.end.epoch;
    return {};
  }
  Status on_commit(const quorum::CommittedBatch& batch) override {
    for (const ByteView value : batch.values) TRIBUTARY_TRY(builder_.apply(value));
    last_offset_ = batch.last_offset;
    last_epoch_ = batch.epoch;
    return {};
  }
  Status on_read(int16_t kraft_version) override {
    found_.kraft_version = kraft_version;
    TRIBUTARY_ASSIGN(found_.image, builder_.publish(last_offset_, last_epoch_));
    TRIBUTARY_TRY(add_formatted_levels(options_, builder_, found_.image));
    read_ = true;
    return fail(Errc::kBusy, "only read");
  }
  Status on_leader(quorum::LeaderAndEpoch) override { return {}; }

  bool read() const { return read_; }
  FoundMetadata take() { return std::move(found_); }

 private:
  const ControllerOptions& options_;
  ImageBuilder builder_;
  FoundMetadata found_;
  Offset last_offset_ = -1;
  LeaderEpoch last_epoch_ = kNoLeaderEpoch;
  bool read_ = false;
};

}  // namespace

Result<FoundMetadata> read_metadata(const ControllerOptions& options) {
  Reader reader(options);
  const auto opened = quorum::open_single_voter(quorum_options(options), reader);
  if (reader.read()) return reader.take();
  return tl::unexpected<Error>(opened.error());
}

std::vector<std::string> reasons_against(const Image& image, NodeId self,
                                         std::span<const Uuid> log_directories) {
  return Inquiry(image, self, log_directories).run();
}

}  // namespace tributary::control
