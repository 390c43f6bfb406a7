// A whole broker in this process, on a directory of its own and a port the system gives; and short ways to
// ask it for things.
#pragma once
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "client.h"
#include "tributary/broker/broker.h"
#include "tributary/config/load.h"
#include "tributary/wire/messages/all.h"
#include "tributary/wire/record_batch.h"

namespace tributary::broker::test {

using wire::ErrorCode;

class TempDirectory {
 public:
  TempDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tributary-broker-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class RunningBroker {
 public:
  using Overrides = std::vector<std::string>;
  explicit RunningBroker(Overrides overrides = {}) : overrides_(std::move(overrides)) { start(); }
  ~RunningBroker() { stop(); }

  void start() {
    make();
    const Status started = broker_->start();
    ASSERT_TRUE(started) << started.error().message;
    const std::string address = broker_->bootstrap();
    port_ = static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }
  // Stops it, and leaves the next start before any log is open.
  void restart_cancelled() {
    stop();
    make();
    broker_->cancel_start();
    const Status started = broker_->start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, Errc::kCancelled);
    stop();
  }
  void make() {
    config::Sources sources;
    sources.overrides = {"log.dirs=" + directory_.path() + "/data", "listeners=PLAINTEXT://127.0.0.1:0",
                         "io.threads=2"};
    sources.overrides.insert(sources.overrides.end(), overrides_.begin(), overrides_.end());
    loaded_ = config::load(sources, config::real_surroundings());
    ASSERT_TRUE(loaded_.errors.empty()) << config::describe(loaded_.errors);
    broker_ = std::make_unique<Broker>(BrokerOptions{&loaded_.values, &clock_, {2, 1ULL << 30, 100'000}});
  }
  void stop() {
    if (broker_) broker_->stop();
    broker_.reset();
  }
  void restart() {
    stop();
    start();
  }
  // The settings as they are, with others on top.
  void reload(Overrides changed) {
    config::Sources sources;
    sources.overrides = std::move(changed);
    reloaded_ = config::load(sources, config::real_surroundings());
    ASSERT_TRUE(reloaded_.errors.empty()) << config::describe(reloaded_.errors);
    broker_->reload(reloaded_.values);
  }
  // As a kill leaves it: with all that had reached the page cache, and nothing that a clean stop adds.
  void kill_and_restart() {
    const std::filesystem::path root = directory_.path();
    const std::filesystem::path aside = root.string() + ".killed";
    std::filesystem::copy(root, aside, std::filesystem::copy_options::recursive);
    stop();
    std::filesystem::remove_all(root);
    std::filesystem::rename(aside, root);
    start();
  }
  std::string state_directory() const { return data_directory() + ".state"; }
  void override_with(const std::string& setting) { overrides_.push_back(setting); }

  Client client() const { return Client(port_); }
  uint16_t port() const { return port_; }
  Broker& broker() { return *broker_; }
  std::string data_directory() const { return directory_.path() + "/data"; }

  // The sum over all label sets of one metric.
  double metric(const std::string& name) const {
    std::istringstream lines(broker_->metrics());
    double total = 0;
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with(name) || line.size() <= name.size()) continue;
      if (line[name.size()] != ' ' && line[name.size()] != '{') continue;
      total += std::stod(line.substr(line.rfind(' ') + 1));
    }
    return total;
  }

 private:
  TempDirectory directory_;
  Overrides overrides_;
  SystemClock clock_;
  config::LoadResult loaded_;
  config::LoadResult reloaded_;
  std::unique_ptr<Broker> broker_;
  uint16_t port_ = 0;
};

// For what happens on other threads without an answer: turns until it holds, or patience ends.
template <typename Condition>
bool eventually(Condition holds) {
  const SystemClock clock;
  const int64_t end = clock.monotonic_ns() + kPatienceSeconds * int64_t{1'000'000'000};
  while (!holds()) {
    if (clock.monotonic_ns() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

struct BatchSpec {
  int records = 1;
  size_t value_size = 10;
  TimestampMs timestamp = 1'700'000'000'000;
  int64_t producer_id = -1;
  int16_t epoch = 0;
  int32_t sequence = 0;
  wire::Codec codec = wire::Codec::kNone;
};

inline std::vector<uint8_t> make_batch(const BatchSpec& spec = {}) {
  wire::BatchOptions options;
  options.codec = spec.codec;
  if (spec.producer_id >= 0) {
    options.producer_id = ProducerId{spec.producer_id};
    options.producer_epoch = spec.epoch;
    options.base_sequence = spec.sequence;
  }
  wire::BatchBuilder builder(options);
  const std::string value(spec.value_size, 'v');
  for (int i = 0; i < spec.records; ++i) builder.append(spec.timestamp + i, std::nullopt, as_bytes(value));
  return builder.build();
}

struct Topic {
  std::string name;
  Uuid id;
};

using Configs = std::vector<std::pair<std::string, std::string>>;

inline wire::CreateTopicsRequest create_request(std::string_view name, int32_t partitions = 1,
                                                const Configs& configs = {}) {
  wire::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = 1;
  for (const auto& [key, value] : configs) topic.configs.push_back({key, value, {}});
  return request;
}

inline Topic create_topic(Client& client, const std::string& name, int32_t partitions = 1,
                          const Configs& configs = {}) {
  auto reply = client.call<wire::CreateTopicsResponse>(create_request(name, partitions, configs), 7);
  EXPECT_TRUE(reply);
  if (!reply || reply->topics.size() != 1) return {};
  EXPECT_EQ(reply->topics[0].error_code, ErrorCode::kNone) << reply->topics[0].error_message.value_or("");
  return {name, reply->topics[0].topic_id};
}

inline wire::DeleteTopicsRequest delete_request(std::string_view name) {
  wire::DeleteTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  return request;
}

inline wire::ProduceRequest produce_request(const Topic& topic, int32_t partition, ByteView batch,
                                            int16_t acks = -1) {
  wire::ProduceRequest request;
  request.transactional_id = std::nullopt;
  request.acks = acks;
  request.timeout_ms = 30'000;
  auto& data = request.topic_data.emplace_back();
  data.name = topic.name;
  data.topic_id = topic.id;
  data.partition_data.push_back({partition, batch, {}});
  return request;
}

struct Produced {
  ErrorCode error = ErrorCode::kUnknownServerError;
  int64_t base_offset = -1;
  std::string message;
  size_t record_errors = 0;
};

inline Produced outcome_of(const Reply<wire::ProduceResponse>& reply) {
  if (!reply || reply->responses.empty() || reply->responses[0].partition_responses.empty()) return {};
  const auto& answer = reply->responses[0].partition_responses[0];
  return {answer.error_code, answer.base_offset, std::string(answer.error_message.value_or("")),
          answer.record_errors.size()};
}

inline Produced produce(Client& client, const Topic& topic, ByteView batch, int32_t partition = 0,
                        int16_t acks = -1, int16_t version = 12) {
  return outcome_of(
      client.call<wire::ProduceResponse>(produce_request(topic, partition, batch, acks), version));
}
inline Produced produce(Client& client, const Topic& topic, const BatchSpec& spec = {},
                        int32_t partition = 0) {
  return produce(client, topic, make_batch(spec), partition);
}

struct FetchSpec {
  int64_t offset = 0;
  int32_t partition = 0;
  int32_t max_wait_ms = 0;
  int32_t min_bytes = 1;
  int32_t max_bytes = 50 << 20;
  int32_t partition_max_bytes = 1 << 20;
  int8_t isolation = 0;
  int32_t session_id = 0;
  int32_t session_epoch = -1;
  int32_t leader_epoch = -1;
};

inline void add_partition(wire::FetchRequest& request, const Topic& topic, const FetchSpec& spec = {}) {
  auto& asked = request.topics.emplace_back();
  asked.topic = topic.name;
  asked.topic_id = topic.id;
  auto& partition = asked.partitions.emplace_back();
  partition.partition = spec.partition;
  partition.fetch_offset = spec.offset;
  partition.partition_max_bytes = spec.partition_max_bytes;
  partition.current_leader_epoch = spec.leader_epoch;
}

inline wire::FetchRequest empty_fetch(const FetchSpec& spec = {}) {
  wire::FetchRequest request;
  request.max_wait_ms = spec.max_wait_ms;
  request.min_bytes = spec.min_bytes;
  request.max_bytes = spec.max_bytes;
  request.isolation_level = spec.isolation;
  request.session_id = spec.session_id;
  request.session_epoch = spec.session_epoch;
  return request;
}

inline wire::FetchRequest fetch_request(const Topic& topic, const FetchSpec& spec = {}) {
  wire::FetchRequest request = empty_fetch(spec);
  add_partition(request, topic, spec);
  return request;
}

// The one partition of an answer that holds exactly one.
inline const wire::FetchResponse::PartitionData* only_partition(const Reply<wire::FetchResponse>& reply) {
  if (!reply || reply->responses.size() != 1 || reply->responses[0].partitions.size() != 1) return nullptr;
  return &reply->responses[0].partitions[0];
}

inline std::vector<int64_t> base_offsets(ByteView bytes) {
  std::vector<int64_t> offsets;
  while (!bytes.empty()) {
    const auto batch = wire::BatchView::parse(bytes);
    if (!batch) break;
    offsets.push_back(batch->base_offset());
    bytes = bytes.subspan(batch->size());
  }
  return offsets;
}

// Base offsets of what a fetch of one partition gives.
inline std::vector<int64_t> fetched_offsets(const Reply<wire::FetchResponse>& reply) {
  const auto* data = only_partition(reply);
  if (data == nullptr || !data->records) return {-1};
  EXPECT_EQ(data->error_code, ErrorCode::kNone);
  return base_offsets(*data->records);
}
inline std::vector<int64_t> fetch_offsets(Client& client, const Topic& topic, const FetchSpec& spec = {},
                                          int16_t version = 17) {
  return fetched_offsets(client.call<wire::FetchResponse>(fetch_request(topic, spec), version));
}

// With one shard and with several: a parameter of most tests.
class BrokerTest : public testing::TestWithParam<int> {
 protected:
  RunningBroker::Overrides with(RunningBroker::Overrides overrides = {}) const {
    overrides.push_back("network.threads=" + std::to_string(GetParam()));
    return overrides;
  }
};
#define TRIBUTARY_ON_SHARDS(suite) \
  INSTANTIATE_TEST_SUITE_P(Shards, suite, testing::Values(1, 3), testing::PrintToStringParamName())

}  // namespace tributary::broker::test
