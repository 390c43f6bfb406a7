// Compacted topics in a running broker.
#include <fstream>

#include "running_broker.h"

namespace tributary::broker::test {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Records a minute apart from those before: with segment.ms of a second each batch begins a segment.
std::vector<uint8_t> keyed(const Pairs& pairs, int minute) {
  wire::BatchBuilder builder({});
  const TimestampMs at = 1'700'000'000'000 + minute * TimestampMs{60'000};
  for (const auto& [key, value] : pairs) builder.append(at, as_bytes(key), as_bytes(value));
  return builder.build();
}

const Configs kCompacted{{"cleanup.policy", "compact"},
                         {"segment.ms", "1000"},
                         {"min.cleanable.dirty.ratio", "0.01"},
                         {"file.delete.delay.ms", "0"}};

class CleanerBrokerTest : public BrokerTest {
 protected:
  static void fill(Client& client, const Topic& topic, int batches = 5) {
    for (int i = 0; i < batches; ++i) {
      ASSERT_EQ(produce(client, topic, keyed({{"a", std::to_string(i)}, {"b", std::to_string(i)}}, i)).error,
                ErrorCode::kNone);
    }
  }
  RunningBroker::Overrides quick(RunningBroker::Overrides more = {}) const {
    more.push_back("log.cleaner.backoff.ms=20");
    return with(std::move(more));
  }
  // Base offsets of all batches from `at` on; a fetch gives those of one segment, each batch has two offsets.
  static std::vector<int64_t> batches_of(Client& client, const Topic& topic, int64_t at = 0) {
    std::vector<int64_t> all;
    for (;;) {
      const auto some = fetch_offsets(client, topic, {.offset = at});
      if (some.empty() || some.front() < 0) return all;
      all.insert(all.end(), some.begin(), some.end());
      at = some.back() + 2;
    }
  }
  static std::string checkpoint(const RunningBroker& broker) {
    std::ifstream file(broker.data_directory() + "/cleaner-offset-checkpoint");
    return {std::istreambuf_iterator<char>(file), {}};
  }
};
TRIBUTARY_ON_SHARDS(CleanerBrokerTest);

TEST_P(CleanerBrokerTest, Cleaner_KeysAgain_OnlyLastRecordsStayAtTheirOffsets) {
  RunningBroker broker(quick());
  Client client = broker.client();
  const Topic topic = create_topic(client, "compacted", 1, kCompacted);
  fill(client, topic);
  EXPECT_TRUE(eventually([&] { return batches_of(client, topic) == std::vector<int64_t>{6, 8}; }));
  EXPECT_TRUE(eventually([&] { return checkpoint(broker) == "0\n1\ncompacted 0 8\n"; }));
  EXPECT_EQ(batches_of(client, topic, 1), (std::vector<int64_t>{6, 8}));
  EXPECT_GE(broker.metric("tributary_log_cleaner_passes_total"), 1);
  broker.restart();
  Client again = broker.client();
  EXPECT_EQ(batches_of(again, topic), (std::vector<int64_t>{6, 8}));
  EXPECT_EQ(checkpoint(broker), "0\n1\ncompacted 0 8\n");
}

TEST_P(CleanerBrokerTest, Cleaner_TopicOfAnotherPolicy_IsLeftAlone) {
  RunningBroker broker(quick());
  Client client = broker.client();
  const Topic kept = create_topic(client, "kept", 1, {{"segment.ms", "1000"}, {"retention.ms", "-1"}});
  const Topic topic = create_topic(client, "compacted", 1, kCompacted);
  fill(client, kept);
  fill(client, topic);
  EXPECT_TRUE(eventually([&] { return batches_of(client, topic).size() == 2; }));
  EXPECT_EQ(batches_of(client, kept).size(), 5u);
}

TEST_P(CleanerBrokerTest, Cleaner_TopicDeleted_NewOneOfThatNameIsNotTakenForCleaned) {
  RunningBroker broker(quick());
  Client client = broker.client();
  const Topic topic = create_topic(client, "compacted", 1, kCompacted);
  fill(client, topic);
  ASSERT_TRUE(eventually([&] { return checkpoint(broker).find("compacted") != std::string::npos; }));
  ASSERT_TRUE(client.call<wire::DeleteTopicsResponse>(delete_request("compacted"), 6));
  EXPECT_TRUE(eventually([&] { return checkpoint(broker) == "0\n0\n"; }));
}

TEST_P(CleanerBrokerTest, Cleaner_Disabled_NothingIsCleaned) {
  RunningBroker broker(quick({"log.cleaner.enable=false"}));
  Client client = broker.client();
  const Topic topic = create_topic(client, "compacted", 1, kCompacted);
  fill(client, topic);
  EXPECT_EQ(batches_of(client, topic).size(), 5u);
  EXPECT_EQ(broker.metric("tributary_log_cleaner_passes_total"), 0);
}

TEST_P(CleanerBrokerTest, Cleaner_ThreadsSetWhileItRuns_ItBegins) {
  RunningBroker broker(quick({"log.cleaner.threads=0"}));
  Client client = broker.client();
  const Topic topic = create_topic(client, "compacted", 1, kCompacted);
  fill(client, topic);
  EXPECT_EQ(batches_of(client, topic).size(), 5u);
  wire::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = 4;
  resource.resource_name = "";
  resource.configs.push_back({"log.cleaner.threads", 0, "1", {}});
  const auto reply = client.call<wire::IncrementalAlterConfigsResponse>(request, 1);
  ASSERT_TRUE(reply);
  ASSERT_EQ(reply->responses[0].error_code, ErrorCode::kNone);
  EXPECT_TRUE(eventually([&] { return batches_of(client, topic).size() == 2; }));
}

TEST_P(CleanerBrokerTest, Cleaner_DamagedBatch_PartitionIsSetAsideAndOthersAreCleaned) {
  RunningBroker broker(quick({"log.cleaner.threads=0"}));
  Client client = broker.client();
  const Topic bad = create_topic(client, "bad", 1, kCompacted);
  const Topic good = create_topic(client, "good", 1, kCompacted);
  fill(client, bad);
  fill(client, good);
  broker.stop();
  {
    std::fstream file(broker.data_directory() + "/bad-0/00000000000000000000.log",
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(63);
    file.put('\x7f');
  }
  broker.override_with("log.cleaner.threads=2");
  broker.start();
  Client again = broker.client();
  EXPECT_TRUE(eventually([&] { return batches_of(again, good).size() == 2; }));
  EXPECT_TRUE(eventually(
      [&] { return broker.metric("kafka_log_logcleanermanager_uncleanable_partitions_count") == 1; }));
  EXPECT_GT(broker.metric("kafka_log_logcleanermanager_uncleanable_bytes"), 0);
}

TEST_P(CleanerBrokerTest, Produce_RecordWithoutKey_IsRefusedWithItsIndex) {
  RunningBroker broker(quick());
  Client client = broker.client();
  const Topic topic = create_topic(client, "compacted", 1, kCompacted);
  wire::BatchBuilder builder({});
  builder.append(1'700'000'000'000, as_bytes("a"), as_bytes("1"));
  builder.append(1'700'000'000'000, std::nullopt, as_bytes("2"));
  const auto batch = builder.build();
  const auto reply = client.call<wire::ProduceResponse>(produce_request(topic, 0, batch), 12);
  ASSERT_TRUE(reply);
  const auto& answer = reply->responses[0].partition_responses[0];
  EXPECT_EQ(answer.error_code, ErrorCode::kInvalidRecord);
  ASSERT_EQ(answer.record_errors.size(), 1u);
  EXPECT_EQ(answer.record_errors[0].batch_index, 1);
}

}  // namespace
}  // namespace tributary::broker::test
