// Keys of the view's database. All of a partition stands together, all of a group stands together in it, and
// groups come in order of id: so a partition is dropped, a group loaded and the groups listed by range.
//
//   partition i32 | 0                                               position
//   partition i32 | 1 | group | 1                                   metadata
//   partition i32 | 1 | group | 2 | key of the record               record of a protocol not served
//   partition i32 | 1 | group | 3 | topic | partition i32           offset
//   partition i32 | 1 | group | 4 | topic | partition i32 | pid i64 offset of an open transaction
//   partition i32 | 2 | pid i64 | group | topic | partition i32     where a transaction has such offsets
//   partition i32 | 3 | key of the record                           record of an unknown type
//   partition i32 | 4 | group                                       that it has members
//
// Numbers are big-endian; names end with 00 00, and a 00 in them is written 00 ff. Pure functions.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tributary/group/stored_group.h"

namespace tributary::group::view_keys {

enum class Kind : uint8_t { kPosition = 0, kGroups = 1, kTransactions = 2, kUnknown = 3, kWithMembers = 4 };
enum class Part : uint8_t { kMetadata = 1, kForeign = 2, kOffset = 3, kPending = 4 };

// Beginnings of keys.
std::string partition(int32_t partition);
std::string kind(int32_t partition, Kind kind);
std::string group(int32_t partition, std::string_view group, Kind kind = Kind::kGroups);
std::string part(int32_t partition, std::string_view group, Part part);
std::string offsets_of_topic(int32_t partition, std::string_view group, std::string_view topic);
std::string transaction(int32_t partition, ProducerId producer);
// The first key behind all that begin so.
std::string behind(std::string prefix);

// Whole keys.
std::string offset(int32_t partition, std::string_view group, const TopicPartition& of);
std::string pending(int32_t partition, std::string_view group, const TopicPartition& of, ProducerId producer);
std::string in_transaction(int32_t partition, ProducerId producer, std::string_view group,
                           const TopicPartition& of);

// Takes a key apart from the front. Null where it ends too soon.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}
  std::optional<std::string> name();
  std::optional<Part> part();
  std::optional<int32_t> int32();
  std::optional<int64_t> int64();
  std::optional<TopicPartition> topic_partition();
  std::string_view rest() const { return rest_; }

 private:
  template <typename T>
  std::optional<T> number();

  std::string_view rest_;
};

}  // namespace tributary::group::view_keys
