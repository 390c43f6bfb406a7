// Metadata, DescribeTopicPartitions, DescribeCluster: what the image says, with the addresses of the listener
// asked.
#include <algorithm>
#include <set>

#include "access.h"
#include "endpoint.h"
#include "handlers.h"
#include "node_numbers.h"
#include "partition_manager.h"
#include "shard.h"

namespace tributary::broker {
namespace {

using wire::ErrorCode;
using Topic = wire::MetadataResponse::MetadataResponseTopic;

constexpr int16_t kFirstVersionById = 12;
constexpr int8_t kControllers = 2;  // DescribeCluster's endpoint type

// What a request needs to know of brokers, found out once for all of its partitions.
class Nodes {
 public:
  Nodes(const control::Image& image, std::string_view listener, int16_t version) {
    for (const auto& [id, broker] : image.brokers()) {
      if (broker->fenced) continue;
      const ErrorCode unreachable =
          version >= 6 ? ErrorCode::kListenerNotFound : ErrorCode::kLeaderNotAvailable;
      alive_.emplace_back(id, endpoint_on(*broker, listener) != nullptr ? ErrorCode::kNone : unreachable);
    }
  }
  ErrorCode leader_error(NodeId leader) const {
    const auto found = find(leader);
    return found == alive_.end() ? ErrorCode::kLeaderNotAvailable : found->second;
  }
  std::vector<int32_t> offline(const std::vector<NodeId>& replicas) const {
    std::vector<int32_t> numbers;
    for (const NodeId node : replicas) {
      if (find(node) == alive_.end()) numbers.push_back(raw(node));
    }
    return numbers;
  }

 private:
  using Alive = std::vector<std::pair<NodeId, ErrorCode>>;  // by id
  Alive::const_iterator find(NodeId node) const {
    const auto at = std::ranges::lower_bound(alive_, node, {}, &Alive::value_type::first);
    return at != alive_.end() && at->first == node ? at : alive_.end();
  }

  Alive alive_;
};

void fill_partitions(Topic& answer, const control::TopicImage& topic, const Nodes& nodes) {
  answer.partitions.reserve(topic.partitions.size());
  for (size_t i = 0; i < topic.partitions.size(); ++i) {
    const control::PartitionImage& state = topic.partitions[i];
    auto& shown = answer.partitions.emplace_back();
    shown.partition_index = static_cast<int32_t>(i);
    shown.error_code = nodes.leader_error(state.leader);
    shown.leader_id = shown.error_code == ErrorCode::kNone ? raw(state.leader) : -1;
    shown.leader_epoch = raw(state.leader_epoch);
    shown.replica_nodes = node_numbers(state.replicas);
    shown.isr_nodes = node_numbers(state.isr);
    shown.offline_replicas = nodes.offline(state.replicas);
  }
}

Topic describe(const control::TopicImage& topic, const Nodes& nodes, bool with_operations) {
  Topic answer;
  answer.name = topic.name;
  answer.topic_id = topic.id;
  answer.is_internal = control::is_internal_topic(topic.name);
  fill_partitions(answer, topic, nodes);
  if (with_operations) answer.topic_authorized_operations = kAllTopicOperations;
  return answer;
}

Topic missing(std::optional<std::string_view> name, const Uuid& id, ErrorCode error) {
  Topic answer;
  answer.name = name;
  answer.topic_id = id;
  answer.error_code = error;
  answer.is_internal = name && control::is_internal_topic(*name);
  return answer;
}

bool wants_all(const wire::MetadataRequest& message, int16_t version) {
  return !message.topics || (version == 0 && message.topics->empty());
}

// One id is enough: what has none is then left out, as in Kafka.
bool asks_by_id(const wire::MetadataRequest& message) {
  return message.topics &&
         std::ranges::any_of(*message.topics, [](const auto& asked) { return !asked.topic_id.is_zero(); });
}

// Versions 10 and 11 have the field, but not the meaning.
bool refused_by_version(const wire::MetadataRequest& message, int16_t version) {
  if (version < 10 || version >= kFirstVersionById || !message.topics) return false;
  return asks_by_id(message) ||
         std::ranges::any_of(*message.topics, [](const auto& asked) { return !asked.name; });
}

void refuse_all(Request& request, const wire::MetadataRequest& message) {
  wire::MetadataResponse response;
  for (const auto& asked : *message.topics) {
    response.topics.push_back(missing(asked.name.value_or(""), asked.topic_id, ErrorCode::kInvalidRequest));
  }
  request.count_error();
  request.respond(response);
}

// Topics named that do not exist and may be made; an internal one only its coordinator makes, as it must have
// that one's partition count.
std::vector<std::string> to_create(const Request& request, const control::Image& image,
                                   const wire::MetadataRequest& message, bool enabled) {
  std::vector<std::string> names;
  if (!enabled || asks_by_id(message) || (!message.allow_auto_topic_creation && request.version() >= 4) ||
      wants_all(message, request.version())) {
    return names;
  }
  for (const auto& asked : *message.topics) {
    if (!asked.name || image.find_topic(*asked.name) || control::is_internal_topic(*asked.name)) continue;
    if (!control::topic_name_fault(*asked.name)) names.emplace_back(*asked.name);
  }
  return names;
}

void fill_cluster(wire::MetadataResponse& response, Request& request, const control::Image& image,
                  std::string_view listener) {
  for (const auto& [id, broker] : image.brokers()) {
    const auto* endpoint = endpoint_on(*broker, listener);
    if (broker->fenced || endpoint == nullptr) continue;
    auto& shown = response.brokers.emplace_back();
    shown.node_id = raw(id);
    shown.host = endpoint->host;
    shown.port = endpoint->port;
    if (broker->rack) shown.rack = *broker->rack;
  }
  response.cluster_id = request.context().cluster_id;
  response.controller_id = response.brokers.empty() ? -1 : raw(request.context().node_id);
}

using Faults = std::map<std::string, ErrorCode, std::less<>>;

void fill_topics(wire::MetadataResponse& response, const Request& request, const control::Image& image,
                 const wire::MetadataRequest& message, std::string_view listener, const Faults& faults) {
  const int16_t version = request.version();
  const bool operations = message.include_topic_authorized_operations;
  const Nodes nodes(image, listener, version);
  if (wants_all(message, version)) {
    response.topics.reserve(image.topic_count());
    image.for_each_topic([&](const control::TopicPtr& topic) {
      response.topics.push_back(describe(*topic, nodes, operations));
    });
    return;
  }
  if (asks_by_id(message)) {
    std::set<Uuid> seen_ids;
    for (const auto& asked : *message.topics) {
      if (asked.topic_id.is_zero() || !seen_ids.insert(asked.topic_id).second) continue;
      const auto topic = image.find_topic(asked.topic_id);
      response.topics.push_back(topic ? describe(*topic, nodes, operations)
                                      : missing(std::nullopt, asked.topic_id, ErrorCode::kUnknownTopicId));
    }
    return;
  }
  std::set<std::string_view> seen;
  for (const auto& asked : *message.topics) {
    if (!asked.name) {
      if (response.topics.empty() || response.topics.back().name) {
        response.topics.push_back(missing(std::nullopt, {}, ErrorCode::kUnknownTopicId));
      }
      continue;
    }
    if (!seen.insert(*asked.name).second) continue;
    if (const auto topic = image.find_topic(*asked.name)) {
      response.topics.push_back(describe(*topic, nodes, operations));
      continue;
    }
    const auto fault = faults.find(*asked.name);
    const ErrorCode unknown = control::topic_name_fault(*asked.name) ? ErrorCode::kInvalidTopicException
                              : fault != faults.end()                ? fault->second
                                                                     : ErrorCode::kUnknownTopicOrPartition;
    response.topics.push_back(missing(asked.name, {}, unknown));
    if (operations) response.topics.back().topic_authorized_operations = kAllTopicOperations;
  }
}

wire::MetadataResponse make_answer(Request& request, const control::Image& image,
                                   const wire::MetadataRequest& message, const Faults& faults) {
  const std::string& listener = request.connection().listener().name;
  wire::MetadataResponse response;
  fill_cluster(response, request, image, listener);
  fill_topics(response, request, image, message, listener, faults);
  if (message.include_cluster_authorized_operations)
    response.cluster_authorized_operations = kAllClusterOperations;
  return response;
}

void answer_metadata(Request& request, const wire::MetadataRequest& message, const Faults& faults) {
  const control::ImagePtr image = request.shard().image();
  const int16_t version = request.version();
  if (!wants_all(message, version)) return request.respond(make_answer(request, *image, message, faults));
  MetadataCache& cache = request.shard().metadata_cache();
  const MetadataCache::Question question{version, &request.connection().listener(),
                                         message.include_topic_authorized_operations,
                                         message.include_cluster_authorized_operations};
  MetadataCache::Answer answer = cache.find(image, question);
  if (!answer) {
    wire::Writer writer;
    make_answer(request, *image, message, faults).encode(writer, version);
    answer = std::make_shared<const std::vector<uint8_t>>(std::move(writer.buffer()));
    cache.keep(image, question, answer);
  }
  request.respond_encoded(*answer, answer);
}

// On the control thread: makes what is missing, remembers what could not be made.
Faults create_missing(BrokerContext& context, const std::vector<std::string>& names) {
  wire::CreateTopicsRequest creation;
  for (const std::string& name : names) {
    auto& topic = creation.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = -1;
    topic.replication_factor = -1;
  }
  wire::Arena arena;
  Faults faults;
  const auto made =
      context.controller->create_topics(creation, wire::CreateTopicsRequest::kMaxVersion, arena);
  for (const auto& topic : made.topics) {
    if (topic.error_code == ErrorCode::kNone || topic.error_code == ErrorCode::kTopicAlreadyExists) continue;
    faults.emplace(topic.name, topic.error_code);
  }
  return faults;
}

}  // namespace

void metadata(RequestPtr request, const wire::MetadataRequest& message) {
  BrokerContext& context = request->context();
  if (refused_by_version(message, request->version())) return refuse_all(*request, message);
  auto names = to_create(*request, *request->shard().image(), message, context.auto_create_topics);
  if (names.empty()) return answer_metadata(*request, message, {});
  boost::asio::post(context.control, [&context, request = std::move(request),
                                      asked = wire::MetadataRequest(message), names]() mutable {
    auto faults = create_missing(context, names);
    context.partitions->when_current(
        [request = std::move(request), asked = std::move(asked), faults = std::move(faults)]() mutable {
          Shard& home = request->shard();
          home.post([request = std::move(request), asked = std::move(asked), faults = std::move(faults)] {
            answer_metadata(*request, asked, faults);
          });
        });
  });
}

wire::DescribeClusterResponse describe_cluster(Request& request,
                                               const wire::DescribeClusterRequest& message) {
  const auto& image = *request.shard().image();
  const std::string& listener = request.connection().listener().name;
  wire::DescribeClusterResponse response;
  if (message.endpoint_type != response.endpoint_type) {
    const bool controllers = message.endpoint_type == kControllers;
    response.error_code =
        controllers ? ErrorCode::kMismatchedEndpointType : ErrorCode::kUnsupportedEndpointType;
    response.error_message =
        controllers ? "This listener serves brokers, not controllers" : "No such type of endpoints";
    return response;
  }
  response.cluster_id = request.context().cluster_id;
  response.controller_id = raw(request.context().node_id);
  for (const auto& [id, broker] : image.brokers()) {
    const auto* endpoint = endpoint_on(*broker, listener);
    if (endpoint == nullptr || (broker->fenced && !message.include_fenced_brokers)) continue;
    auto& shown = response.brokers.emplace_back();
    shown.broker_id = raw(id);
    shown.host = endpoint->host;
    shown.port = endpoint->port;
    if (broker->rack) shown.rack = *broker->rack;
    shown.is_fenced = broker->fenced;
  }
  if (message.include_cluster_authorized_operations)
    response.cluster_authorized_operations = kAllClusterOperations;
  return response;
}

}  // namespace tributary::broker
