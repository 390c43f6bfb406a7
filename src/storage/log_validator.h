// What a batch must be to enter a log through its leader, and what is made of it: the checks of Kafka's
// produce path for magic 2, timestamps, recompression. Nothing is kept between calls; any thread.
#pragma once
#include <vector>

#include "tributary/storage/log.h"

namespace tributary::storage {

struct ValidationRules {
  const LogConfig& config;
  AppendOrigin origin;
  TimestampMs now;
};

// Finds exactly one whole batch in `bytes`, of an allowed size, with a matching CRC.
tl::expected<wire::BatchView, AppendError> parse_appended(ByteView bytes, const ValidationRules& rules);

// Checks header and records. Corrects the header's timestamps in place. If the batch must be written in
// another form (another codec, offsets with gaps), that form is put into `rebuilt`, else it stays empty.
tl::expected<void, AppendError> validate_batch(MutableBytes batch, const ValidationRules& rules,
                                               std::vector<uint8_t>& rebuilt);

}  // namespace tributary::storage
