// Rules for the names of topics. Pure functions.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace tributary::control {

inline constexpr size_t kMaxTopicName = 249;
inline constexpr std::string_view kMetadataTopic = "__cluster_metadata";

bool has_collision_characters(std::string_view name);
// What all names that would collide with `name` have in common, ready to be followed by a name.
std::string collision_prefix(std::string_view name);

}  // namespace tributary::control
