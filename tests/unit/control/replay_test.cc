#include "test_cluster.h"

namespace tributary::control {
namespace {

TEST(Replay, TopicWithPartitions_IsFoundByNameAndId) {
  Replay replay;
  ASSERT_TRUE(replay.apply(topic_record("orders", test_id(1))));
  ASSERT_TRUE(replay.apply(partition(test_id(1), 0, {1, 2})));
  ASSERT_TRUE(replay.apply(partition(test_id(1), 1, {2, 1})));
  const ImagePtr image = replay.image();
  const TopicPtr topic = image->find_topic("orders");
  ASSERT_TRUE(topic);
  EXPECT_EQ(image->find_topic(test_id(1)), topic);
  ASSERT_EQ(topic->partitions.size(), 2u);
  EXPECT_EQ(topic->partitions[1].leader, NodeId{2});
  EXPECT_EQ(image->partition_count(), 2u);
  EXPECT_EQ(image->load(NodeId{1}), (BrokerLoad{1, 2}));
}

TEST(Replay, PartitionsOutOfOrder_ArePlaced) {
  Replay replay;
  ASSERT_TRUE(replay.apply(topic_record("t", test_id(1))));
  for (const int32_t index : {2, 0, 1}) ASSERT_TRUE(replay.apply(partition(test_id(1), index, {index + 1})));
  const TopicPtr topic = replay.image()->find_topic("t");
  ASSERT_EQ(topic->partitions.size(), 3u);
  EXPECT_EQ(topic->partitions[2].leader, NodeId{3});
}

TEST(Replay, PartitionWithoutPredecessor_IsCorruption) {
  Replay replay;
  ASSERT_TRUE(replay.apply(topic_record("t", test_id(1))));
  ASSERT_TRUE(replay.apply(partition(test_id(1), 5, {1})));
  const auto image = replay.builder().publish(1, LeaderEpoch{1});
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, Errc::kCorruption);
}

TEST(Replay, LeaderNamedAgain_RaisesLeaderEpoch) {
  Replay replay;
  ASSERT_TRUE(replay.apply(topic_record("t", test_id(1))));
  ASSERT_TRUE(replay.apply(partition(test_id(1), 0, {1, 2})));
  md::PartitionChangeRecord change;
  change.topic_id = test_id(1);
  change.partition_id = 0;
  change.leader = 1;
  ASSERT_TRUE(replay.apply(change));
  const PartitionImage after = replay.image()->find_topic("t")->partitions[0];
  EXPECT_EQ(after.leader_epoch, LeaderEpoch{1});
  EXPECT_EQ(after.partition_epoch, 1);
}

TEST(Replay, IsrShrink_KeepsLeaderEpoch) {
  Replay replay;
  ASSERT_TRUE(replay.apply(topic_record("t", test_id(1))));
  ASSERT_TRUE(replay.apply(partition(test_id(1), 0, {1, 2})));
  md::PartitionChangeRecord change;
  change.topic_id = test_id(1);
  change.partition_id = 0;
  change.isr = std::vector<int32_t>{1};
  ASSERT_TRUE(replay.apply(change));
  const PartitionImage after = replay.image()->find_topic("t")->partitions[0];
  EXPECT_EQ(after.leader_epoch, LeaderEpoch{0});
  EXPECT_EQ(after.isr, std::vector<NodeId>{NodeId{1}});
}

TEST(Replay, EarlierImage_IsUntouchedByLaterRecords) {
  Replay replay;
  ASSERT_TRUE(replay.apply(topic_record("t", test_id(1))));
  ASSERT_TRUE(replay.apply(partition(test_id(1), 0, {1})));
  const ImagePtr before = replay.image();
  ASSERT_TRUE(replay.apply(partition(test_id(1), 1, {1})));
  EXPECT_EQ(before->find_topic("t")->partitions.size(), 1u);
  EXPECT_EQ(replay.image()->find_topic("t")->partitions.size(), 2u);
}

TEST(Replay, TopicRemoved_TakesItsConfigsAlong) {
  Replay replay;
  ASSERT_TRUE(replay.apply(topic_record("a.b", test_id(1))));
  ASSERT_TRUE(replay.apply(partition(test_id(1), 0, {1})));
  ASSERT_TRUE(replay.apply(config_record(ResourceType::kTopic, "a.b", "retention.ms", "5")));
  EXPECT_EQ(replay.image()->find_collision("a_b"), "a.b");
  md::RemoveTopicRecord remove;
  remove.topic_id = test_id(1);
  ASSERT_TRUE(replay.apply(remove));
  const ImagePtr image = replay.image();
  EXPECT_FALSE(image->find_topic("a.b"));
  EXPECT_EQ(image->find_config(ResourceType::kTopic, "a.b"), nullptr);
  EXPECT_EQ(image->find_collision("a_b"), std::nullopt);
  EXPECT_EQ(image->partition_count(), 0u);
  EXPECT_TRUE(image->same_state(*Replay().image()));
}

TEST(Replay, RecordsThatCannotFollow_AreCorruption) {
  const auto code = [](const Status& status) { return status ? std::optional<Errc>() : status.error().code; };
  Replay replay;
  ASSERT_TRUE(replay.apply(topic_record("t", test_id(1))));
  EXPECT_EQ(code(replay.apply(topic_record("t", test_id(2)))), Errc::kCorruption);
  EXPECT_EQ(code(replay.apply(partition(test_id(3), 0, {1}))), Errc::kCorruption);
  EXPECT_EQ(code(replay.apply(partition(test_id(1), -1, {1}))), Errc::kCorruption);
  EXPECT_EQ(code(replay.apply(partition(test_id(1), 0, {}))), Errc::kCorruption);
  EXPECT_EQ(code(replay.apply(md::RemoveTopicRecord{})), Errc::kCorruption);
  EXPECT_EQ(code(replay.apply(md::PartitionChangeRecord{})), Errc::kCorruption);
  EXPECT_EQ(code(replay.apply(md::UnregisterBrokerRecord{})), Errc::kCorruption);
  EXPECT_EQ(code(replay.apply(md::BrokerRegistrationChangeRecord{})), Errc::kCorruption);
  EXPECT_EQ(code(replay.apply(md::EndTransactionRecord{})), Errc::kCorruption);
  EXPECT_EQ(code(replay.apply(md::AbortTransactionRecord{})), Errc::kCorruption);
}

TEST(Replay, BrokerChange_NeedsItsEpoch) {
  Replay replay;
  ASSERT_TRUE(replay.apply(broker_record(1, "r1", true)));
  md::BrokerRegistrationChangeRecord change;
  change.broker_id = 1;
  change.broker_epoch = 10;
  change.fenced = -1;
  ASSERT_TRUE(replay.apply(change));
  EXPECT_FALSE(replay.image()->find_broker(NodeId{1})->fenced);
  change.broker_epoch = 11;
  EXPECT_FALSE(replay.apply(change));
}

TEST(Replay, UnknownType_IsNamed) {
  Replay replay;
  const std::vector<uint8_t> value{1, 99, 0};
  const Status applied = replay.builder().apply(value);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, Errc::kUnsupported);
  EXPECT_NE(applied.error().message.find("99"), std::string::npos);
}

TEST(Replay, UnknownVersionOrFrame_IsUnsupported) {
  Replay replay;
  for (const std::vector<uint8_t>& value :
       {std::vector<uint8_t>{1, 2, 9, 0}, std::vector<uint8_t>{0, 2, 0, 0}}) {
    const Status applied = replay.builder().apply(value);
    ASSERT_FALSE(applied);
    EXPECT_EQ(applied.error().code, Errc::kUnsupported);
  }
}

TEST(Replay, TrailingBytes_AreCorruption) {
  auto value = encode_record(topic_record("t", test_id(1)));
  value.push_back(0);
  Replay replay;
  const Status applied = replay.builder().apply(value);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, Errc::kCorruption);
}

TEST(Replay, AccessControlLists_AreRefusedUnlessAllowed) {
  md::AccessControlEntryRecord acl;
  acl.id = test_id(3);
  Replay strict;
  const Status refused = strict.apply(acl);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kUnsupported);
  Replay lenient(ReplayOptions{true});
  ASSERT_TRUE(lenient.apply(acl));
  EXPECT_EQ(lenient.image()->kept_records().size(), 1u);
  md::RemoveAccessControlEntryRecord remove;
  remove.id = test_id(3);
  ASSERT_TRUE(lenient.apply(remove));
  EXPECT_TRUE(lenient.image()->kept_records().empty());
}

TEST(Replay, QuotaOfOneEntity_IsReplacedAndRemoved) {
  md::ClientQuotaRecord quota;
  quota.entity = {{"user", "alice"}, {"client-id", std::nullopt}};
  quota.key = "producer_byte_rate";
  quota.value = 1;
  Replay replay;
  ASSERT_TRUE(replay.apply(quota));
  std::swap(quota.entity[0], quota.entity[1]);
  quota.value = 2;
  ASSERT_TRUE(replay.apply(quota));
  EXPECT_EQ(replay.image()->kept_records().size(), 1u);
  quota.remove = true;
  ASSERT_TRUE(replay.apply(quota));
  EXPECT_TRUE(replay.image()->kept_records().empty());
}

TEST(Replay, Transaction_ShowsAtItsEndOnly) {
  Replay replay;
  ASSERT_TRUE(replay.apply(topic_record("before", test_id(1))));
  ASSERT_TRUE(replay.apply(partition(test_id(1), 0, {1})));
  ASSERT_TRUE(replay.apply(md::BeginTransactionRecord{}));
  ASSERT_TRUE(replay.apply(topic_record("within", test_id(2))));
  ASSERT_TRUE(replay.apply(partition(test_id(1), 1, {1})));
  const ImagePtr during = replay.image();
  EXPECT_FALSE(during->find_topic("within"));
  EXPECT_EQ(during->find_topic("before")->partitions.size(), 1u);
  ASSERT_TRUE(replay.apply(md::EndTransactionRecord{}));
  EXPECT_TRUE(replay.image()->find_topic("within"));
  EXPECT_EQ(replay.image()->find_topic("before")->partitions.size(), 2u);
}

TEST(Replay, AbortedTransaction_LeavesNothing) {
  Replay replay;
  ASSERT_TRUE(replay.apply(topic_record("before", test_id(1))));
  ASSERT_TRUE(replay.apply(partition(test_id(1), 0, {1})));
  const ImagePtr before = replay.image();
  ASSERT_TRUE(replay.apply(md::BeginTransactionRecord{}));
  ASSERT_TRUE(replay.apply(topic_record("within", test_id(2))));
  ASSERT_TRUE(replay.apply(partition(test_id(1), 1, {1})));
  ASSERT_TRUE(replay.apply(md::AbortTransactionRecord{}));
  EXPECT_TRUE(replay.image()->same_state(*before));
}

TEST(Replay, ProducerIds_NeverGoBack) {
  md::ProducerIdsRecord ids;
  ids.next_producer_id = 2000;
  Replay replay;
  ASSERT_TRUE(replay.apply(ids));
  EXPECT_EQ(replay.image()->next_producer_id(), 2000);
  ids.next_producer_id = 1000;
  EXPECT_FALSE(replay.apply(ids));
}

TEST(Replay, ClearElr_ClearsEveryTopic) {
  Replay replay;
  for (const uint8_t topic : {1, 2}) {
    ASSERT_TRUE(replay.apply(topic_record("t" + std::to_string(topic), test_id(topic))));
    auto record = partition(test_id(topic), 0, {1, 2});
    record.eligible_leader_replicas = std::vector<int32_t>{2};
    ASSERT_TRUE(replay.apply(record));
  }
  md::ClearElrRecord clear;
  clear.topic_name = "t1";
  ASSERT_TRUE(replay.apply(clear));
  EXPECT_TRUE(replay.image()->find_topic("t1")->partitions[0].eligible_leader_replicas.empty());
  EXPECT_FALSE(replay.image()->find_topic("t2")->partitions[0].eligible_leader_replicas.empty());
  ASSERT_TRUE(replay.apply(md::ClearElrRecord{}));
  EXPECT_TRUE(replay.image()->find_topic("t2")->partitions[0].eligible_leader_replicas.empty());
}

TEST(Image, TopicsFromAName_ComeInOrder) {
  Replay replay;
  uint8_t id = 1;
  for (const std::string_view name : {"c", "a", "b"})
    ASSERT_TRUE(replay.apply(topic_record(name, test_id(id++))));
  const ImagePtr image = replay.image();
  std::string order;
  image->for_each_topic([&](const TopicPtr& topic) { order += topic->name; });
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(image->topic_at_or_after("aa")->name, "b");
  EXPECT_FALSE(image->topic_at_or_after("d"));
}

}  // namespace
}  // namespace tributary::control
