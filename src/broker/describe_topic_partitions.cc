// DescribeTopicPartitions: pages through partitions by a cursor (KIP-966).
#include <algorithm>
#include <set>

#include "access.h"
#include "handlers.h"
#include "node_numbers.h"
#include "shard.h"

namespace tributary::broker {
namespace {

using wire::ErrorCode;
using Response = wire::DescribeTopicPartitionsResponse;

// Fills one answer up to the limit; the cursor says where the next one goes on.
class Pager {
 public:
  Pager(const control::Image& image, Response& response, size_t limit)
      : image_(image), response_(response), left_(limit) {}

  // False: the page is full.
  bool add(const control::TopicPtr& topic, int32_t from) {
    if (left_ == 0) return stop(topic->name, from);
    auto& answer = response_.topics.emplace_back();
    answer.name = topic->name;
    answer.topic_id = topic->id;
    answer.is_internal = control::is_internal_topic(topic->name);
    answer.topic_authorized_operations = kAllTopicOperations;
    for (auto i = static_cast<size_t>(from); i < topic->partitions.size(); ++i) {
      if (left_ == 0) return stop(topic->name, static_cast<int32_t>(i));
      --left_;
      answer.partitions.push_back(describe(topic->partitions[i], static_cast<int32_t>(i)));
    }
    return true;
  }

  void add_missing(std::string_view name) {
    auto& answer = response_.topics.emplace_back();
    answer.name = name;
    answer.error_code = control::topic_name_fault(name) ? ErrorCode::kInvalidTopicException
                                                        : ErrorCode::kUnknownTopicOrPartition;
    answer.topic_authorized_operations = kAllTopicOperations;
  }

 private:
  bool stop(std::string_view topic, int32_t partition) {
    response_.next_cursor.emplace();
    response_.next_cursor->topic_name = topic;
    response_.next_cursor->partition_index = partition;
    return false;
  }

  Response::DescribeTopicPartitionsResponsePartition describe(const control::PartitionImage& state,
                                                              int32_t index) const {
    Response::DescribeTopicPartitionsResponsePartition shown;
    shown.partition_index = index;
    const auto leader = image_.find_broker(state.leader);
    shown.error_code = leader && !leader->fenced ? ErrorCode::kNone : ErrorCode::kLeaderNotAvailable;
    shown.leader_id = raw(state.leader);
    shown.leader_epoch = raw(state.leader_epoch);
    shown.replica_nodes = node_numbers(state.replicas);
    shown.isr_nodes = node_numbers(state.isr);
    shown.eligible_leader_replicas = node_numbers(state.eligible_leader_replicas);
    shown.last_known_elr = node_numbers(state.last_known_elr);
    for (NodeId node : state.replicas) {
      const auto broker = image_.find_broker(node);
      if (!broker || broker->fenced) shown.offline_replicas.push_back(raw(node));
    }
    return shown;
  }

  const control::Image& image_;
  Response& response_;
  size_t left_;
};

Response refuse(const wire::DescribeTopicPartitionsRequest& message) {
  Response response;
  for (const auto& asked : message.topics) {
    auto& answer = response.topics.emplace_back();
    answer.name = asked.name;
    answer.error_code = ErrorCode::kInvalidRequest;
  }
  return response;
}

}  // namespace

Response describe_topic_partitions(Request& request, const wire::DescribeTopicPartitionsRequest& message) {
  if (message.cursor && message.cursor->partition_index < 0) return refuse(message);
  const auto& image = *request.shard().image();
  Response response;
  const int most = request.context().limits.max_partitions_per_answer;
  Pager pager(image, response, static_cast<size_t>(std::clamp(message.response_partition_limit, 1, most)));
  const std::string_view first = message.cursor ? message.cursor->topic_name : std::string_view{};
  const int32_t first_partition = message.cursor ? message.cursor->partition_index : 0;
  const auto start_of = [&](std::string_view name) { return name == first ? first_partition : 0; };
  if (message.topics.empty()) {
    for (auto topic = image.topic_at_or_after(first); topic;) {
      if (!pager.add(topic, start_of(topic->name))) break;
      topic = image.topic_at_or_after(topic->name + '\0');
    }
    return response;
  }
  std::set<std::string_view> names;
  for (const auto& asked : message.topics) names.insert(asked.name);
  for (auto name = names.lower_bound(first); name != names.end(); ++name) {
    const auto topic = image.find_topic(*name);
    if (!topic) {
      pager.add_missing(*name);
    } else if (!pager.add(topic, start_of(*name))) {
      break;
    }
  }
  return response;
}

}  // namespace tributary::broker
