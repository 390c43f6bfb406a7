// tributary_loadgen: loads a broker at less cost than the broker has, and prints what it did as one line of
// JSON.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "consumer.h"
#include "ledger.h"
#include "options.h"
#include "sync.h"
#include "traffic.h"

namespace tributary::bench {
namespace {

using Actors = std::vector<std::unique_ptr<Actor>>;

std::vector<TopicPartition> all_partitions(const Options& options) {
  std::vector<TopicPartition> all;
  for (const std::string& topic : topic_names(options.topic, options.topics))
    for (int32_t p = 0; p < options.partitions; ++p) all.push_back({topic, p});
  return all;
}

// What the index-th of the connections sends: its share of the requests, the rate, and from when on.
Pace share_of(const Options& options, int index) {
  Pace pace = options.pace;
  uint64_t count = uint64_t(options.connections), i = uint64_t(index);
  if (pace.requests != UINT64_MAX)
    pace.requests = pace.requests / count + (i < pace.requests % count ? 1 : 0);
  pace.rate /= options.connections;
  if (options.seconds > 0) pace.deadline = now_ns() + uint64_t(options.seconds * 1e9);
  return pace;
}

// A connection writes to every partition, or to its own where there are enough: an idempotent producer needs
// its own.
std::vector<TopicPartition> partitions_of(const Options& options, int index) {
  std::vector<TopicPartition> all = all_partitions(options), mine;
  if (all.size() < size_t(options.connections)) return all;
  size_t each = all.size() / size_t(options.connections), first = size_t(index) * each;
  size_t last = index + 1 == options.connections ? all.size() : first + each;
  return {all.begin() + ptrdiff_t(first), all.begin() + ptrdiff_t(last)};
}

void add_producers(const Options& options, Loop& loop, Totals& totals, Actors& actors) {
  for (int i = 0; i < options.connections; ++i) {
    ProduceOptions produce{.partitions = partitions_of(options, i),
                           .partitions_per_request = options.partitions_per_request,
                           .records_per_batch = options.records,
                           .batch_bytes = options.batch_bytes,
                           .acks = options.acks,
                           .producer = options.idempotent ? init_producer_id(options.broker) : Producer{}};
    auto traffic = std::make_unique<Produce>(produce);
    actors.push_back(
        std::make_unique<Sender>(loop, options.broker, std::move(traffic), share_of(options, i), totals));
  }
}

void add_repeaters(const Options& options, const Buffer& frame, Loop& loop, Totals& totals, Actors& actors) {
  for (int i = 0; i < options.connections; ++i)
    actors.push_back(std::make_unique<Sender>(loop, options.broker, std::make_unique<Repeat>(frame),
                                              share_of(options, i), totals));
}

void add_consumers(const Options& options, const std::function<bool()>& ends_at_end, Loop& loop,
                   Totals& totals, Actors& actors) {
  for (int i = 0; i < std::max(1, options.consumers); ++i) {
    ConsumeOptions consume{
        .partitions = all_partitions(options), .limits = options.fetch, .ends_at_end = ends_at_end};
    if (options.bytes > 0) consume.bytes = options.bytes;
    actors.push_back(std::make_unique<Consumer>(loop, options.broker, std::move(consume), totals));
  }
}

std::string describe(const Totals& totals) {
  const Histogram& latency = totals.latency;
  return fmt::format(R"({{"requests": {}, "records": {}, "bytes": {}, "errors": {}, "first_error": {}, )"
                     R"("latency_us": {{"p50": {:.1f}, "p99": {:.1f}, "p99.9": {:.1f}, "max": {:.1f}}}}})",
                     totals.requests, totals.records, totals.bytes, totals.errors, totals.first_error,
                     latency.quantile_us(0.5), latency.quantile_us(0.99), latency.quantile_us(0.999),
                     latency.max_us());
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int load(const Options& options) {
  Loop loop(options.spin);
  Totals sent, fetched;
  Actors senders, consumers;
  auto senders_done = [&] {
    return std::all_of(senders.begin(), senders.end(), [](const auto& s) { return s->done(); });
  };
  if (options.mode == "produce" || options.mode == "tail") add_producers(options, loop, sent, senders);
  if (options.mode == "api-versions") add_repeaters(options, api_versions_request(), loop, sent, senders);
  if (options.mode == "metadata") add_repeaters(options, metadata_request(), loop, sent, senders);
  if (options.mode == "tail") add_consumers(options, senders_done, loop, fetched, consumers);
  if (options.mode == "consume")
    add_consumers(options, [&] { return options.bytes == 0; }, loop, fetched, consumers);
  if (senders.empty() && consumers.empty()) die("unknown mode " + options.mode + "\n" + Options::usage());
  for (auto& actor : consumers) loop.add(*actor);
  for (auto& actor : senders) loop.add(*actor);
  uint64_t begin = now_ns();
  loop.run();
  double seconds = double(now_ns() - begin) / 1e9;
  fmt::print(R"({{"mode": "{}", "seconds": {:.3f}, "client_cpu_seconds": {:.3f}, "sent": {}, "fetched": {}}})"
             "\n",
             options.mode, seconds, cpu_seconds(), describe(sent), describe(fetched));
  return sent.errors == 0 ? 0 : 1;
}

// Holds idle connections, each of which has said ApiVersions once as clients do, until standard input ends.
int hold(const Options& options) {
  Loop loop(false);
  Totals totals;
  Actors actors;
  for (int i = 0; i < options.connections; ++i) {
    auto traffic = std::make_unique<Repeat>(api_versions_request());
    actors.push_back(
        std::make_unique<Sender>(loop, options.broker, std::move(traffic), Pace{.requests = 1}, totals));
    loop.add(*actors.back());
  }
  loop.run();
  fmt::print(R"({{"mode": "hold", "connections": {}}})"
             "\n",
             options.connections);
  std::fflush(stdout);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  return 0;
}

int keep_ledger(const Options& options) {
  Ledger ledger(options.broker, options.topic, options.partitions, options.pace.depth);
  ledger.write();
  ledger.verify();
  fmt::print(R"({{"mode": "ledger", "acknowledged": {}, "sessions": {}}})"
             "\n",
             ledger.acknowledged(), ledger.sessions());
  return 0;
}

int main_of(const Options& options) {
  std::vector<std::string> topics = topic_names(options.topic, options.topics);
  if (options.mode == "first-produce") {
    uint64_t at = first_produce(options.broker, options.topic, options.create,
                                options.seconds > 0 ? options.seconds : 120);
    fmt::print(R"({{"mode": "first-produce", "seconds": {:.4f}}})"
               "\n",
               double(at - options.since) / 1e9);
    return 0;
  }
  if (options.create || options.mode == "create") create_topics(options.broker, topics, options.partitions);
  if (options.mode == "create") return 0;
  if (options.mode == "ledger") return keep_ledger(options);
  return options.mode == "hold" ? hold(options) : load(options);
}

void raise_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace
}  // namespace tributary::bench

int main(int argc, char** argv) {
  tributary::bench::raise_file_limit();
  return tributary::bench::main_of(tributary::bench::Options::parse(argc, argv));
}
