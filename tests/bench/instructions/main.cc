// tributary_instructions CASE: does one hot path a fixed number of times on fixed input, inside measured(),
// which is where callgrind counts. Without an argument it lists the cases.
#include <cstdio>
#include <map>

#include "tributary/base/crc32c.h"
#include "tributary/storage/log.h"
#include "tributary/storage/memory_file_system.h"
#include "tributary/wire/messages/fetch.h"
#include "tributary/wire/messages/metadata.h"
#include "tributary/wire/messages/produce.h"
#include "tributary/wire/record_batch.h"

namespace tributary {
namespace {

constexpr int kTimes = 100;
constexpr TimestampMs kNow = 1'700'000'000'000;

[[gnu::noinline]] void measured(const std::function<void()>& work) { work(); }

// Each case prepares, then measures `work` kTimes times.
void repeat(const std::function<void()>& work) {
  work();  // first-time costs are not the point
  for (int i = 0; i < kTimes; ++i) measured(work);
}

std::vector<uint8_t> batch_of(int records, size_t value_size) {
  wire::BatchBuilder builder({});
  const std::vector<uint8_t> value(value_size, 'v');
  for (int i = 0; i < records; ++i) builder.append(kNow, std::nullopt, ByteView(value));
  return builder.build();
}

template <typename Message>
void decode(const Message& message, int16_t version) {
  wire::Writer writer;
  message.encode(writer, version);
  const auto bytes = writer.to_vector();
  repeat([&] {
    Message again;
    wire::Reader reader(bytes);
    if (!again.decode(reader, version)) std::abort();
  });
}

template <typename Message>
void encode(const Message& message, int16_t version) {
  repeat([&] {
    wire::Writer writer(256);
    message.encode(writer, version);
  });
}

wire::ProduceRequest produce_request(const std::vector<uint8_t>& batch, int partitions) {
  wire::ProduceRequest request;
  request.acks = 1;
  auto& topic = request.topic_data.emplace_back();
  topic.name = "orders";
  for (int i = 0; i < partitions; ++i) {
    auto& data = topic.partition_data.emplace_back();
    data.index = i;
    data.records = ByteView(batch);
  }
  return request;
}

wire::FetchResponse fetch_response(const std::vector<uint8_t>& batch, int partitions) {
  wire::FetchResponse response;
  auto& topic = response.responses.emplace_back();
  topic.topic = "orders";
  for (int i = 0; i < partitions; ++i) {
    auto& data = topic.partitions.emplace_back();
    data.partition_index = i;
    data.high_watermark = 1000;
    data.records = ByteView(batch);
  }
  return response;
}

wire::MetadataResponse metadata_response(const std::vector<std::string>& names) {
  wire::MetadataResponse response;
  for (const std::string& name : names) {
    auto& topic = response.topics.emplace_back();
    topic.name = name;
    auto& partition = topic.partitions.emplace_back();
    partition.leader_id = 1;
    partition.replica_nodes = {1};
    partition.isr_nodes = {1};
  }
  return response;
}

std::vector<std::string> thousand_names() {
  std::vector<std::string> names;
  names.reserve(1000);
  for (int i = 0; i < 1000; ++i) names.push_back("topic-" + std::to_string(i));
  return names;
}

std::unique_ptr<storage::Log> open_log(storage::MemoryFileSystem& fs, storage::LogProbe& probe) {
  storage::LogOptions options;
  options.fs = &fs;
  options.directory = "/data/orders-0";
  options.name = {"orders", 0};
  options.probe = &probe;
  options.now = kNow;
  auto log = storage::Log::open(std::move(options));
  if (!log) std::abort();
  return std::move(*log);
}

// The write itself is left out: what a file system costs is measured elsewhere.
void append(int records, size_t value_size) {
  storage::MemoryFileSystem fs;
  storage::LogProbe probe;
  const auto log = open_log(fs, probe);
  const auto original = batch_of(records, value_size);
  auto batch = original;
  const auto once = [&] {
    if (!log->append(batch, LeaderEpoch{0}, storage::AppendOrigin::kClient, kNow)) std::abort();
  };
  for (int i = 0; i <= kTimes; ++i) {
    batch = original;
    i == 0 ? once() : measured(once);
    if (!log->write_staged()) std::abort();
  }
}

void read() {
  storage::MemoryFileSystem fs;
  storage::LogProbe probe;
  const auto log = open_log(fs, probe);
  const auto original = batch_of(1, 1024);
  for (int i = 0; i < 1000; ++i) {
    auto batch = original;
    if (!log->append(batch, LeaderEpoch{0}, storage::AppendOrigin::kClient, kNow) || !log->write_staged())
      std::abort();
  }
  std::vector<uint8_t> buffer(64 * 1024);
  repeat([&] {
    auto plan = log->plan_read({500, 16 * 1024, storage::Isolation::kHighWatermark, true}, log->end_offset());
    if (!plan) std::abort();
    const auto size = plan->size(storage::ReadMode::kCached);
    if (!size || !plan->execute({buffer.data(), *size}, storage::ReadMode::kCached)) std::abort();
  });
}

void iterate() {
  const auto bytes = batch_of(128, 1000);
  const auto batch = wire::BatchView::parse(bytes);
  repeat([&] {
    wire::RecordIterator records(batch->payload(), batch->record_count());
    while (records.next()) {
    }
    if (!records.at_end()) std::abort();
  });
}

const std::map<std::string, std::function<void()>>& cases() {
  static const auto names = thousand_names();
  static const auto kib = batch_of(1, 1024);
  static const std::map<std::string, std::function<void()>> all = {
      {"decode-produce-1", [] { decode(produce_request(kib, 1), 9); }},
      {"decode-produce-50", [] { decode(produce_request(kib, 50), 9); }},
      {"encode-fetch-50", [] { encode(fetch_response(kib, 50), 12); }},
      {"encode-metadata-1000", [] { encode(metadata_response(names), 12); }},
      {"append-1-record", [] { append(1, 1024); }},
      {"append-100-records", [] { append(100, 1024); }},
      {"read-16-KiB", [] { read(); }},
      {"iterate-128-records", [] { iterate(); }},
      {"crc-128-KiB",
       [] {
         const std::vector<uint8_t> data(128 * 1024, 7);
         repeat([&] {
           if (crc32c(data) == 0) std::abort();
         });
       }},
  };
  return all;
}

}  // namespace
}  // namespace tributary

int main(int argc, char** argv) {
  const auto& cases = tributary::cases();
  const auto found = argc == 2 ? cases.find(argv[1]) : cases.end();
  if (found != cases.end()) {
    found->second();
    return 0;
  }
  for (const auto& [name, work] : cases) std::printf("%s\n", name.c_str());
  return argc == 1 ? 0 : 2;
}
