// How a request reaches the coordinator of its group, wherever that lives, and the answer comes home. Where
// both are on one shard nothing is posted or copied.
#pragma once
#include <memory>
#include <utility>

#include "connection.h"
#include "offsets_topic.h"
#include "request.h"
#include "shard.h"
#include "shard_groups.h"

namespace tributary::broker {

struct CoordinatorPlace {
  size_t shard = 0;
  int32_t partition = 0;
  wire::ErrorCode error = wire::ErrorCode::kNone;
};
CoordinatorPlace coordinator_place(Shard& home, std::string_view group);

// Its views live as long as the request.
group::RequestInfo info_of(const Request& request);

// Empty if there is no topic of that id. Kept with the request.
std::string_view topic_name_of(Request& request, const Uuid& topic_id);

// Calls `ask(here, coordinator, error)` on the coordinator's shard; there is none where there is an error.
template <typename Ask>
void at_coordinator(Shard& home, std::string_view group, Ask ask) {
  const CoordinatorPlace place = coordinator_place(home, group);
  if (place.error != wire::ErrorCode::kNone) return ask(home, nullptr, place.error);
  if (place.shard == home.index()) {
    GroupHost* host = home.groups().find(place.partition);
    if (host != nullptr && host->coordinator() != nullptr)
      return ask(home, host->coordinator(), wire::ErrorCode::kNone);
  }
  home.submit(place.shard, [partition = place.partition, ask = std::move(ask)](Shard& there) mutable {
    GroupHost* host = there.groups().find(partition);
    if (host == nullptr) return ask(there, nullptr, wire::ErrorCode::kNotCoordinator);
    host->when_ready(
        [&there, ask = std::move(ask)](group::Coordinator* coordinator, wire::ErrorCode error) mutable {
          ask(there, coordinator, error);
        });
  });
}

// From the coordinator's shard. The views in the answer are good only now, so it is encoded here.
template <typename Response>
void answer_from(Shard& here, const RequestPtr& request, const Response& response) {
  Shard& home = request->shard();
  if (&home == &here) return request->respond(response);
  auto encoded = std::make_shared<wire::Writer>();
  response.encode(*encoded, request->version());
  home.post([request, encoded] { request->respond_encoded(encoded->buffer(), encoded); });
}

}  // namespace tributary::broker
