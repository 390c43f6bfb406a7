#include "create_topics.h"

#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>

#include "config_checks.h"
#include "config_view.h"
#include "partition_records.h"
#include "placement.h"
#include "topic_name.h"
#include "tributary/control/controller.h"
#include "update_features.h"

namespace tributary::control {
namespace {

using Request = wire::CreateTopicsRequest;
using Response = wire::CreateTopicsResponse;
using Topic = Request::CreatableTopic;
using TopicResult = Response::CreatableTopicResult;
using wire::ErrorCode;

class TopicCreator {
 public:
  TopicCreator(const OperationContext& context, const Request& request)
      : context_(context),
        request_(request),
        view_(context.image, context.values, context.node),
        brokers_(placement_brokers(context.image)),
        versions_(record_versions(metadata_version(context.image))) {}

  Planned<Response> run() {
    if (auto refused = check_size(); !refused) return all_refused(std::move(refused).error());
    count_names();
    Planned<Response> planned;
    std::unordered_set<std::string_view> answered;
    for (const Topic& topic : request_.topics) {
      if (times_named_[topic.name] > 1 && !answered.insert(topic.name).second) continue;
      planned.response.topics.push_back(create(topic));
    }
    if (records_.size() > kMaxRecordsPerOperation) {
      return all_refused(
          {ErrorCode::kPolicyViolation, "Unable to perform excessively large batch operation."});
    }
    if (!request_.validate_only) planned.records = std::move(records_);
    return planned;
  }

 private:
  Checked<void> check_size() const {
    int64_t partitions = 0;
    for (const Topic& topic : request_.topics) {
      if (!topic.assignments.empty()) {
        partitions += static_cast<int64_t>(topic.assignments.size());
      } else if (topic.num_partitions == -1) {
        partitions += context_.values.get_int("num.partitions");
      } else {
        partitions += std::max(topic.num_partitions, 0);
      }
    }
    if (partitions <= kMaxPartitionsPerRequest) return {};
    return refuse(ErrorCode::kPolicyViolation, "Excessively large number of partitions per request.");
  }

  Planned<Response> all_refused(const ApiFault& fault) {
    Planned<Response> planned;
    for (const Topic& topic : request_.topics) {
      TopicResult result;
      result.name = topic.name;
      set_fault(result, fault, context_.arena);
      planned.response.topics.push_back(std::move(result));
    }
    return planned;
  }

  void count_names() {
    for (const Topic& topic : request_.topics) ++times_named_[topic.name];
  }

  TopicResult create(const Topic& topic) {
    TopicResult result;
    result.name = topic.name;
    set_success(result);
    RecordList records;
    if (auto done = try_create(topic, result, records); !done) {
      result = TopicResult{};
      result.name = topic.name;
      set_fault(result, std::move(done).error(), context_.arena);
      return result;
    }
    records_.append(std::move(records));
    if (has_collision_characters(topic.name)) created_.emplace(collision_prefix(topic.name), topic.name);
    return result;
  }

  Checked<void> try_create(const Topic& topic, TopicResult& result, RecordList& records) {
    TRIBUTARY_CHECK(check_name(topic.name));
    TRIBUTARY_CHECK(check_configs(topic));
    auto partitions = topic.assignments.empty() ? placed_partitions(topic) : assigned_partitions(topic);
    TRIBUTARY_CHECK(partitions);
    const Uuid id = Uuid::generate(context_.random);
    result.topic_id = id;
    result.num_partitions = static_cast<int32_t>(partitions->size());
    result.replication_factor = static_cast<int16_t>(partitions->front().replicas.size());
    add_effective_configs(result);
    write_records(topic, id, *partitions, records);
    return {};
  }

  Checked<void> check_name(std::string_view name) const {
    if (times_named_.at(name) > 1) return refuse(ErrorCode::kInvalidRequest, "Duplicate topic name.");
    if (name == kMetadataTopic) {
      return refuse(ErrorCode::kInvalidRequest,
                    fmt::format("Creation of internal topic {} is prohibited.", kMetadataTopic));
    }
    if (context_.image.find_topic(name)) {
      return refuse(ErrorCode::kTopicAlreadyExists, fmt::format("Topic '{}' already exists.", name));
    }
    if (auto fault = topic_name_fault(name))
      return refuse(ErrorCode::kInvalidTopicException, std::move(*fault));
    if (const auto other = colliding(name)) {
      return refuse(ErrorCode::kInvalidTopicException,
                    fmt::format("Topic '{}' collides with existing topic: {}", name, *other));
    }
    return {};
  }

  std::optional<std::string> colliding(std::string_view name) const {
    if (!has_collision_characters(name)) return std::nullopt;
    const auto earlier = created_.find(collision_prefix(name));
    if (earlier != created_.end()) return std::string(earlier->second);
    return context_.image.find_collision(name);
  }

  Checked<void> check_configs(const Topic& topic) {
    std::string nulls;
    configs_.clear();
    for (const auto& config : topic.configs) {
      if (!config.value) nulls.append(nulls.empty() ? "" : ",").append(config.name);
      if (config.value) configs_.insert_or_assign(std::string(config.name), std::string(*config.value));
    }
    if (!nulls.empty()) {
      return refuse(ErrorCode::kInvalidConfig, "Null value not supported for topic configs: " + nulls);
    }
    return check_topic_configs(configs_, view_);
  }

  Checked<std::vector<PartitionImage>> assigned_partitions(const Topic& topic) {
    if (topic.replication_factor != -1) {
      return refuse(ErrorCode::kInvalidRequest,
                    "A manual partition assignment was specified, but replication factor was not set to -1.");
    }
    if (topic.num_partitions != -1) {
      return refuse(ErrorCode::kInvalidRequest,
                    "A manual partition assignment was specified, but numPartitions was not set to -1.");
    }
    std::map<int32_t, PartitionImage> by_index;
    std::optional<size_t> factor;
    for (const auto& assignment : topic.assignments) {
      TRIBUTARY_CHECK(add_assigned(assignment, factor, by_index));
      factor = assignment.broker_ids.size();
    }
    if (by_index.begin()->first != 0 ||
        by_index.rbegin()->first != static_cast<int32_t>(by_index.size()) - 1) {
      return refuse(ErrorCode::kInvalidReplicaAssignment,
                    "partitions should be a consecutive 0-based integer sequence");
    }
    std::vector<PartitionImage> partitions;
    partitions.reserve(by_index.size());
    for (auto& [index, partition] : by_index) partitions.push_back(std::move(partition));
    return partitions;
  }

  Checked<void> add_assigned(const Request::CreatableReplicaAssignment& assignment,
                             std::optional<size_t> factor, std::map<int32_t, PartitionImage>& by_index) {
    if (by_index.contains(assignment.partition_index)) {
      return refuse(ErrorCode::kInvalidReplicaAssignment,
                    fmt::format("Found multiple manual partition assignments for partition {}",
                                assignment.partition_index));
    }
    auto replicas = check_assignment(context_.image, assignment.broker_ids, factor);
    TRIBUTARY_CHECK(replicas);
    if (active_of(context_.image, *replicas).empty()) {
      return refuse(
          ErrorCode::kInvalidReplicaAssignment,
          fmt::format("All brokers specified in the manual partition assignment for partition {} are fenced "
                      "or in controlled shutdown.",
                      assignment.partition_index));
    }
    by_index.emplace(assignment.partition_index, new_partition(context_, std::move(*replicas)));
    return {};
  }

  Checked<std::vector<PartitionImage>> placed_partitions(const Topic& topic) {
    if (topic.replication_factor < -1 || topic.replication_factor == 0) {
      return refuse(ErrorCode::kInvalidReplicationFactor,
                    "Replication factor must be larger than 0, or -1 to use the default value.");
    }
    if (topic.num_partitions < -1 || topic.num_partitions == 0) {
      return refuse(ErrorCode::kInvalidPartitions,
                    "Number of partitions was set to an invalid non-positive value.");
    }
    const int32_t count =
        topic.num_partitions == -1 ? context_.values.get_int("num.partitions") : topic.num_partitions;
    const int16_t factor = topic.replication_factor == -1
                               ? static_cast<int16_t>(context_.values.get_int("default.replication.factor"))
                               : topic.replication_factor;
    auto placed = place_replicas(brokers_, count, factor, context_.random);
    if (!placed) {
      return refuse(
          ErrorCode::kInvalidReplicationFactor,
          fmt::format("Unable to replicate the partition {} time(s): {}", factor, placed.error().message));
    }
    std::vector<PartitionImage> partitions;
    for (auto& replicas : *placed) partitions.push_back(new_partition(context_, std::move(replicas)));
    return partitions;
  }

  // Set by the level that decides it, as of before the topic exists.
  void add_effective_configs(TopicResult& result) {
    for (const config::TopicSetting& setting : config::topic_settings()) {
      if (setting.name.starts_with("internal.") && !configs_.contains(setting.name)) continue;
      ResolvedConfig resolved = view_.topic_setting(setting, &configs_);
      Response::CreatableTopicConfigs row;
      row.name = setting.name;
      row.value =
          resolved.value ? std::optional(context_.arena.keep(std::move(*resolved.value))) : std::nullopt;
      row.config_source = static_cast<int8_t>(resolved.source);
      row.is_sensitive = setting.type == config::ValueType::kPassword;
      result.configs->push_back(row);
    }
  }

  // In Kafka's order: the topic, its configs, what they change, its partitions.
  void write_records(const Topic& topic, const Uuid& id, const std::vector<PartitionImage>& partitions,
                     RecordList& records) const {
    wire::metadata::TopicRecord created;
    created.name = topic.name;
    created.topic_id = id;
    records.add(created);
    for (const auto& [name, value] : configs_) {
      wire::metadata::ConfigRecord config;
      config.resource_type = static_cast<int8_t>(ResourceType::kTopic);
      config.resource_name = topic.name;
      config.name = name;
      config.value = value;
      records.add(config);
    }
    if (configs_.contains(kMinInsyncReplicas) && elr_enabled(context_.image)) {
      wire::metadata::ClearElrRecord clear;
      clear.topic_name = topic.name;
      records.add(clear);
    }
    for (size_t i = 0; i < partitions.size(); ++i) {
      records.add(partition_record(id, static_cast<int32_t>(i), partitions[i], versions_),
                  versions_.partition);
    }
  }

  const OperationContext& context_;
  const Request& request_;
  ConfigView view_;
  std::vector<PlacementBroker> brokers_;
  RecordVersions versions_;
  std::unordered_map<std::string_view, int> times_named_;
  std::unordered_map<std::string, std::string_view> created_;  // by what would collide
  ConfigMap configs_;                                          // of the topic at hand
  RecordList records_;
};

}  // namespace

Planned<Response> plan_create_topics(const OperationContext& context, const Request& request) {
  return TopicCreator(context, request).run();
}

}  // namespace tributary::control
