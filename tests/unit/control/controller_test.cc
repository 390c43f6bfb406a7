#include "tributary/control/controller.h"

#include <set>

#include "control/snapshot_records.h"
#include "test_cluster.h"

namespace tributary::control {
namespace {

using wire::ErrorCode;

ErrorCode create(Controller& controller, std::string_view name, int32_t partitions = 1) {
  wire::Arena arena;
  return controller.create_topics(create_request(name, partitions), 7, arena).topics.at(0).error_code;
}

ErrorCode remove(Controller& controller, std::string_view name) {
  wire::Arena arena;
  wire::DeleteTopicsRequest request;
  request.topic_names = {name};
  return controller.delete_topics(request, 5, arena).responses.at(0).error_code;
}

ErrorCode set_config(Controller& controller, ResourceType type, std::string_view resource,
                     std::string_view name, std::string_view value) {
  wire::Arena arena;
  wire::IncrementalAlterConfigsRequest request;
  wire::IncrementalAlterConfigsRequest::AlterConfigsResource target;
  target.resource_type = static_cast<int8_t>(type);
  target.resource_name = resource;
  target.configs = {{name, 0, value, {}}};
  request.resources.push_back(target);
  return controller.incremental_alter_configs(request, arena).responses.at(0).error_code;
}

TEST(Controller, FirstStart_FinalizesItsLevelAndRegisters) {
  TestController test;
  auto controller = test.open();
  ASSERT_TRUE(controller) << controller.error().message;
  const ImagePtr image = (*controller)->image();
  EXPECT_EQ(image->features().at("metadata.version"), 30);
  const auto broker = image->find_broker(NodeId{1});
  ASSERT_TRUE(broker);
  EXPECT_TRUE(broker->active());
  EXPECT_EQ(broker->incarnation, test.options().incarnation);
  EXPECT_EQ(broker->endpoints, test.options().endpoints);
  EXPECT_EQ(image->epoch(), LeaderEpoch{1});
  // LeaderChange, KRaftVersion, Voters; Begin, level, End; then the registration.
  EXPECT_EQ(broker->epoch, 6);
  EXPECT_TRUE(test.fs.exists("/data/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint"));
  EXPECT_EQ(
      *storage::read_file(test.fs, "/data/__cluster_metadata-0/quorum-state"),
      R"({"leaderId":1,"leaderEpoch":1,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1})");
}

TEST(Controller, Listener_SeesEachRevision) {
  TestController test;
  auto controller = test.open();
  ASSERT_TRUE(controller);
  std::vector<size_t> topics;
  (*controller)->on_image([&](const ImagePtr& image) { topics.push_back(image->topic_count()); });
  EXPECT_EQ(create(**controller, "a"), ErrorCode::kNone);
  EXPECT_EQ(create(**controller, "b"), ErrorCode::kNone);
  EXPECT_EQ(create(**controller, "b"), ErrorCode::kTopicAlreadyExists);
  EXPECT_EQ(topics, (std::vector<size_t>{1, 2}));
}

TEST(Controller, Restart_KeepsTheStateInANewEpoch) {
  TestController test;
  auto controller = test.open();
  ASSERT_TRUE(controller);
  ASSERT_EQ(create(**controller, "a", 3), ErrorCode::kNone);
  ASSERT_EQ(set_config(**controller, ResourceType::kTopic, "a", "retention.ms", "5"), ErrorCode::kNone);
  const Uuid id = (*controller)->image()->find_topic("a")->id;
  ASSERT_TRUE((*controller)->close());
  controller = test.open();
  ASSERT_TRUE(controller) << controller.error().message;
  const ImagePtr image = (*controller)->image();
  EXPECT_EQ(image->epoch(), LeaderEpoch{2});
  ASSERT_TRUE(image->find_topic("a"));
  EXPECT_EQ(image->find_topic("a")->id, id);
  EXPECT_EQ(image->find_config(ResourceType::kTopic, "a")->at("retention.ms"), "5");
  EXPECT_EQ(image->find_broker(NodeId{1})->incarnation, test.options().incarnation);
  for (const PartitionImage& partition : image->find_topic("a")->partitions) {
    EXPECT_EQ(partition.leader, NodeId{1});
    EXPECT_EQ(partition.leader_epoch, LeaderEpoch{1});
  }
}

TEST(Controller, ProducerIdBlocks_NeverRepeat) {
  TestController test;
  auto controller = test.open();
  ASSERT_TRUE(controller);
  const auto first = (*controller)->allocate_producer_ids();
  const auto second = (*controller)->allocate_producer_ids();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->first, 0);
  EXPECT_EQ(first->size, 1000);
  EXPECT_EQ(second->first, 1000);
  test.fs.kill();
  controller = test.open();
  ASSERT_TRUE(controller);
  EXPECT_EQ((*controller)->allocate_producer_ids()->first, 2000);
}

TEST(Controller, FullDisk_RefusesAndGoesOnWhenThereIsRoom) {
  TestController test;
  auto controller = test.open();
  ASSERT_TRUE(controller);
  test.fs.limit_space(test.fs.used_space());
  EXPECT_EQ(create(**controller, "a"), ErrorCode::kKafkaStorageError);
  EXPECT_FALSE((*controller)->image()->find_topic("a"));
  test.fs.limit_space(UINT64_MAX);
  EXPECT_EQ(create(**controller, "a"), ErrorCode::kNone);
}

TEST(Controller, SnapshotAndTail_GiveTheSameAsTheWholeLog) {
  TestController test;
  test.set("metadata.log.max.record.bytes.between.snapshots", "2000");
  auto controller = test.open();
  ASSERT_TRUE(controller);
  Random random(99);
  for (int step = 0; step < 300; ++step) {
    const std::string name = "topic." + std::to_string(random.below(40));
    switch (random.below(4)) {
      case 0:
        remove(**controller, name);
        break;
      case 1:
        set_config(**controller, ResourceType::kTopic, name, "retention.ms", std::to_string(step));
        break;
      case 2:
        (void)(*controller)->allocate_producer_ids();
        break;
      default:
        create(**controller, name, static_cast<int32_t>(1 + random.below(3)));
        break;
    }
    test.clock.advance_ms(10);
    (*controller)->tick();
  }
  const ImagePtr live = (*controller)->image();
  size_t snapshots = 0;
  const auto listing = test.fs.list("/data/__cluster_metadata-0");
  for (const auto& file : *listing) snapshots += file.name.ends_with(".checkpoint") ? 1 : 0;
  EXPECT_GT(snapshots, 3u);
  Replay folded;
  ASSERT_TRUE(write_image(*live, [&](ByteView value) { return folded.builder().apply(value); }));
  EXPECT_TRUE(folded.image()->same_state(*live));
  test.fs.kill();
  controller = test.open();
  ASSERT_TRUE(controller) << controller.error().message;
  const ImagePtr again = (*controller)->image();
  EXPECT_EQ(again->topic_count(), live->topic_count());
  EXPECT_EQ(again->next_producer_id(), live->next_producer_id());
  live->for_each_topic([&](const TopicPtr& topic) {
    const TopicPtr found = again->find_topic(topic->name);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, topic->id);
    EXPECT_EQ(found->partitions.size(), topic->partitions.size());
    const ConfigMap* before = live->find_config(ResourceType::kTopic, topic->name);
    const ConfigMap* after = again->find_config(ResourceType::kTopic, topic->name);
    EXPECT_EQ(before ? *before : ConfigMap{}, after ? *after : ConfigMap{});
  });
}

TEST(Controller, DamagedSnapshot_FallsBackToTheOneBefore) {
  TestController test;
  test.set("metadata.log.max.record.bytes.between.snapshots", "1");
  auto controller = test.open();
  ASSERT_TRUE(controller);
  ASSERT_EQ(create(**controller, "a"), ErrorCode::kNone);
  (*controller)->tick();
  ASSERT_EQ(create(**controller, "b"), ErrorCode::kNone);
  (*controller)->tick();
  std::string newest;
  const auto listing = test.fs.list("/data/__cluster_metadata-0");
  for (const auto& file : *listing) {
    if (file.name.ends_with(".checkpoint")) newest = std::max(newest, file.name);
  }
  ASSERT_TRUE(test.fs.flip_bit("/data/__cluster_metadata-0/" + newest, 200, 3));
  test.fs.kill();
  controller = test.open();
  ASSERT_TRUE(controller) << controller.error().message;
  EXPECT_TRUE((*controller)->image()->find_topic("a"));
  EXPECT_TRUE((*controller)->image()->find_topic("b"));
}

TEST(Controller, OldSnapshotsAndLog_AreCutToTheLimits) {
  TestController test;
  test.set("metadata.log.max.record.bytes.between.snapshots", "1");
  test.set("metadata.max.retention.bytes", "5000");
  auto controller = test.open();
  ASSERT_TRUE(controller);
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(create(**controller, "t"), ErrorCode::kNone);
    ASSERT_EQ(remove(**controller, "t"), ErrorCode::kNone);
    (*controller)->tick();
  }
  size_t snapshots = 0;
  const auto listing = test.fs.list("/data/__cluster_metadata-0");
  for (const auto& file : *listing) snapshots += file.name.ends_with(".checkpoint") ? 1 : 0;
  EXPECT_LT(snapshots, 10u);
  EXPECT_GE(snapshots, 1u);
  test.fs.kill();
  EXPECT_TRUE(test.open());
}

TEST(Controller, DirectoryOfAnotherNode_IsRefused) {
  TestController test;
  ASSERT_TRUE(test.open());
  test.fs.kill();
  test.options().node_id = NodeId{2};
  const auto controller = test.open();
  ASSERT_FALSE(controller);
  EXPECT_EQ(controller.error().code, Errc::kUnsupported);
}

// What a client was told, or was about to be when the power went.
struct Promise {
  std::set<std::string> present;
  std::set<std::string> unsure;
};

// Runs a history until it ends or the machine is down; notes what was promised.
Promise run_history(TestController& test, uint64_t seed) {
  Promise promise;
  auto controller = test.open();
  if (!controller) return promise;
  Random random(seed);
  for (int step = 0; step < 12 && !test.fs.is_down(); ++step) {
    const std::string name = "t" + std::to_string(random.below(5));
    const bool creates = random.below(3) != 0;
    const ErrorCode code = creates ? create(**controller, name) : remove(**controller, name);
    if (code == ErrorCode::kKafkaStorageError) {
      promise.unsure.insert(name);
    } else if (code == ErrorCode::kNone && creates) {
      promise.present.insert(name);
    } else if (code == ErrorCode::kNone) {
      promise.present.erase(name);
    }
    test.clock.advance_ms(1);
    (*controller)->tick();
  }
  return promise;
}

void expect_kept(const Promise& promise, const Image& image) {
  for (int i = 0; i < 5; ++i) {
    const std::string name = "t" + std::to_string(i);
    if (promise.unsure.contains(name)) continue;
    EXPECT_EQ(image.find_topic(name) != nullptr, promise.present.contains(name)) << name;
  }
}

TEST(Controller, PowerCutAtEveryOperation_KeepsWhatWasAnswered) {
  uint64_t operations = 0;
  {
    TestController whole;
    whole.set("metadata.log.max.record.bytes.between.snapshots", "600");
    whole.set("metadata.max.retention.bytes", "3000");
    run_history(whole, 5);
    operations = whole.fs.operations();
  }
  ASSERT_GT(operations, 50u);
  for (uint64_t at = 1; at <= operations; ++at) {
    for (uint64_t outcome = 0; outcome < 3; ++outcome) {
      SCOPED_TRACE(testing::Message() << "cut at operation " << at << ", outcome " << outcome);
      TestController test;
      test.set("metadata.log.max.record.bytes.between.snapshots", "600");
      test.set("metadata.max.retention.bytes", "3000");
      test.fs.crash_at(at);
      const Promise promise = run_history(test, 5);
      Random random(at * 31 + outcome);
      test.fs.crash(random);
      const auto controller = test.open();
      ASSERT_TRUE(controller) << controller.error().message;
      expect_kept(promise, *(*controller)->image());
    }
  }
}

TEST(Controller, ThousandTopicsInOneRequest_AreMade) {
  TestController test;
  auto controller = test.open();
  ASSERT_TRUE(controller);
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back("topic-" + std::to_string(i));
  wire::CreateTopicsRequest request;
  for (const std::string& name : names) request.topics.push_back(create_request(name, 4).topics[0]);
  wire::Arena arena;
  const auto response = (*controller)->create_topics(request, 7, arena);
  for (const auto& topic : response.topics) ASSERT_EQ(topic.error_code, ErrorCode::kNone);
  EXPECT_EQ((*controller)->image()->topic_count(), 1000u);
  EXPECT_EQ((*controller)->image()->partition_count(), 4000u);
}

TEST(Controller, DescribeQuorum_TellsOfItself) {
  TestController test;
  auto controller = test.open();
  ASSERT_TRUE(controller);
  wire::Arena arena;
  wire::DescribeQuorumRequest request;
  request.topics.push_back({"__cluster_metadata", {{0, {}}}, {}});
  const auto response = (*controller)->describe_quorum(request, 2, arena);
  ASSERT_EQ(response.topics.size(), 1u);
  const auto& partition = response.topics[0].partitions.at(0);
  EXPECT_EQ(partition.leader_id, 1);
  EXPECT_EQ(partition.leader_epoch, 1);
  EXPECT_EQ(partition.high_watermark, (*controller)->image()->offset() + 1);
  EXPECT_EQ(partition.current_voters.at(0).replica_directory_id, test_id(7));
  EXPECT_EQ(response.nodes.at(0).listeners.at(0).port, 9093);
  request.topics[0].topic_name = "other";
  EXPECT_EQ((*controller)->describe_quorum(request, 2, arena).topics[0].partitions[0].error_code,
            ErrorCode::kUnknownTopicOrPartition);
}

}  // namespace
}  // namespace tributary::control
