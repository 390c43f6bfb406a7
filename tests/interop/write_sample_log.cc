// write_sample_log DIR: writes a partition directory DIR/sample-0 that has everything a log can hold, for
// Kafka's DumpLogSegments to read: all codecs, producers, committed and aborted transactions, several
// segments, epochs.
#include <cstdio>
#include <string>

#include "../unit/storage/log_support.h"

namespace {

using namespace tributary;
using namespace tributary::storage;
using namespace tributary::storage::test;

bool put(Log& log, std::vector<uint8_t> batch, AppendOrigin origin, int32_t epoch, TimestampMs now) {
  const auto info = append(log, std::move(batch), origin, LeaderEpoch{epoch}, now);
  if (!info) std::fprintf(stderr, "refused: %s\n", info.error().message.c_str());
  return info.has_value();
}

bool fill(Log& log) {
  constexpr wire::Codec kCodecs[] = {wire::Codec::kNone, wire::Codec::kGzip, wire::Codec::kSnappy,
                                     wire::Codec::kLz4, wire::Codec::kZstd};
  int32_t sequence = 0;
  bool ok = true;
  for (int i = 0; i < 300 && ok; ++i) {
    const TimestampMs now = kNow + i * 10;
    const int32_t epoch = i / 100;
    ok = put(log, make_batch({.records = 5, .value_size = 200, .timestamp = now, .codec = kCodecs[i % 5]}),
             AppendOrigin::kClient, epoch, now) &&
         put(log, make_batch({.records = 3, .timestamp = now, .producer_id = 7, .sequence = sequence}),
             AppendOrigin::kClient, epoch, now);
    sequence += 3;
    if (i % 10 != 5) continue;
    ok = ok &&
         put(log,
             make_batch({.records = 2,
                         .timestamp = now,
                         .producer_id = 9,
                         .sequence = i / 10 * 2,
                         .transactional = true}),
             AppendOrigin::kClient, epoch, now) &&
         put(log, make_marker(9, 0, i % 20 == 5), AppendOrigin::kCoordinator, epoch, now);
  }
  return ok;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto fs = make_posix_file_system();
  LogOptions options = options_for(*fs);
  options.directory = std::string(argv[1]) + "/sample-0";
  options.name = {"sample", 0};
  options.config.segment_bytes = 40'000;
  options.config.index_interval_bytes = 1000;
  const auto log = open_log(std::move(options));
  return log && fill(*log) && log->close() ? 0 : 1;
}
