// A metadata log that Apache Kafka 4.3.1 wrote: a combined node with topic "orders" (3 partitions, grown to
// 5, configs changed), a topic made and deleted, a cluster-wide config, a quota and a SCRAM user; one
// snapshot on the way.
#include <filesystem>
#include <fstream>

#include "test_cluster.h"

namespace tributary::control {
namespace {

constexpr std::string_view kDirectoryId = "A40tpbJfq10W5fDhIri1Zw";

void copy_into(storage::FileSystem& fs) {
  const std::string from = TRIBUTARY_TEST_DATA "/unit/control/data/kafka-4.3.1/__cluster_metadata-0";
  ASSERT_TRUE(fs.create_directories("/data/__cluster_metadata-0"));
  for (const auto& entry : std::filesystem::directory_iterator(from)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(in)), {});
    auto file =
        fs.open("/data/__cluster_metadata-0/" + entry.path().filename().string(), storage::OpenMode::kCreate);
    ASSERT_TRUE(file);
    const ByteView piece = as_bytes(content);
    ASSERT_TRUE((*file)->write_at(0, {&piece, 1}));
  }
}

class KafkaDirectory : public ::testing::Test {
 protected:
  // With the directory's own id.
  Result<std::unique_ptr<Controller>> open() {
    test_.options().directory_id = *Uuid::parse(kDirectoryId);
    return test_.open();
  }

  static void expect_state(const Image& image) {
    EXPECT_EQ(image.features().at("metadata.version"), 30);
    const TopicPtr topic = image.find_topic("orders");
    ASSERT_TRUE(topic);
    ASSERT_EQ(topic->partitions.size(), 5u);
    EXPECT_EQ(topic->partitions[4].leader, NodeId{1});
    EXPECT_EQ(*image.find_config(ResourceType::kTopic, "orders"),
              (ConfigMap{{"cleanup.policy", "compact,delete"}}));
    EXPECT_EQ(*image.find_config(ResourceType::kBroker, ""), (ConfigMap{{"log.retention.ms", "7000000"}}));
    EXPECT_FALSE(image.find_topic("gone"));
    EXPECT_EQ(image.topic_count(), 1u);
    EXPECT_EQ(image.kept_records().size(), 3u);  // the controller, the quota, the credential
  }

  TestController test_;
};

TEST_F(KafkaDirectory, SnapshotAndLog_AreTakenOver) {
  copy_into(test_.fs);
  auto controller = open();
  ASSERT_TRUE(controller) << controller.error().message;
  expect_state(*(*controller)->image());
  EXPECT_EQ((*controller)->image()->epoch(), LeaderEpoch{2});
}

TEST_F(KafkaDirectory, LogAlone_GivesTheSame) {
  copy_into(test_.fs);
  ASSERT_TRUE(test_.fs.remove("/data/__cluster_metadata-0/00000000000000000042-0000000001.checkpoint"));
  auto controller = open();
  ASSERT_TRUE(controller) << controller.error().message;
  expect_state(*(*controller)->image());
}

TEST_F(KafkaDirectory, OwnSnapshot_KeepsEverything) {
  test_.set("metadata.log.max.record.bytes.between.snapshots", "1");
  copy_into(test_.fs);
  auto controller = open();
  ASSERT_TRUE(controller);
  (*controller)->tick();
  test_.fs.kill();
  ASSERT_TRUE(test_.fs.remove("/data/__cluster_metadata-0/00000000000000000042-0000000001.checkpoint"));
  controller = open();
  ASSERT_TRUE(controller) << controller.error().message;
  expect_state(*(*controller)->image());
}

}  // namespace
}  // namespace tributary::control
