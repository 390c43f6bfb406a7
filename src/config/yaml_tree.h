// A YAML document as a plain tree with positions. Stricter than YAML: one document, no anchors, aliases, tags
// or merge keys, keys are plain scalars. yaml-cpp's own node tree drops duplicate keys, so its events are
// used instead.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tributary/config/load.h"

namespace tributary::config {

struct Position {
  int line = 1;  // both from 1
  int column = 1;
};

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  Position position = {};
  std::string text = {};                                    // of a scalar
  std::vector<YamlNode> items = {};                         // of a sequence; of a map: its values
  std::vector<std::pair<std::string, Position>> keys = {};  // of a map, as many as items
};

struct YamlError {
  Position position = {};
  std::string text;
};

// The document's root, kNull for an empty file. Errors are appended; what could be read stands in the result.
YamlNode parse_yaml(std::string_view text, std::vector<YamlError>& errors);

}  // namespace tributary::config
