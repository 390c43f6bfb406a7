// The cluster's state as replayed from the metadata log: immutable once published, one object per revision,
// shared by all shards. Parts that did not change are shared with the revision before, so a change costs by
// its own size. Any thread may read; only ImageBuilder (control thread) makes new ones.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tributary/base/ids.h"
#include "tributary/base/uuid.h"
#include "tributary/control/persistent_map.h"

namespace tributary::control {

struct PartitionImage {
  std::vector<NodeId> replicas;
  std::vector<Uuid> directories;  // parallel to replicas
  std::vector<NodeId> isr;
  std::vector<NodeId> removing_replicas;
  std::vector<NodeId> adding_replicas;
  std::vector<NodeId> eligible_leader_replicas;
  std::vector<NodeId> last_known_elr;
  NodeId leader = kNoNode;
  LeaderEpoch leader_epoch{0};
  int32_t partition_epoch = 0;
  bool recovering = false;  // LeaderRecoveryState
  bool operator==(const PartitionImage&) const = default;
};

struct TopicImage {
  std::string name;
  Uuid id;
  std::vector<PartitionImage> partitions;  // index = partition id
  bool operator==(const TopicImage&) const = default;
};
using TopicPtr = std::shared_ptr<const TopicImage>;

struct EndpointImage {
  std::string listener;
  std::string host;
  uint16_t port = 0;
  int16_t security_protocol = 0;  // 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL
  bool operator==(const EndpointImage&) const = default;
};

// A range of levels a broker has registered.
struct FeatureRange {
  std::string name;
  int16_t min_level = 0;
  int16_t max_level = 0;
  bool operator==(const FeatureRange&) const = default;
};

struct BrokerImage {
  NodeId id = kNoNode;
  int64_t epoch = -1;
  Uuid incarnation;
  std::vector<EndpointImage> endpoints;
  std::optional<std::string> rack;
  bool fenced = true;
  bool in_controlled_shutdown = false;
  std::vector<Uuid> log_directories;
  std::vector<FeatureRange> features;
  std::optional<std::vector<Uuid>> cordoned_directories;  // null until the broker has said
  bool is_migrating_zk_broker = false;
  // Neither gone nor on its way out: may be a leader and in an ISR.
  bool active() const { return !fenced && !in_controlled_shutdown; }
  bool operator==(const BrokerImage&) const = default;
};

// How much stands on a broker; what placement goes by.
struct BrokerLoad {
  int64_t leaders = 0;
  int64_t replicas = 0;
  bool operator==(const BrokerLoad&) const = default;
};

enum class ResourceType : int8_t {
  kTopic = 2,
  kBroker = 4,
  kBrokerLogger = 8,
  kClientMetrics = 16,
  kGroup = 32
};

struct ConfigResource {
  ResourceType type;
  std::string name;  // broker: node id, or "" for the cluster-wide default
  auto operator<=>(const ConfigResource&) const = default;
};
using ConfigMap = std::map<std::string, std::string, std::less<>>;

// Records this build has no use for yet (quotas, credentials, tokens, ACLs, controllers), as they stood in
// the log, so that the next snapshot loses nothing: by type and by what identifies them within it.
struct KeptKey {
  uint16_t type = 0;
  std::string identity;
  auto operator<=>(const KeptKey&) const = default;
};
using KeptRecords = PersistentMap<KeptKey, std::string>;

// One revision.
class Image {
 public:
  Offset offset() const { return offset_; }  // last applied record, -1 for none
  LeaderEpoch epoch() const { return epoch_; }

  TopicPtr find_topic(std::string_view name) const;
  TopicPtr find_topic(const Uuid& id) const;
  size_t topic_count() const;
  size_t partition_count() const { return partition_count_; }
  // In order of name.
  void for_each_topic(const std::function<void(const TopicPtr&)>& visit) const;
  // The first topic whose name is not less than `name`; null at the end. For paging.
  TopicPtr topic_at_or_after(std::string_view name) const;

  const std::map<NodeId, std::shared_ptr<const BrokerImage>>& brokers() const { return *brokers_; }
  std::shared_ptr<const BrokerImage> find_broker(NodeId id) const;

  BrokerLoad load(NodeId id) const;

  // Null if the resource has none.
  const ConfigMap* find_config(ResourceType type, std::string_view name) const;
  const std::map<std::string, int16_t, std::less<>>& features() const { return *features_; }
  int64_t next_producer_id() const { return next_producer_id_; }
  const PersistentMap<ConfigResource, std::shared_ptr<const ConfigMap>>& configs() const { return configs_; }
  const KeptRecords& kept_records() const { return kept_; }

  // A topic other than `name` itself whose name differs from it only in '.' for '_': metric names would be
  // the same.
  std::optional<std::string> find_collision(std::string_view name) const;
  // What differs between two revisions, without a look at what does not. Topics by id: one of the same name
  // made anew is one that went (`after` null) and one that came (`before` null).
  static void for_each_topic_change(
      const Image& before, const Image& after,
      const std::function<void(const TopicPtr& before, const TopicPtr& after)>& visit);
  static void for_each_config_change(const Image& before, const Image& after,
                                     const std::function<void(const ConfigResource&)>& visit);
  // All of the state alike, offset and epoch aside.
  bool same_state(const Image& other) const;

 private:
  friend class ImageBuilder;
  // Topics by name and by id; see persistent_map.h.
  PersistentMap<std::string, TopicPtr> topics_by_name_;
  PersistentMap<Uuid, TopicPtr> topics_by_id_;
  using Brokers = std::map<NodeId, std::shared_ptr<const BrokerImage>>;
  using Features = std::map<std::string, int16_t, std::less<>>;
  std::shared_ptr<const Brokers> brokers_ = std::make_shared<const Brokers>();
  PersistentMap<ConfigResource, std::shared_ptr<const ConfigMap>> configs_;
  std::shared_ptr<const Features> features_ = std::make_shared<const Features>();
  // "<name with _ for .>\0<name>" of every topic with such a character.
  PersistentMap<std::string, bool> collision_keys_;
  KeptRecords kept_;
  std::map<NodeId, BrokerLoad> loads_;  // of brokers that hold something
  int64_t next_producer_id_ = 0;
  size_t partition_count_ = 0;
  Offset offset_ = -1;
  LeaderEpoch epoch_ = kNoLeaderEpoch;
};
using ImagePtr = std::shared_ptr<const Image>;

}  // namespace tributary::control
