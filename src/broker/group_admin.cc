// DescribeGroups, DeleteGroups: of each group asked for, by its coordinator.
#include <algorithm>
#include <set>

#include "access.h"
#include "group_gather.h"
#include "handlers.h"

namespace tributary::broker {
namespace {

using wire::ErrorCode;
using Described = wire::DescribeGroupsResponse::DescribedGroup;
using Deleted = wire::DeleteGroupsResponse::DeletableGroupResult;

constexpr int16_t kFirstWithOperations = 3;

}  // namespace

void describe_groups(RequestPtr request, const wire::DescribeGroupsRequest& message) {
  const bool operations = message.include_authorized_operations && request->version() >= kFirstWithOperations;
  Shard& home = request->shard();
  const auto gather = std::make_shared<GroupGather<Described>>(
      std::move(request), message.groups.size(), [operations](Request& asked, std::vector<Described> groups) {
        for (Described& group : groups) {
          if (operations && group.error_code == ErrorCode::kNone)
            group.authorized_operations = kAllGroupOperations;
        }
        wire::DescribeGroupsResponse response;
        response.groups = std::move(groups);
        asked.respond(response);
      });
  for (size_t i = 0; i < message.groups.size(); ++i) {
    at_coordinator(
        home, message.groups[i],
        [gather, i, id = message.groups[i]](Shard& there, group::Coordinator* coordinator, ErrorCode error) {
          if (coordinator == nullptr) {
            Described refused;
            refused.group_id = id;
            refused.error_code = error;
            return gather->put(there, i, refused);
          }
          coordinator->describe_group(
              info_of(*gather->request()), id,
              [gather, i, &there](const Described& group) { gather->put(there, i, group); });
        });
  }
  gather->all_asked();
}

void delete_groups(RequestPtr request, const wire::DeleteGroupsRequest& message) {
  std::vector<std::string_view> ids;
  std::set<std::string_view> seen;
  for (const std::string_view id : message.groups_names) {
    if (seen.insert(id).second) ids.push_back(id);
  }
  Shard& home = request->shard();
  const auto gather = std::make_shared<GroupGather<Deleted>>(
      std::move(request), ids.size(), [](Request& asked, std::vector<Deleted> results) {
        wire::DeleteGroupsResponse response;
        response.results = std::move(results);
        asked.respond(response);
      });
  for (size_t i = 0; i < ids.size(); ++i) {
    at_coordinator(home, ids[i],
                   [gather, i, id = ids[i]](Shard& there, group::Coordinator* coordinator, ErrorCode error) {
                     if (coordinator == nullptr) {
                       Deleted refused;
                       refused.group_id = id;
                       refused.error_code = error;
                       return gather->put(there, i, refused);
                     }
                     coordinator->delete_group(
                         id, [gather, i, &there](const Deleted& result) { gather->put(there, i, result); });
                   });
  }
  gather->all_asked();
}

}  // namespace tributary::broker
