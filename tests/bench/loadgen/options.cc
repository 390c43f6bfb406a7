#include "options.h"

#include <cstdio>
#include <cstdlib>

namespace tributary::bench {
namespace {

struct Flag {
  const char* name;
  const char* help;
  void (*set)(Options&, const char*);
};

int whole(const char* text) { return std::atoi(text); }
uint64_t large(const char* text) { return std::strtoull(text, nullptr, 10); }

constexpr Flag kFlags[] = {
    {"broker", "HOST:PORT", [](Options& o, const char* v) { o.broker = Address::parse(v); }},
    {"topic", "name, or the prefix of several [bench]", [](Options& o, const char* v) { o.topic = v; }},
    {"topics", "how many [1]", [](Options& o, const char* v) { o.topics = whole(v); }},
    {"partitions", "of each topic [1]", [](Options& o, const char* v) { o.partitions = whole(v); }},
    {"partitions-per-request", "a produce writes to [1]",
     [](Options& o, const char* v) { o.partitions_per_request = whole(v); }},
    {"create", "1: create the topics first", [](Options& o, const char* v) { o.create = whole(v) != 0; }},
    {"connections", "that send [1]", [](Options& o, const char* v) { o.connections = whole(v); }},
    {"consumers", "that fetch all partitions (tail) [0]",
     [](Options& o, const char* v) { o.consumers = whole(v); }},
    {"depth", "requests in flight on a connection [1]",
     [](Options& o, const char* v) { o.pace.depth = whole(v); }},
    {"rate", "requests a second over all connections, whatever the broker does",
     [](Options& o, const char* v) { o.pace.rate = std::atof(v); }},
    {"requests", "to send over all connections",
     [](Options& o, const char* v) { o.pace.requests = large(v); }},
    {"seconds", "to send for; whichever ends first",
     [](Options& o, const char* v) { o.seconds = std::atof(v); }},
    {"acks", "0, 1 or -1 [1]", [](Options& o, const char* v) { o.acks = int16_t(whole(v)); }},
    {"idempotent", "1: sequences of a producer id for each connection",
     [](Options& o, const char* v) { o.idempotent = whole(v) != 0; }},
    {"records", "in a batch [1]", [](Options& o, const char* v) { o.records = whole(v); }},
    {"batch-bytes", "[1024]", [](Options& o, const char* v) { o.batch_bytes = large(v); }},
    {"bytes", "a consumer reads, from the start again at the end",
     [](Options& o, const char* v) { o.bytes = large(v); }},
    {"max-wait-ms", "of a fetch [500]", [](Options& o, const char* v) { o.fetch.max_wait_ms = whole(v); }},
    {"min-bytes", "of a fetch [1]", [](Options& o, const char* v) { o.fetch.min_bytes = whole(v); }},
    {"partition-max-bytes", "of a fetch [1048576]",
     [](Options& o, const char* v) { o.fetch.partition_max_bytes = whole(v); }},
    {"spin", "1: do not sleep between requests", [](Options& o, const char* v) { o.spin = whole(v) != 0; }},
    {"since", "monotonic ns from which first-produce counts",
     [](Options& o, const char* v) { o.since = large(v); }},
};

void set(Options& options, std::string_view name, const char* value) {
  for (const Flag& flag : kFlags)
    if (name == flag.name) return flag.set(options, value);
  die("unknown option --" + std::string(name));
}

}  // namespace

std::string Options::usage() {
  std::string text =
      "tributary_loadgen create|produce|tail|consume|api-versions|metadata|hold|first-produce|ledger --key "
      "value...\n";
  for (const Flag& flag : kFlags) text += "  --" + std::string(flag.name) + ": " + flag.help + "\n";
  return text;
}

Options Options::parse(int argc, char** argv) {
  Options options;
  if (argc < 2 || argc % 2 != 0) {
    std::fputs(usage().c_str(), stderr);
    std::exit(2);
  }
  options.mode = argv[1];
  for (int i = 2; i < argc; i += 2) {
    std::string_view name = argv[i];
    if (!name.starts_with("--")) die("an option begins with --");
    set(options, name.substr(2), argv[i + 1]);
  }
  if (options.pace.depth < 1 || options.connections < 1 || options.records < 1 ||
      options.partitions_per_request < 1)
    die("depth, connections, records and partitions-per-request are at least 1");
  if (options.acks == 0) options.pace.one_way = true;
  return options;
}

}  // namespace tributary::bench
