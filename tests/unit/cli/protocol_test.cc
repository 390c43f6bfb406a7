#include <array>

#include "cli/consumer_protocol.h"
#include "cli/reading_plan.h"
#include "tributary/wire/writer.h"

namespace tributary::cli {
namespace {

void write_partitions(wire::Writer& out, const std::vector<TopicPartitions>& list) {
  out.write_array_size(list.size(), false);
  for (const TopicPartitions& topic : list) {
    out.write_string(topic.topic, false);
    out.write_array_size(topic.partitions.size(), false);
    for (const int32_t partition : topic.partitions) out.write_int32(partition);
  }
}

const std::vector<TopicPartitions> kAssignment = {{"flights", {0, 2}}, {"orders", {}}};

std::vector<uint8_t> assignment_bytes(int16_t version) {
  wire::Writer out;
  out.write_int16(version);
  write_partitions(out, kAssignment);
  out.write_nullable_bytes(std::nullopt, false);
  return out.to_vector();
}

std::vector<uint8_t> subscription_bytes(int16_t version) {
  wire::Writer out;
  out.write_int16(version);
  out.write_array_size(1, false);
  out.write_string("flights", false);
  const std::array<uint8_t, 3> user_data = {1, 2, 3};
  out.write_bytes(user_data, false);
  if (version >= 1) write_partitions(out, kAssignment);
  if (version >= 2) out.write_int32(17);
  if (version >= 3) out.write_nullable_string("rack1", false);
  return out.to_vector();
}

TEST(ConsumerProtocol, Assignment_IsReadInEveryVersion) {
  for (int16_t version = 0; version <= 4; ++version) {
    EXPECT_EQ(decode_assignment(assignment_bytes(version)), kAssignment) << version;
  }
}

TEST(ConsumerProtocol, Subscription_IsReadInEveryVersion) {
  for (int16_t version = 0; version <= 3; ++version) {
    const auto subscription = decode_subscription(subscription_bytes(version));
    ASSERT_TRUE(subscription) << version;
    EXPECT_EQ(subscription->topics, std::vector<std::string>{"flights"});
    EXPECT_EQ(subscription->owned.size(), version >= 1 ? 2u : 0u);
    EXPECT_EQ(subscription->rack, version >= 3 ? std::optional<std::string>("rack1") : std::nullopt);
  }
}

TEST(ConsumerProtocol, NoBytes_AreAnEmptyAssignment) {
  EXPECT_EQ(decode_assignment({}), std::vector<TopicPartitions>{});
  EXPECT_EQ(decode_subscription({}), std::nullopt);
}

TEST(ConsumerProtocol, CutBytes_AreRefused) {
  const auto bytes = subscription_bytes(3);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(decode_subscription(ByteView(bytes).first(size)), std::nullopt) << size;
  }
}

TEST(ConsumerProtocol, HugeCounts_AreRefusedWithoutMemory) {
  const std::vector<uint8_t> bytes = {0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0};
  EXPECT_EQ(decode_assignment(bytes), std::nullopt);
  EXPECT_EQ(decode_subscription(bytes), std::nullopt);
}

TEST(ReadingPlan, Finished_WhenEveryPartitionReachedItsEnd) {
  ReadingPlan plan;
  plan.add({"t", 0}, 5, 10);
  plan.add({"t", 1}, 0, 3);
  EXPECT_FALSE(plan.finished());
  plan.reached({"t", 0}, 10);
  EXPECT_FALSE(plan.finished());
  plan.reached({"t", 0}, 11);  // told twice
  EXPECT_FALSE(plan.finished());
  plan.reached({"t", 1}, 7);  // records between were compacted away
  EXPECT_TRUE(plan.finished());
}

TEST(ReadingPlan, Wants_OnlyWhatIsWithin) {
  ReadingPlan plan;
  plan.add({"t", 0}, 5, 10);
  EXPECT_FALSE(plan.wants({"t", 0}, 4));
  EXPECT_TRUE(plan.wants({"t", 0}, 5));
  EXPECT_TRUE(plan.wants({"t", 0}, 9));
  EXPECT_FALSE(plan.wants({"t", 0}, 10));
  EXPECT_FALSE(plan.wants({"t", 1}, 5));
}

TEST(ReadingPlan, NoEnd_NeverFinishes) {
  ReadingPlan plan;
  plan.add({"t", 0}, 5, std::nullopt);
  plan.reached({"t", 0}, 1'000'000);
  EXPECT_FALSE(plan.finished());
}

TEST(ReadingPlan, NothingToRead_IsFinished) {
  ReadingPlan plan;
  EXPECT_TRUE(plan.finished());
  plan.add({"t", 0}, 5, 5);
  EXPECT_TRUE(plan.finished());
}

}  // namespace
}  // namespace tributary::cli
