#include "group_call.h"

namespace tributary::broker {

using wire::ErrorCode;

CoordinatorPlace coordinator_place(Shard& home, std::string_view group) {
  const control::TopicPtr& topic = home.groups().offsets_topic();
  if (!topic) return {.error = ErrorCode::kNotCoordinator};
  const int32_t partition = partition_of_group(group, static_cast<int32_t>(topic->partitions.size()));
  return {home.context().shard_of(topic->id, partition), partition};
}

group::RequestInfo info_of(const Request& request) {
  return {request.version(), request.client_id(), request.connection().host()};
}

std::string_view topic_name_of(Request& request, const Uuid& topic_id) {
  const auto topic = request.shard().image()->find_topic(topic_id);
  return topic ? request.arena().keep(topic->name) : std::string_view{};
}

}  // namespace tributary::broker
