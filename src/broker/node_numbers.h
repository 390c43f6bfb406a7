// Node ids as answers hold them.
#pragma once
#include <cstdint>
#include <vector>

#include "tributary/base/ids.h"

namespace tributary::broker {

inline std::vector<int32_t> node_numbers(const std::vector<NodeId>& nodes) {
  std::vector<int32_t> numbers;
  numbers.reserve(nodes.size());
  for (NodeId node : nodes) numbers.push_back(raw(node));
  return numbers;
}

}  // namespace tributary::broker
