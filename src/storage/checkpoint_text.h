// Kafka's checkpoint files: a line with version 0, one with the number of entries, then one line for each.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tributary/base/result.h"

namespace tributary::storage {

// The entry lines. kCorruption if version or count are not as they must be.
Result<std::vector<std::string_view>> parse_checkpoint(std::string_view text);
std::string checkpoint_head(size_t count);
// Exactly `fields` non-empty words, else empty.
std::vector<std::string_view> split_words(std::string_view line, size_t fields);

}  // namespace tributary::storage
