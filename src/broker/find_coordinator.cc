// FindCoordinator: where a group's partition of __consumer_offsets is led. The first one that is looked for
// makes that topic; the answer waits until it is there.
#include "endpoint.h"
#include "handlers.h"
#include "offsets_topic.h"
#include "shard.h"

namespace tributary::broker {
namespace {

using wire::ErrorCode;
using Answer = wire::FindCoordinatorResponse::Coordinator;

constexpr int8_t kGroup = 0;
constexpr int8_t kTransaction = 1;
constexpr int16_t kFirstWithKeys = 4;

Answer refusal(std::string_view key, ErrorCode error, std::string_view why) {
  Answer answer;
  answer.key = key;
  answer.node_id = -1;
  answer.port = -1;
  answer.error_code = error;
  answer.error_message = why;
  return answer;
}

// Neither transactions nor share groups are built. Of the errors that end a transactional client at once,
// rather than have it ask again for ever, this is the one they all know.
Answer not_built(std::string_view key, int8_t type) {
  return type == kTransaction
             ? refusal(key, ErrorCode::kTransactionalIdAuthorizationFailed,
                       "This broker does not serve transactions yet")
             : refusal(key, ErrorCode::kInvalidRequest, "This broker serves no coordinator of that type");
}

Answer group_coordinator(Request& request, const control::Image& image, std::string_view key) {
  constexpr std::string_view kUnavailable = "The coordinator is not available.";
  const auto topic = image.find_topic(kOffsetsTopic);
  if (!topic) return refusal(key, ErrorCode::kCoordinatorNotAvailable, kUnavailable);
  const int32_t partition = partition_of_group(key, static_cast<int32_t>(topic->partitions.size()));
  const NodeId leader = topic->partitions[static_cast<size_t>(partition)].leader;
  const auto broker = image.find_broker(leader);
  const auto* endpoint =
      broker && !broker->fenced ? endpoint_on(*broker, request.connection().listener().name) : nullptr;
  if (endpoint == nullptr) return refusal(key, ErrorCode::kCoordinatorNotAvailable, kUnavailable);
  Answer answer;
  answer.key = key;
  answer.node_id = raw(leader);
  answer.host = endpoint->host;
  answer.port = endpoint->port;
  return answer;
}

void answer(Request& request, const wire::FindCoordinatorRequest& message) {
  const control::ImagePtr image = request.shard().image();
  const auto find = [&](std::string_view key) {
    return message.key_type == kGroup ? group_coordinator(request, *image, key)
                                      : not_built(key, message.key_type);
  };
  wire::FindCoordinatorResponse response;
  if (request.version() >= kFirstWithKeys) {
    response.coordinators.reserve(message.coordinator_keys.size());
    for (const std::string_view key : message.coordinator_keys) response.coordinators.push_back(find(key));
  } else {
    const Answer found = find(message.key);
    response.error_code = found.error_code;
    response.error_message = found.error_message;
    response.node_id = found.node_id;
    response.host = found.host;
    response.port = found.port;
  }
  request.respond(response);
}

}  // namespace

void find_coordinator(RequestPtr request, const wire::FindCoordinatorRequest& message) {
  BrokerContext& context = request->context();
  if (message.key_type != kGroup || request->shard().image()->find_topic(kOffsetsTopic))
    return answer(*request, message);
  context.offsets_topic->ensure([request = std::move(request), asked = message] {
    request->shard().post([request, asked] { answer(*request, asked); });
  });
}

}  // namespace tributary::broker
