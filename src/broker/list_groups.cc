// ListGroups: every coordinator's groups, loaded or not, gathered partition by partition.
#include <algorithm>
#include <set>

#include "group_call.h"
#include "handlers.h"

namespace tributary::broker {
namespace {

using wire::ErrorCode;

constexpr std::string_view kClassic = "classic";

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

struct Listed {
  std::string id;
  std::string protocol_type;
  std::string state;
};

class Listing : public std::enable_shared_from_this<Listing> {
 public:
  Listing(RequestPtr request, const wire::ListGroupsRequest& message, size_t shards)
      : request_(std::move(request)), left_(shards) {
    for (const std::string_view state : message.states_filter) states_.insert(lower(trimmed(state)));
    any_type_ = message.types_filter.empty() ||
                std::ranges::any_of(message.types_filter,
                                    [](std::string_view type) { return lower(type) == kClassic; });
  }

  // Each shard's own part.
  void run(Shard& here) {
    auto part = std::make_shared<Part>();
    here.groups().for_each([&](GroupHost& host) {
      ++part->left;
      host.when_ready(
          [self = shared_from_this(), part, &here, &host](group::Coordinator* coordinator, ErrorCode error) {
            if (coordinator != nullptr) return self->list(here, part, host);
            if (error != ErrorCode::kNotCoordinator) part->error = error;
            self->one_done(here, part);
          });
    });
    one_done(here, part);
  }

 private:
  struct Part {
    size_t left = 1;  // partitions, and run() itself
    ErrorCode error = ErrorCode::kNone;
    std::vector<Listed> groups;
  };

  // The loaded ones first: of them the coordinator knows better than the view.
  void list(Shard& here, const std::shared_ptr<Part>& part, GroupHost& host) {
    auto loaded = std::make_shared<std::set<std::string, std::less<>>>();
    host.coordinator()->for_each_loaded([&](std::string_view id) {
      loaded->emplace(id);
      add(*part, id, host.coordinator()->protocol_type_of(id), host.coordinator()->state_of(id));
    });
    host.scan({.find = [index = host.partition()](
                           group::View& view, const auto& after,
                           const auto& visit) { return view.for_each_group(index, after, visit); },
               .each =
                   [self = shared_from_this(), part, loaded](const group::GroupSummary& group) {
                     if (loaded->contains(group.id) || group.foreign) return;
                     self->add(*part, group.id, group.protocol_type, group.has_members ? "Stable" : "Empty");
                   },
               .done =
                   [self = shared_from_this(), part, &here](const Status& status) {
                     if (!status && status.error().code != Errc::kNotFound)
                       part->error = ErrorCode::kCoordinatorLoadInProgress;
                     self->one_done(here, part);
                   }});
  }

  void add(Part& part, std::string_view id, std::string_view protocol_type, std::string_view state) const {
    if (!any_type_ || state.empty() || (!states_.empty() && !states_.contains(lower(state)))) return;
    part.groups.push_back({std::string(id), std::string(protocol_type), std::string(state)});
  }

  void one_done(Shard& here, const std::shared_ptr<Part>& part) {
    if (--part->left > 0) return;
    here.submit(request_->shard().index(), [self = shared_from_this(), part](Shard&) { self->take(*part); });
  }

  void take(Part& part) {
    std::ranges::move(part.groups, std::back_inserter(groups_));
    if (part.error != ErrorCode::kNone) error_ = part.error;
    if (--left_ > 0) return;
    wire::ListGroupsResponse response;
    response.error_code = error_;
    if (error_ == ErrorCode::kNone) {
      response.groups.reserve(groups_.size());
      for (const Listed& group : groups_) {
        response.groups.push_back({.group_id = group.id,
                                   .protocol_type = group.protocol_type,
                                   .group_state = group.state,
                                   .group_type = kClassic});
      }
    }
    request_->respond(response);
  }

  RequestPtr request_;
  size_t left_;  // shards
  std::set<std::string> states_;
  bool any_type_ = true;
  ErrorCode error_ = ErrorCode::kNone;
  std::vector<Listed> groups_;
};

}  // namespace

void list_groups(RequestPtr request, const wire::ListGroupsRequest& message) {
  Shard& home = request->shard();
  const size_t shards = home.context().shards.size();
  const auto listing = std::make_shared<Listing>(std::move(request), message, shards);
  for (size_t i = 0; i < shards; ++i) home.submit(i, [listing](Shard& there) { listing->run(there); });
}

}  // namespace tributary::broker
