#include <fmt/format.h>

#include "replay_handlers.h"
#include "topic_name.h"

namespace tributary::control {
namespace {

std::vector<NodeId> node_ids(const std::vector<int32_t>& ids) {
  std::vector<NodeId> nodes;
  nodes.reserve(ids.size());
  for (const int32_t id : ids) nodes.push_back(NodeId{id});
  return nodes;
}

std::vector<NodeId> node_ids(const std::optional<std::vector<int32_t>>& ids) {
  return ids ? node_ids(*ids) : std::vector<NodeId>{};
}

void assign_if(const std::optional<std::vector<int32_t>>& from, std::vector<NodeId>& to) {
  if (from) to = node_ids(*from);
}

tl::unexpected<Error> unknown_topic(const Uuid& id) {
  return fail(Errc::kCorruption,
              "a metadata record names topic " + id.to_string() + ", which does not exist");
}

tl::unexpected<Error> without_replicas(const TopicImage& topic, int32_t partition) {
  return fail(Errc::kCorruption,
              fmt::format("a metadata record leaves partition {} of topic {} without replicas", partition,
                          topic.name));
}

// Records from before directories were recorded: the zero id says "somewhere on that broker".
void fit_directories(PartitionImage& partition) { partition.directories.resize(partition.replicas.size()); }

PartitionImage partition_of(const wire::metadata::PartitionRecord& record) {
  PartitionImage partition;
  partition.replicas = node_ids(record.replicas);
  partition.directories = record.directories;
  partition.isr = node_ids(record.isr);
  partition.removing_replicas = node_ids(record.removing_replicas);
  partition.adding_replicas = node_ids(record.adding_replicas);
  partition.eligible_leader_replicas = node_ids(record.eligible_leader_replicas);
  partition.last_known_elr = node_ids(record.last_known_elr);
  partition.leader = NodeId{record.leader};
  partition.leader_epoch = LeaderEpoch{record.leader_epoch};
  partition.partition_epoch = record.partition_epoch;
  partition.recovering = record.leader_recovery_state == 1;
  fit_directories(partition);
  return partition;
}

constexpr int32_t kLeaderUnchanged = -2;

template <typename Number>
Number next_epoch(Number epoch) {
  return epoch == std::numeric_limits<Number>::max() ? epoch : epoch + 1;
}

void change_partition(PartitionImage& partition, const wire::metadata::PartitionChangeRecord& record) {
  assign_if(record.replicas, partition.replicas);
  assign_if(record.isr, partition.isr);
  assign_if(record.removing_replicas, partition.removing_replicas);
  assign_if(record.adding_replicas, partition.adding_replicas);
  assign_if(record.eligible_leader_replicas, partition.eligible_leader_replicas);
  assign_if(record.last_known_elr, partition.last_known_elr);
  if (record.directories) partition.directories = *record.directories;
  fit_directories(partition);
  if (record.leader != kLeaderUnchanged) {
    partition.leader = NodeId{record.leader};
    partition.leader_epoch = LeaderEpoch{next_epoch(raw(partition.leader_epoch))};
  }
  if (record.leader_recovery_state >= 0) partition.recovering = record.leader_recovery_state == 1;
  partition.partition_epoch = next_epoch(partition.partition_epoch);
}

void clear_elr(TopicImage& topic) {
  for (PartitionImage& partition : topic.partitions) {
    if (partition.eligible_leader_replicas.empty() && partition.last_known_elr.empty()) continue;
    partition.eligible_leader_replicas.clear();
    partition.last_known_elr.clear();
    partition.partition_epoch = next_epoch(partition.partition_epoch);
  }
}

bool has_elr(const TopicImage& topic) {
  return std::any_of(topic.partitions.begin(), topic.partitions.end(), [](const PartitionImage& partition) {
    return !partition.eligible_leader_replicas.empty() || !partition.last_known_elr.empty();
  });
}

}  // namespace

TopicImage* ImageBuilder::edit_topic(const Uuid& id) {
  if (const auto open = open_topics_.find(id); open != open_topics_.end()) return open->second.get();
  const TopicPtr* found = state_.topics_by_id_.find(id);
  if (found == nullptr) return nullptr;
  auto copy = std::make_shared<TopicImage>(**found);
  TopicImage* topic = copy.get();
  put_topic(std::move(copy));
  return topic;
}

void ImageBuilder::put_topic(std::shared_ptr<TopicImage> topic) {
  state_.topics_by_name_.set(topic->name, topic);
  state_.topics_by_id_.set(topic->id, topic);
  open_topics_[topic->id] = std::move(topic);
}

void ImageBuilder::count(const PartitionImage& partition, int64_t sign) {
  const auto add = [&](NodeId id, int64_t leaders, int64_t replicas) {
    BrokerLoad& load = state_.loads_[id];
    load.leaders += leaders;
    load.replicas += replicas;
    if (load == BrokerLoad{}) state_.loads_.erase(id);
  };
  for (const NodeId id : partition.replicas) add(id, 0, sign);
  if (partition.leader != kNoNode) add(partition.leader, sign, 0);
}

void ImageBuilder::place_waiting(TopicImage& topic) {
  const auto next = [&] { return waiting_.find({topic.id, static_cast<int32_t>(topic.partitions.size())}); };
  for (auto found = next(); found != waiting_.end(); found = next()) {
    count(found->second, 1);
    topic.partitions.push_back(std::move(found->second));
    ++state_.partition_count_;
    waiting_.erase(found);
  }
}

Status ImageBuilder::Handlers::on(ImageBuilder& builder, const wire::metadata::TopicRecord& record) {
  Image& state = builder.state_;
  if (state.topics_by_name_.find(record.name) || state.topics_by_id_.find(record.topic_id)) {
    return fail(Errc::kCorruption, fmt::format("the metadata log makes topic {} twice", record.name));
  }
  auto topic = std::make_shared<TopicImage>();
  topic->name = record.name;
  topic->id = record.topic_id;
  if (has_collision_characters(topic->name)) {
    state.collision_keys_.set(collision_prefix(topic->name) + topic->name, true);
  }
  builder.put_topic(std::move(topic));
  return {};
}

Status ImageBuilder::Handlers::on(ImageBuilder& builder, const wire::metadata::PartitionRecord& record) {
  TopicImage* topic = builder.edit_topic(record.topic_id);
  if (topic == nullptr) return unknown_topic(record.topic_id);
  if (record.replicas.empty()) return without_replicas(*topic, record.partition_id);
  if (record.partition_id < 0) {
    return fail(Errc::kCorruption, "a metadata record has a negative partition number");
  }
  const size_t index = static_cast<size_t>(record.partition_id);
  if (index < topic->partitions.size()) {
    builder.count(topic->partitions[index], -1);
    topic->partitions[index] = partition_of(record);
    builder.count(topic->partitions[index], 1);
    return {};
  }
  builder.waiting_.insert_or_assign({record.topic_id, record.partition_id}, partition_of(record));
  builder.place_waiting(*topic);
  return {};
}

Status ImageBuilder::Handlers::on(ImageBuilder& builder,
                                  const wire::metadata::PartitionChangeRecord& record) {
  TopicImage* topic = builder.edit_topic(record.topic_id);
  if (topic == nullptr) return unknown_topic(record.topic_id);
  const size_t index = static_cast<size_t>(record.partition_id);
  if (record.partition_id < 0 || index >= topic->partitions.size()) {
    return fail(Errc::kCorruption,
                fmt::format("a metadata record changes partition {} of topic {}, which has {}",
                            record.partition_id, topic->name, topic->partitions.size()));
  }
  if (record.replicas && record.replicas->empty()) return without_replicas(*topic, record.partition_id);
  builder.count(topic->partitions[index], -1);
  change_partition(topic->partitions[index], record);
  builder.count(topic->partitions[index], 1);
  return {};
}

Status ImageBuilder::Handlers::on(ImageBuilder& builder, const wire::metadata::RemoveTopicRecord& record) {
  Image& state = builder.state_;
  const TopicPtr* found = state.topics_by_id_.find(record.topic_id);
  if (found == nullptr) return unknown_topic(record.topic_id);
  const TopicPtr topic = *found;
  state.topics_by_id_.erase(topic->id);
  state.topics_by_name_.erase(topic->name);
  state.collision_keys_.erase(collision_prefix(topic->name) + topic->name);
  state.configs_.erase(ConfigResource{ResourceType::kTopic, topic->name});
  for (const PartitionImage& partition : topic->partitions) builder.count(partition, -1);
  state.partition_count_ -= topic->partitions.size();
  builder.open_topics_.erase(topic->id);
  std::erase_if(builder.waiting_, [&](const auto& entry) { return entry.first.first == topic->id; });
  return {};
}

Status ImageBuilder::Handlers::on(ImageBuilder& builder, const wire::metadata::ClearElrRecord& record) {
  if (!record.topic_name.empty()) {
    const TopicPtr topic = builder.state_.find_topic(record.topic_name);
    if (!topic)
      return fail(Errc::kCorruption,
                  fmt::format("a metadata record clears the eligible leaders of {}, which does not exist",
                              record.topic_name));
    if (has_elr(*topic)) clear_elr(*builder.edit_topic(topic->id));
    return {};
  }
  std::vector<Uuid> affected;
  builder.state_.for_each_topic([&](const TopicPtr& topic) {
    if (has_elr(*topic)) affected.push_back(topic->id);
  });
  for (const Uuid& id : affected) clear_elr(*builder.edit_topic(id));
  return {};
}

}  // namespace tributary::control
