#include "offset_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "text.h"

namespace tributary::cli {

Result<std::map<std::pair<std::string, int32_t>, Offset>> parse_offset_file(std::istream& in) {
  std::map<std::pair<std::string, int32_t>, Offset> offsets;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    std::ranges::replace_if(line, [](char c) { return c == ',' || c == '\t' || c == '\r' || c == '"'; }, ' ');
    const auto words = split(line, ' ');
    if (words.empty() || words[0].starts_with('#')) continue;
    const auto bad = [&] {
      return fail(Errc::kInvalidArgument, fmt::format("line {}: expected topic, partition, offset", number));
    };
    if (words.size() != 3) return bad();
    const auto partition = parse_number<int32_t>(words[1]);
    const auto offset = parse_number<Offset>(words[2]);
    if (!partition || *partition < 0 || !offset || *offset < 0) return bad();
    offsets[{words[0], *partition}] = *offset;
  }
  return offsets;
}

}  // namespace tributary::cli
