#include "create_partitions.h"

#include <fmt/format.h>

#include <unordered_map>

#include "partition_records.h"
#include "placement.h"

namespace tributary::control {
namespace {

using Request = wire::CreatePartitionsRequest;
using Response = wire::CreatePartitionsResponse;
using Topic = Request::CreatePartitionsTopic;
using wire::ErrorCode;

class PartitionCreator {
 public:
  PartitionCreator(const OperationContext& context, const Request& request)
      : context_(context),
        request_(request),
        brokers_(placement_brokers(context.image)),
        versions_(record_versions(metadata_version(context.image))) {}

  Planned<Response> run() {
    for (const Topic& topic : request_.topics) ++times_named_[topic.name];
    Planned<Response> planned;
    for (const Topic& topic : request_.topics) {
      int& times = times_named_[topic.name];
      if (times == kAnswered) continue;
      planned.response.results.push_back(answer(topic, times > 1));
      times = kAnswered;
    }
    if (!request_.validate_only) planned.records = std::move(records_);
    return planned;
  }

 private:
  static constexpr int kAnswered = 0;

  Response::CreatePartitionsTopicResult answer(const Topic& topic, bool duplicate) {
    Response::CreatePartitionsTopicResult result;
    result.name = topic.name;
    set_success(result);
    auto grown = duplicate ? refuse_duplicate() : grow(topic);
    if (!grown) set_fault(result, std::move(grown).error(), context_.arena);
    return result;
  }

  static Checked<void> refuse_duplicate() {
    return refuse(ErrorCode::kInvalidRequest, "Duplicate topic name.");
  }

  Checked<void> grow(const Topic& topic) {
    const TopicPtr existing = context_.image.find_topic(topic.name);
    if (!existing) {
      return refuse(ErrorCode::kUnknownTopicOrPartition, "This server does not host this topic-partition.");
    }
    TRIBUTARY_CHECK(check_count(topic, *existing));
    auto replicas = topic.assignments ? assigned(topic, *existing) : placed(topic, *existing);
    TRIBUTARY_CHECK(replicas);
    int32_t partition = static_cast<int32_t>(existing->partitions.size());
    for (auto& list : *replicas) {
      const auto record =
          partition_record(existing->id, partition++, new_partition(context_, std::move(list)), versions_);
      records_.add(record, versions_.partition);
    }
    return {};
  }

  Checked<void> check_count(const Topic& topic, const TopicImage& existing) const {
    const auto present = static_cast<int64_t>(existing.partitions.size());
    if (present == 0) {
      return refuse(ErrorCode::kUnknownServerError,
                    fmt::format("Invalid state: topic {} appears to have no partitions.", topic.name));
    }
    if (topic.count == present) {
      return refuse(ErrorCode::kInvalidPartitions,
                    fmt::format("Topic already has {} partition(s).", present));
    }
    if (topic.count < present) {
      return refuse(ErrorCode::kInvalidPartitions,
                    fmt::format("The topic {} currently has {} partition(s); {} would not be an increase.",
                                topic.name, present, topic.count));
    }
    const int64_t additional = topic.count - present;
    if (topic.assignments && static_cast<int64_t>(topic.assignments->size()) != additional) {
      return refuse(ErrorCode::kInvalidReplicaAssignment,
                    fmt::format("Attempted to add {} additional partition(s), but only {} assignment(s) were "
                                "specified.",
                                additional, topic.assignments->size()));
    }
    if (static_cast<int64_t>(records_.size()) + additional > kMaxPartitionsPerRequest) {
      return refuse(ErrorCode::kPolicyViolation, "Unable to perform excessively large batch operation.");
    }
    return {};
  }

  Checked<std::vector<std::vector<NodeId>>> assigned(const Topic& topic, const TopicImage& existing) const {
    const size_t factor = existing.partitions.front().replicas.size();
    std::vector<std::vector<NodeId>> all;
    for (const auto& assignment : *topic.assignments) {
      auto replicas = check_assignment(context_.image, assignment.broker_ids, factor);
      TRIBUTARY_CHECK(replicas);
      if (active_of(context_.image, *replicas).empty()) {
        return refuse(
            ErrorCode::kInvalidReplicaAssignment,
            fmt::format("All brokers specified in the manual partition assignment for partition {} are "
                        "fenced or in controlled shutdown.",
                        existing.partitions.size() + all.size()));
      }
      all.push_back(std::move(*replicas));
    }
    return all;
  }

  Checked<std::vector<std::vector<NodeId>>> placed(const Topic& topic, const TopicImage& existing) {
    const auto factor = static_cast<int16_t>(existing.partitions.front().replicas.size());
    const auto additional = topic.count - static_cast<int32_t>(existing.partitions.size());
    auto placed = place_replicas(brokers_, additional, factor, context_.random);
    if (!placed) return refuse(ErrorCode::kInvalidReplicationFactor, placed.error().message);
    return std::move(*placed);
  }

  const OperationContext& context_;
  const Request& request_;
  std::vector<PlacementBroker> brokers_;
  RecordVersions versions_;
  std::unordered_map<std::string_view, int> times_named_;
  RecordList records_;
};

}  // namespace

Planned<Response> plan_create_partitions(const OperationContext& context, const Request& request) {
  return PartitionCreator(context, request).run();
}

}  // namespace tributary::control
