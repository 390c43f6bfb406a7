// DescribeGroups, as far as the group itself tells: the caller adds what a client may do. Pure function.
#pragma once
#include "answers.h"
#include "group.h"

namespace tributary::group {

void describe(const Group& group, const RequestInfo& info, std::string_view id,
              const Reply<DescribedGroup>& reply);

}  // namespace tributary::group
