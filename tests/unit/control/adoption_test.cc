#include "tributary/control/adoption.h"

#include "control/record_versions.h"
#include "test_cluster.h"

namespace tributary::control {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Adoption : public ::testing::Test {
 protected:
  void finalize(std::string_view name, int16_t level) {
    md::FeatureLevelRecord record;
    record.name = name;
    record.feature_level = level;
    ASSERT_TRUE(replay_.apply(record));
  }
  void add_topic(std::vector<int32_t> replicas, const Uuid& directory = test_id(201)) {
    ASSERT_TRUE(replay_.apply(topic_record("a", test_id(1))));
    md::PartitionRecord record = partition(test_id(1), 0, std::move(replicas));
    record.directories.assign(record.replicas.size(), directory);
    ASSERT_TRUE(replay_.apply(record));
  }
  std::vector<std::string> reasons() {
    const Uuid ours = test_id(201);
    return reasons_against(*replay_.image(), NodeId{1}, {&ours, 1});
  }

  Replay replay_;
};

TEST_F(Adoption, OneNodeAtOurLevels_HasNothingAgainstIt) {
  finalize("metadata.version", 30);
  finalize("eligible.leader.replicas.version", 1);
  ASSERT_TRUE(replay_.apply(broker_record(1)));
  add_topic({1});
  EXPECT_THAT(reasons(), IsEmpty());
}

TEST_F(Adoption, LevelsNotBuilt_NameOneCommandForAllOfThem) {
  finalize("metadata.version", 30);
  for (const auto name : {"group.version", "share.version", "transaction.version"}) finalize(name, 1);
  md::RegisterBrokerRecord broker = broker_record(1);
  md::RegisterBrokerRecord::BrokerEndpoint endpoint;
  endpoint.name = "PLAINTEXT";
  endpoint.host = "kafka.example";
  endpoint.port = 9092;
  broker.end_points.push_back(endpoint);
  ASSERT_TRUE(replay_.apply(broker));
  EXPECT_THAT(reasons(),
              ElementsAre(HasSubstr("kafka-features.sh --bootstrap-server kafka.example:9092 downgrade "
                                    "--feature group.version=0 --feature share.version=0 --feature "
                                    "transaction.version=0")));
}

TEST_F(Adoption, NewerMetadata_HasNoCommandAsKafkaWouldRefuseIt) {
  finalize("metadata.version", kMaxMetadataVersion + 1);
  const auto found = reasons();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0], HasSubstr("metadata.version is 31"));
  EXPECT_EQ(found[0].find("downgrade"), std::string::npos);
}

TEST_F(Adoption, OtherBroker_CountsUnlessItIsFenced) {
  ASSERT_TRUE(replay_.apply(broker_record(1)));
  ASSERT_TRUE(replay_.apply(broker_record(2, std::nullopt, true)));
  EXPECT_THAT(reasons(), IsEmpty());
  ASSERT_TRUE(replay_.apply(broker_record(2)));
  EXPECT_THAT(reasons(), ElementsAre(HasSubstr("broker 2 is registered and not fenced")));
}

TEST_F(Adoption, ReplicasElsewhere_AreRefused) {
  add_topic({1, 2});
  EXPECT_THAT(reasons(),
              ElementsAre(HasSubstr("1 partitions have replicas on other nodes than broker 1, a-0")));
}

TEST_F(Adoption, DirectoryThatIsNotThere_IsRefused) {
  add_topic({1}, test_id(150));
  EXPECT_THAT(reasons(),
              ElementsAre(HasSubstr("a log directory that is offline or not among log.dirs, a-0")));
}

TEST_F(Adoption, DirectoryKafkaDidNotAssign_IsFoundByLooking) {
  Uuid unassigned;
  unassigned.bytes.back() = 1;
  add_topic({1}, unassigned);
  EXPECT_THAT(reasons(), IsEmpty());
}

TEST_F(Adoption, LostDirectory_IsRefused) {
  Uuid lost;
  lost.bytes.back() = 2;
  add_topic({1}, lost);
  EXPECT_THAT(reasons(), ElementsAre(HasSubstr("offline")));
}

// What a start writes before it refuses would be in the way of Kafka, whose directory it stays.
TEST(AdoptionStart, Refused_LeavesTheMetadataLogAsItWas) {
  TestController test;
  const std::string segment = "/data/__cluster_metadata-0/00000000000000000000.log";
  const std::string state = "/data/__cluster_metadata-0/quorum-state";
  {
    auto controller = test.open();
    ASSERT_TRUE(controller);
    wire::Arena arena;
    ASSERT_EQ((*controller)->create_topics(create_request("a"), 7, arena).topics.at(0).error_code,
              wire::ErrorCode::kNone);
    ASSERT_TRUE((*controller)->close());
  }
  const auto log_before = storage::read_file(test.fs, segment);
  const auto state_before = storage::read_file(test.fs, state);
  // The one directory of the node is another now: its topic has no home.
  ControllerOptions options = test.options();
  options.log_directories = {test_id(99)};
  const auto refused = Controller::open(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kUnsupported);
  EXPECT_EQ(*storage::read_file(test.fs, segment), *log_before);
  EXPECT_EQ(*storage::read_file(test.fs, state), *state_before);
}

TEST(AdoptionStart, CleanStop_LeavesTheBrokerFenced) {
  TestController test;
  auto controller = test.open();
  ASSERT_TRUE(controller);
  ASSERT_TRUE((*controller)->close());
  const auto found = read_metadata(test.options());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->kraft_version, 1);
  const auto broker = found->image->find_broker(NodeId{1});
  ASSERT_TRUE(broker);
  EXPECT_TRUE(broker->fenced);
  controller = test.open();
  ASSERT_TRUE(controller);
  EXPECT_TRUE((*controller)->image()->find_broker(NodeId{1})->active());
}

}  // namespace
}  // namespace tributary::control
