#include "tributary/quorum/single_voter.h"

#include "tributary/storage/memory_file_system.h"

namespace tributary::quorum {
namespace {

// Notes what it is given, as text.
class Notes final : public Listener {
 public:
  Status on_snapshot(const SnapshotContent& snapshot) override {
    values.clear();
    from_snapshot = true;
    for (const ByteView value : snapshot.values) values.emplace_back(as_text(value));
    return {};
  }
  Status on_commit(const CommittedBatch& batch) override {
    for (const ByteView value : batch.values) values.emplace_back(as_text(value));
    last_offset = batch.last_offset;
    return {};
  }
  Status on_leader(LeaderAndEpoch now) override {
    leader = now;
    return {};
  }

  std::vector<std::string> values;
  bool from_snapshot = false;
  Offset last_offset = -1;
  LeaderAndEpoch leader;
};

class SingleVoter : public ::testing::Test {
 protected:
  SingleVoter() {
    EXPECT_TRUE(fs_.create_directories("/d"));
    EXPECT_TRUE(fs_.sync_directory("/"));
    self_.id = NodeId{1};
    self_.directory_id.bytes.fill(1);
    self_.endpoints = {{"CONTROLLER", "localhost", 9093}};
  }

  Result<std::unique_ptr<Quorum>> open() {
    notes_ = Notes();
    SingleVoterOptions options;
    options.fs = &fs_;
    options.log_dir = "/d";
    options.self = self_;
    options.now = 1000;
    options.max_retention_bytes = retention_;
    return open_single_voter(options, notes_);
  }

  static Result<Offset> append(Quorum& quorum, std::vector<std::string> texts) {
    std::vector<ByteView> values;
    for (const std::string& text : texts) values.push_back(as_bytes(text));
    return quorum.append(values, 2000);
  }

  static Status snapshot(Quorum& quorum, const std::vector<std::string>& values) {
    return quorum.write_snapshot({quorum.high_watermark(), quorum.leader().epoch}, 1500, 2000,
                                 [&](const auto& take) -> Status {
                                   for (const std::string& value : values)
                                     TRIBUTARY_TRY(take(as_bytes(value)));
                                   return {};
                                 });
  }

  storage::MemoryFileSystem fs_;
  Voter self_;
  Notes notes_;
  int64_t retention_ = 100 << 20;
};

TEST_F(SingleVoter, EachStart_IsANewEpochOfThisNode) {
  for (int32_t epoch = 1; epoch <= 3; ++epoch) {
    auto quorum = open();
    ASSERT_TRUE(quorum) << quorum.error().message;
    EXPECT_EQ(notes_.leader.leader, NodeId{1});
    EXPECT_EQ(notes_.leader.epoch, LeaderEpoch{epoch});
    fs_.kill();
  }
}

TEST_F(SingleVoter, Appended_IsCommittedAndComesBack) {
  auto quorum = open();
  ASSERT_TRUE(quorum);
  const auto last = append(**quorum, {"a", "b"});
  ASSERT_TRUE(last);
  EXPECT_EQ(notes_.last_offset, *last);
  EXPECT_EQ((*quorum)->high_watermark(), *last + 1);
  Random random(1);
  fs_.crash(random);
  ASSERT_TRUE(open());
  EXPECT_EQ(notes_.values, (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(notes_.from_snapshot);
}

TEST_F(SingleVoter, SnapshotAndTail_ComeBackInOrder) {
  auto quorum = open();
  ASSERT_TRUE(quorum);
  ASSERT_TRUE(append(**quorum, {"a", "b"}));
  ASSERT_TRUE(snapshot(**quorum, {"ab"}));
  ASSERT_TRUE(append(**quorum, {"c"}));
  fs_.kill();
  ASSERT_TRUE(open());
  EXPECT_TRUE(notes_.from_snapshot);
  EXPECT_EQ(notes_.values, (std::vector<std::string>{"ab", "c"}));
}

TEST_F(SingleVoter, LogLostBehindASnapshot_GoesOnFromIt) {
  auto quorum = open();
  ASSERT_TRUE(quorum);
  ASSERT_TRUE(append(**quorum, {"a", "b"}));
  ASSERT_TRUE(snapshot(**quorum, {"ab"}));
  const Offset end = (*quorum)->high_watermark();
  fs_.kill();
  ASSERT_TRUE(fs_.remove("/d/__cluster_metadata-0/00000000000000000000.log"));
  quorum = open();
  ASSERT_TRUE(quorum) << quorum.error().message;
  EXPECT_EQ(notes_.values, std::vector<std::string>{"ab"});
  EXPECT_EQ((*quorum)->high_watermark(), end + 1);
  EXPECT_GT(raw(notes_.leader.epoch), 1);
}

TEST_F(SingleVoter, TooLargeOrEmptyBatch_IsRefused) {
  auto quorum = open();
  ASSERT_TRUE(quorum);
  EXPECT_EQ(append(**quorum, {std::string(kMaxBatchBytes, 'x')}).error().code, Errc::kTooLarge);
  EXPECT_FALSE(append(**quorum, {}));
  EXPECT_TRUE(append(**quorum, {"small"}));
}

TEST_F(SingleVoter, FailedWrite_IsNotCommitted) {
  auto quorum = open();
  ASSERT_TRUE(quorum);
  fs_.fail_operations(fs_.operations(), 1, Errc::kNoSpace);
  EXPECT_FALSE(append(**quorum, {"lost"}));
  EXPECT_TRUE(notes_.values.empty());
  fs_.fail_operations(0, 0, Errc::kIo);
  ASSERT_TRUE(append(**quorum, {"kept"}));
  EXPECT_EQ(notes_.values, std::vector<std::string>{"kept"});
}

TEST_F(SingleVoter, OtherDirectoryId_IsRefused) {
  ASSERT_TRUE(open());
  fs_.kill();
  self_.directory_id.bytes.fill(2);
  const auto quorum = open();
  ASSERT_FALSE(quorum);
  EXPECT_EQ(quorum.error().code, Errc::kUnsupported);
}

TEST_F(SingleVoter, MovedEndpoint_IsWrittenToTheVoterSet) {
  ASSERT_TRUE(open());
  fs_.kill();
  self_.endpoints[0].port = 9999;
  const auto moved = open();
  ASSERT_TRUE(moved);
  EXPECT_EQ((*moved)->describe(0).nodes.at(0).endpoints.at(0).port, 9999);
}

TEST_F(SingleVoter, OverTheLimit_KeepsTheNewestSnapshotOnly) {
  retention_ = 0;
  auto quorum = open();
  ASSERT_TRUE(quorum);
  for (const char* value : {"a", "b", "c"}) {
    ASSERT_TRUE(append(**quorum, {value}));
    ASSERT_TRUE(snapshot(**quorum, {value}));
  }
  ASSERT_TRUE((*quorum)->clean(3000));
  size_t count = 0;
  const auto listing = fs_.list("/d/__cluster_metadata-0");
  for (const auto& file : *listing) count += file.name.ends_with(".checkpoint") ? 1 : 0;
  EXPECT_EQ(count, 1u);
  fs_.kill();
  ASSERT_TRUE(open());
  EXPECT_EQ(notes_.values, std::vector<std::string>{"c"});
}

}  // namespace
}  // namespace tributary::quorum
