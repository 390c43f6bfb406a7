// The controller of a cluster: turns admin requests into Kafka's metadata records, commits them through the
// quorum, replays them into the image. One thread (control). An operation returns when its records are
// committed, so the thread may block on the metadata log's disk; it is no shard. Answers are the wire's own
// structs; their views point into the request, the image or `arena`, which live until the answer has been
// sent.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tributary/base/clock.h"
#include "tributary/base/random.h"
#include "tributary/config/values.h"
#include "tributary/control/image.h"
#include "tributary/storage/file_system.h"
#include "tributary/storage/log_config.h"
#include "tributary/wire/arena.h"
#include "tributary/wire/error_code.h"
#include "tributary/wire/messages/alter_configs.h"
#include "tributary/wire/messages/alter_partition_reassignments.h"
#include "tributary/wire/messages/create_partitions.h"
#include "tributary/wire/messages/create_topics.h"
#include "tributary/wire/messages/delete_topics.h"
#include "tributary/wire/messages/describe_configs.h"
#include "tributary/wire/messages/describe_quorum.h"
#include "tributary/wire/messages/elect_leaders.h"
#include "tributary/wire/messages/incremental_alter_configs.h"
#include "tributary/wire/messages/list_partition_reassignments.h"
#include "tributary/wire/messages/unregister_broker.h"
#include "tributary/wire/messages/update_features.h"

namespace tributary::control {

struct ControllerOptions {
  storage::FileSystem* fs = nullptr;  // outlives the controller
  std::string directory;              // the log.dir that holds __cluster_metadata-0
  NodeId node_id{1};
  std::string cluster_id;
  Uuid directory_id;
  Uuid incarnation;
  std::vector<EndpointImage> endpoints;  // advertised, by listener
  std::vector<EndpointImage> controller_endpoints;
  std::optional<std::string> rack;
  std::vector<Uuid> log_directories;             // of all log dirs, the one partitions are placed on first
  std::shared_ptr<const config::Values> values;  // static configuration
  const Clock* clock = nullptr;
  Random* random = nullptr;
  bool allow_unenforced_acls = false;
};

struct ProducerIdBlock {
  int64_t first = 0;
  int32_t size = 0;
};

class Controller {
 public:
  // Replays the metadata log (newest snapshot first), starts a new epoch of the quorum of one and registers
  // this broker, unfenced. kUnsupported: records this build does not know, or ACLs that would not be
  // enforced.
  static Result<std::unique_ptr<Controller>> open(ControllerOptions options);
  ~Controller();

  // The static configuration was read anew.
  void set_values(std::shared_ptr<const config::Values> values);
  // The newest committed revision.
  ImagePtr image() const;
  // Called on the control thread after each new revision, before the operation that made it returns.
  void on_image(std::function<void(ImagePtr)> listener);

  wire::CreateTopicsResponse create_topics(const wire::CreateTopicsRequest& request, int16_t version,
                                           wire::Arena& arena);
  wire::DeleteTopicsResponse delete_topics(const wire::DeleteTopicsRequest& request, int16_t version,
                                           wire::Arena& arena);
  wire::CreatePartitionsResponse create_partitions(const wire::CreatePartitionsRequest& request,
                                                   wire::Arena& arena);
  wire::AlterConfigsResponse alter_configs(const wire::AlterConfigsRequest& request, wire::Arena& arena);
  wire::IncrementalAlterConfigsResponse incremental_alter_configs(
      const wire::IncrementalAlterConfigsRequest& request, wire::Arena& arena);
  wire::ElectLeadersResponse elect_leaders(const wire::ElectLeadersRequest& request, int16_t version,
                                           wire::Arena& arena);
  wire::UpdateFeaturesResponse update_features(const wire::UpdateFeaturesRequest& request, int16_t version,
                                               wire::Arena& arena);
  wire::AlterPartitionReassignmentsResponse alter_partition_reassignments(
      const wire::AlterPartitionReassignmentsRequest& request, wire::Arena& arena);
  wire::UnregisterBrokerResponse unregister_broker(const wire::UnregisterBrokerRequest& request,
                                                   wire::Arena& arena);
  wire::DescribeQuorumResponse describe_quorum(const wire::DescribeQuorumRequest& request, int16_t version,
                                               wire::Arena& arena);
  Result<ProducerIdBlock> allocate_producer_ids();

  // Called now and then: snapshots, clean-up of the log and old snapshots, by the limits of Kafka's settings.
  void tick();
  // Fences this broker, so that whoever starts on the directory next need not wait for its session to end.
  Status close();

 private:
  struct Impl;
  explicit Controller(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct SupportedFeature {
  std::string_view name;
  int16_t min_level;
  int16_t max_level;
};
// What this build can be finalized at.
std::span<const SupportedFeature> supported_features();

// Pure functions over an image and the static configuration; any thread.
// Topic level over cluster-wide dynamic default over broker dynamic over static over Kafka's default.
storage::LogConfig resolve_log_config(const Image& image, const config::Values& values, NodeId node,
                                      std::string_view topic);
// The log cleaner's settings on one broker.
struct CleanerConfig {
  bool enabled = true;
  int threads = 1;
  int64_t dedupe_buffer_bytes = 128 << 20;  // of all threads together, as the next one
  int64_t io_buffer_bytes = 512 << 10;
  double load_factor = 0.9;
  double io_bytes_per_second = 0;  // of all threads together
  int64_t backoff_ms = 15'000;
  bool operator==(const CleanerConfig&) const = default;
};
CleanerConfig resolve_cleaner_config(const Image& image, const config::Values& values, NodeId node);
// A number of the broker itself as it is now, dynamic values first.
int64_t broker_number(const Image& image, const config::Values& values, NodeId node, std::string_view name);
// Kafka's answer to DescribeConfigs, whole: sources, synonyms, types, docs, read-only, sensitive.
wire::DescribeConfigsResponse describe_configs(const Image& image, const config::Values& values, NodeId node,
                                               const wire::DescribeConfigsRequest& request, int16_t version,
                                               wire::Arena& arena);
// Reassignments under way; of the partitions asked for, or all.
wire::ListPartitionReassignmentsResponse list_reassignments(
    const Image& image, const wire::ListPartitionReassignmentsRequest& request, wire::Arena& arena);
// Null if `name` may be a topic's name, else why not (KIP-4's rules: length, characters, "." and "..").
std::optional<std::string> topic_name_fault(std::string_view name);
// Topics that brokers keep for themselves: clients may read them but not write, and nobody's wish to write or
// read one makes it.
bool is_internal_topic(std::string_view name);

}  // namespace tributary::control
