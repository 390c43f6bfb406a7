// Records of __consumer_offsets: built for the log, and read back from it. Kafka's keys and values (int16
// type or version, then the message of wire/schema/records/group.schema), so that lag tools and Kafka's own
// brokers read them. Pure functions.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tributary/base/bytes.h"
#include "tributary/base/result.h"
#include "tributary/group/stored_group.h"

namespace tributary::group {

struct Record {
  std::vector<uint8_t> key;
  std::optional<std::vector<uint8_t>> value;  // none: a tombstone
  bool operator==(const Record&) const = default;
};

// Values are written at the versions of Kafka 4.3: offsets at 4 (1 if they expire by themselves), groups
// at 3.
Record offset_commit_record(std::string_view group, const TopicPartition& partition,
                            const CommittedOffset& commit);
Record offset_tombstone(std::string_view group, const TopicPartition& partition);
Record group_metadata_record(std::string_view group, const StoredMetadata& metadata);
Record group_tombstone(std::string_view group);

// What a record says. A value of none is a deletion.
struct OffsetEvent {
  std::string group;
  TopicPartition partition;
  std::optional<CommittedOffset> commit;
};
struct MetadataEvent {
  std::string group;
  std::optional<StoredMetadata> metadata;
};
// A key type this build does not serve. `group` is known where the key begins with a group id, as those of
// the newer protocols do (types 3 to 23).
struct ForeignEvent {
  int16_t key_type;
  std::string group;
  bool deletion;
};
using Event = std::variant<OffsetEvent, MetadataEvent, ForeignEvent>;
// kCorruption: cut short or malformed. kUnsupported: a value version above what is known.
Result<Event> parse_record(ByteView key, const std::optional<ByteView>& value);

}  // namespace tributary::group
