#include "group_verbs.h"
#include "groups.h"
#include "text.h"

namespace tributary::cli {

Status group_list(Session& session, const GroupListOptions& options) {
  const GroupFilter filter{split(options.states, ','), split(options.types, ',')};
  TRIBUTARY_ASSIGN(const auto groups, list_groups(session, filter));
  const auto or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
  Table table({"COORDINATOR", "GROUP", "STATE", "TYPE", "PROTOCOL"});
  Json json = Json::array();
  for (const ListedGroup& group : groups) {
    table.add({std::to_string(group.broker), group.name, or_dash(group.state), or_dash(group.type),
               or_dash(group.protocol_type)});
    json.push_back({{"group", group.name},
                    {"coordinator", group.broker},
                    {"state", or_null(group.state)},
                    {"type", or_null(group.type)},
                    {"protocol_type", group.protocol_type}});
  }
  session.out.show(table, json);
  return {};
}

}  // namespace tributary::cli
