// Small text work the parts of config share.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tributary::config {

std::string_view trim(std::string_view text);

// The elements between commas, trimmed; none for an empty text.
std::vector<std::string> split_list(std::string_view text);

std::string join_list(const std::vector<std::string>& elements);

std::string upper(std::string_view text);
std::string lower(std::string_view text);

// Decimal notation with an optional exponent, the whole text; no hex, no infinities.
std::optional<double> parse_double(std::string_view text);

// The candidate that takes the fewest edits, if it is near enough to be what was meant.
std::optional<std::string_view> nearest(std::string_view name,
                                        const std::vector<std::string_view>& candidates);

}  // namespace tributary::config
