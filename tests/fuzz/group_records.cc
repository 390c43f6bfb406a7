// Arbitrary keys and values of __consumer_offsets: (length of the key, key, value). The parser gives an event
// or an error; an event written again says the same.
#include "tributary/group/record.h"
#include "tributary/wire/reader.h"

using namespace tributary;

namespace {

group::Event reparsed(const group::Record& record) {
  const auto value = record.value ? std::optional<ByteView>(*record.value) : std::nullopt;
  const auto event = group::parse_record(record.key, value);
  if (!event) __builtin_trap();
  return *event;
}

void check(const group::OffsetEvent& event) {
  if (!event.commit) return;
  const group::CommittedOffset& commit = *event.commit;
  const auto again = std::get<group::OffsetEvent>(
      reparsed(group::offset_commit_record(event.group, event.partition, commit)));
  // The version that has an expiry has nothing newer than that.
  const bool whole = commit.expire_timestamp == kNoTimestamp;
  if (again.partition != event.partition ||
      (whole ? again.commit != commit : again.commit->offset != commit.offset)) {
    __builtin_trap();
  }
}

void check(const group::MetadataEvent& event) {
  if (!event.metadata) return;
  const auto again =
      std::get<group::MetadataEvent>(reparsed(group::group_metadata_record(event.group, *event.metadata)));
  if (again.group != event.group || again.metadata != event.metadata) __builtin_trap();
}

void check(const group::ForeignEvent&) {}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  wire::Reader in(ByteView(data, size));
  const size_t length = std::min<size_t>(in.read_uint16(), in.remaining());
  const ByteView key = in.read_raw(length);
  const ByteView value = in.read_raw(in.remaining());
  const auto event = group::parse_record(key, value);
  if (event) std::visit([](const auto& known) { check(known); }, *event);
  return 0;
}
