// Kafka's 128-bit ids: topic, directory, cluster and incarnation ids. Text form is base64url without padding,
// 22 characters (KIP-516).
#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tributary/base/random.h"

namespace tributary {

struct Uuid {
  std::array<uint8_t, 16> bytes{};

  // A fresh one: none of the 100 reserved ids, and its text does not begin with '-', which shells read as an
  // option.
  static Uuid generate(Random& random);
  static std::optional<Uuid> parse(std::string_view text);
  std::string to_string() const;

  bool is_zero() const { return *this == Uuid{}; }
  auto operator<=>(const Uuid&) const = default;
};

// The id of __cluster_metadata: all zero but the last bit.
inline constexpr Uuid kMetadataTopicId{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

struct UuidHash {
  size_t operator()(const Uuid& id) const noexcept;
};

}  // namespace tributary
