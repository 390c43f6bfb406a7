#include "group_census.h"

#include "tributary/wire/reader.h"
#include "tributary/wire/record_batch.h"

namespace tributary::broker {
namespace {

constexpr size_t kInflatedLimit = 64 << 20;
// Offset commits of both ages, and the head record of a group of each protocol. Everything else of a group
// comes and goes with these.
constexpr int16_t kOffsetCommit[] = {0, 1};
constexpr int16_t kGroupHead[] = {2, 3, 11, 17};

bool is_counted(int16_t type) {
  return std::ranges::find(kOffsetCommit, type) != std::end(kOffsetCommit) ||
         std::ranges::find(kGroupHead, type) != std::end(kGroupHead);
}

}  // namespace

void GroupCensus::add(ByteView bytes) {
  const auto batch = wire::BatchView::parse(bytes);
  if (!batch || batch->is_control()) return;
  std::vector<uint8_t> scratch;
  const auto payload = wire::plain_records(*batch, scratch, kInflatedLimit);
  if (!payload) return;
  wire::RecordIterator records(*payload, batch->record_count());
  while (const auto record = records.next()) {
    if (record->key) add_record(*record->key, !record->value);
  }
}

// Every such key begins with its type and the group's id.
void GroupCensus::add_record(ByteView key, bool removed) {
  wire::Reader reader(key);
  const int16_t type = reader.read_int16();
  const std::string group(reader.read_string(false));
  if (!reader.ok() || !is_counted(type)) return;
  const std::string whole(as_text(key));
  if (!removed) {
    if (keys_.insert(whole).second) ++live_keys_[group];
  } else if (keys_.erase(whole) > 0 && --live_keys_.at(group) == 0) {
    live_keys_.erase(group);
  }
}

}  // namespace tributary::broker
