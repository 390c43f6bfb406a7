// clean_log DIRECTORY [PASSES]: opens a partition directory that was closed cleanly, by this broker or by
// Apache Kafka, goes over it with the cleaner PASSES times (1), and closes it again. Prints what each pass
// did.
#include <charconv>
#include <cstdio>
#include <string>

#include "tributary/base/clock.h"
#include "tributary/storage/cleaner.h"

namespace tributary::storage {
namespace {

Status clean_once(Log& log, TimestampMs now) {
  CleaningOptions options;
  options.now = now;
  options.hash_secret = {1, 2};
  TRIBUTARY_ASSIGN(auto pass, log.begin_cleaning(options, log.end_offset()));
  for (auto next = pass->step();; next = pass->step()) {
    if (!next) return tl::unexpected<Error>(next.error());
    if (*next == Cleaning::Next::kDone) break;
    if (*next != Cleaning::Next::kSwap) continue;
    TRIBUTARY_ASSIGN(auto removal, log.swap_cleaned(*pass));
    removal.run();
  }
  log.end_cleaning(*pass);
  const CleaningStats& stats = pass->stats();
  std::printf("offsets below %lld: %llu records in %llu bytes became %llu in %llu\n",
              static_cast<long long>(pass->end_offset()), static_cast<unsigned long long>(stats.records_read),
              static_cast<unsigned long long>(stats.bytes_read),
              static_cast<unsigned long long>(stats.records_kept),
              static_cast<unsigned long long>(stats.bytes_written));
  return {};
}

Status run(const std::string& directory, int passes) {
  const auto fs = make_posix_file_system();
  const SystemClock clock;
  LogOptions options;
  options.fs = fs.get();
  options.directory = directory;
  options.name = {"cleaned", 0};
  options.config.compact_policy = true;
  options.config.delete_policy = false;
  options.now = clock.wall_ms();
  options.clean_shutdown = true;
  options.recovery_point = INT64_MAX;
  TRIBUTARY_ASSIGN(auto log, Log::open(options));
  log->note_checkpointed(log->recovery_point());
  for (int i = 0; i < passes; ++i) {
    log->set_first_dirty_offset(0);  // all of it is looked at
    TRIBUTARY_TRY(clean_once(*log, clock.wall_ms()));
  }
  return log->close();
}

}  // namespace
}  // namespace tributary::storage

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "clean_log DIRECTORY [PASSES]\n");
    return 2;
  }
  int passes = 1;
  const std::string asked = argc > 2 ? argv[2] : "1";
  std::from_chars(asked.data(), asked.data() + asked.size(), passes);
  const auto done = tributary::storage::run(argv[1], passes);
  if (done) return 0;
  std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return 1;
}
