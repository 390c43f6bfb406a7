// Arbitrary bytes as the files of a segment: opening must not crash, and what opens must be readable to its
// end.
#include <cstdlib>

#include "tributary/storage/log.h"
#include "tributary/storage/memory_file_system.h"

namespace {

using namespace tributary;
using namespace tributary::storage;

void put(MemoryFileSystem& fs, const std::string& path, ByteView bytes) {
  auto file = fs.open(path, OpenMode::kCreate);
  if (!file || !(*file)->write_at(0, {&bytes, 1})) std::abort();
}

// Takes a piece off the input, its length given by two bytes.
ByteView take(ByteView& input) {
  if (input.size() < 2) return {};
  const size_t size = std::min<size_t>(load_be<uint16_t>(input.data()), input.size() - 2);
  const ByteView piece = input.subspan(2, size);
  input = input.subspan(2 + size);
  return piece;
}

void read_all(const Log& log) {
  std::vector<uint8_t> buffer(1 << 16);
  Offset at = log.start_offset();
  while (at < log.end_offset()) {
    auto plan = log.plan_read({at, buffer.size(), Isolation::kCommitted, true}, log.end_offset());
    if (!plan) std::abort();
    const auto outcome = plan->execute(buffer, ReadMode::kBlocking);
    if (!outcome || outcome->bytes == 0) return;
    ByteView rest = ByteView(buffer).first(outcome->bytes);
    while (!rest.empty()) {
      const auto batch = wire::BatchView::parse(rest);
      if (!batch || batch->next_offset() <= at) std::abort();
      at = batch->next_offset();
      rest = rest.subspan(batch->size());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteView input{data, size};
  if (input.empty()) return 0;
  const uint8_t flags = input.front();
  input = input.subspan(1);
  MemoryFileSystem fs;
  if (!fs.create_directories("/t-0")) std::abort();
  const std::string base = "/t-0/00000000000000000000";
  for (const char* suffix : {".index", ".timeindex", ".txnindex", ".snapshot"})
    put(fs, base + suffix, take(input));
  put(fs, "/t-0/leader-epoch-checkpoint", take(input));
  put(fs, base + ".log", input);
  LogOptions options;
  options.fs = &fs;
  options.directory = "/t-0";
  options.name = {"t", 0};
  options.clean_shutdown = (flags & 1) != 0;
  auto log = Log::open(options);
  if (!log) return 0;
  read_all(**log);
  if (auto lookup = (*log)->plan_max_timestamp_lookup()) (void)lookup->execute(ReadMode::kBlocking);
  if (!(*log)->close()) std::abort();
  return 0;
}
