#include "subscription.h"

#include "tributary/wire/reader.h"

namespace tributary::group {

bool add_subscribed_topics(ByteView metadata, std::set<std::string, std::less<>>& topics) {
  constexpr bool kFlexible = false;
  wire::Reader in(metadata);
  const int16_t version = in.read_int16();
  const size_t count = in.read_array_size(kFlexible, sizeof(int16_t));
  for (size_t i = 0; i < count; ++i) topics.emplace(in.read_string(kFlexible));
  in.read_nullable_bytes(kFlexible);  // the assignor's own data
  return in.ok() && version >= 0;
}

}  // namespace tributary::group
