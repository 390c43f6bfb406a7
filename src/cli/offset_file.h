// Offsets as lines of text: topic, partition and offset with commas or blanks between, as rpk and
// kafka-consumer-groups.sh write them. Empty lines and lines that begin with # are skipped. Pure.
#pragma once
#include <istream>
#include <map>
#include <string>
#include <utility>

#include "tributary/base/ids.h"
#include "tributary/base/result.h"

namespace tributary::cli {

Result<std::map<std::pair<std::string, int32_t>, Offset>> parse_offset_file(std::istream& in);

}  // namespace tributary::cli
