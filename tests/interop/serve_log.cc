// serve_log DIR clean|unclean: opens the partition directory DIR, as Apache Kafka left it, and reads it from
// its first offset to its last. Succeeds if what is served is the content of its .log files, byte for byte.
// The directory may be changed by opening; give it a copy.
#include <algorithm>
#include <cstdio>
#include <string>

#include "tributary/storage/log.h"

namespace {

using namespace tributary;
using namespace tributary::storage;

std::string logs_of(FileSystem& fs, const std::string& directory) {
  std::vector<std::string> names;
  const std::vector<DirectoryEntry> entries = fs.list(directory).value();
  for (const DirectoryEntry& entry : entries) {
    if (entry.name.ends_with(".log")) names.push_back(entry.name);
  }
  std::ranges::sort(names);
  std::string all;
  for (const std::string& name : names) all += read_file(fs, directory + "/" + name).value();
  return all;
}

Result<std::string> serve(const Log& log) {
  std::string served;
  for (Offset at = log.start_offset(); at < log.end_offset();) {
    TRIBUTARY_ASSIGN(ReadPlan plan, log.plan_read({at, 100'000, Isolation::kLogEnd, true}, log.end_offset()));
    TRIBUTARY_ASSIGN(const size_t size, plan.size(ReadMode::kBlocking));
    std::vector<uint8_t> buffer(size);
    TRIBUTARY_ASSIGN(const auto outcome, plan.execute(buffer, ReadMode::kBlocking));
    if (outcome.bytes == 0) break;
    ByteView rest = ByteView(buffer).first(outcome.bytes);
    served += as_text(rest);
    while (!rest.empty()) {
      TRIBUTARY_ASSIGN(const auto batch, wire::BatchView::parse(rest));
      at = batch.next_offset();
      rest = rest.subspan(batch.size());
    }
  }
  return served;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto fs = make_posix_file_system();
  const std::string directory = argv[1];
  const std::string expected = logs_of(*fs, directory);
  LogOptions options;
  options.fs = fs.get();
  options.directory = directory;
  options.name = {"served", 0};
  options.clean_shutdown = std::string(argv[2]) == "clean";
  options.now = SystemClock().wall_ms();
  const auto log = Log::open(options);
  if (!log) return std::fprintf(stderr, "%s\n", log.error().message.c_str()), 1;
  const auto served = serve(**log);
  if (!served) return std::fprintf(stderr, "%s\n", served.error().message.c_str()), 1;
  std::printf("offsets %lld to %lld, %zu producers, %zu bytes served, %zu in files\n",
              static_cast<long long>((*log)->start_offset()), static_cast<long long>((*log)->end_offset()),
              (*log)->producer_count(), served->size(), expected.size());
  return *served == expected ? 0 : 1;
}
