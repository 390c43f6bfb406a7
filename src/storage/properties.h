// Java properties files, as far as Kafka's meta.properties needs them: `key=value` lines, '#' and '!'
// comments, the escapes Java writes. Keys that are not known are kept.
#pragma once
#include <map>
#include <string>
#include <string_view>

namespace tributary::storage {

using Properties = std::map<std::string, std::string, std::less<>>;

Properties parse_properties(std::string_view text);
std::string format_properties(const Properties& properties);

}  // namespace tributary::storage
