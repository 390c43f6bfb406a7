// What of consumer groups outlives a broker: a clean stop, a kill, a view that is gone or is not of this log,
// and logs of __consumer_offsets that others wrote.
#include <filesystem>

#include "broker/offsets_topic.h"
#include "group_client.h"
#include "tributary/group/record.h"
#include "tributary/storage/log.h"
#include "tributary/wire/control_record.h"

namespace tributary::broker::test {
namespace {

class GroupsRestart : public BrokerTest {
 protected:
  GroupsRestart()
      : broker_(with({"offsets.topic.replication.factor=1", "offsets.topic.num.partitions=3",
                      "group.initial.rebalance.delay.ms=0"})) {
    Client client = broker_.client();
    topic_ = create_topic(client, "t", 8);
    EXPECT_EQ(find_coordinator(client, "g"), ErrorCode::kNone);
  }
  void commit_many(int64_t base) {
    Client client = broker_.client();
    for (int i = 0; i < 60; ++i)
      ASSERT_EQ(commit(client, {group(i)}, topic_, i % 8, base + i), ErrorCode::kNone);
  }
  void expect_many(int64_t base) {
    Client client = broker_.client();
    for (int i = 0; i < 60; ++i) ASSERT_EQ(committed(client, group(i), topic_, i % 8), base + i) << i;
  }
  static std::string group(int i) { return "group-" + std::to_string(i); }
  double rebuilds() const { return broker_.metric("tributary_group_view_rebuilds_total"); }
  double replayed() const { return broker_.metric("tributary_group_load_records_total"); }
  RunningBroker broker_;
  Topic topic_;
};
TRIBUTARY_ON_SHARDS(GroupsRestart);

TEST_P(GroupsRestart, CleanStop_KeepsOffsetsWithoutReadingTheLog) {
  commit_many(100);
  broker_.restart();
  expect_many(100);
  EXPECT_EQ(replayed(), 0);
  EXPECT_EQ(rebuilds(), 0);
}

TEST_P(GroupsRestart, Kill_KeepsOffsetsByReadingWhatTheViewLacks) {
  commit_many(100);
  broker_.restart();
  commit_many(200);
  broker_.kill_and_restart();
  expect_many(200);
  EXPECT_EQ(replayed(), 60);
  EXPECT_EQ(rebuilds(), 0);
}

TEST_P(GroupsRestart, KillAfterKill_KeepsOffsets) {
  for (int64_t round = 1; round <= 4; ++round) {
    commit_many(round * 1000);
    broker_.kill_and_restart();
    expect_many(round * 1000);
  }
}

TEST_P(GroupsRestart, ViewDeleted_IsMadeAnewFromTheLog) {
  commit_many(100);
  broker_.stop();
  std::filesystem::remove_all(broker_.state_directory());
  broker_.start();
  expect_many(100);
  EXPECT_EQ(replayed(), 60);
  EXPECT_GT(rebuilds(), 0);
}

TEST_P(GroupsRestart, ViewOfAnEarlierLog_IsMadeAnew) {
  commit_many(100);
  broker_.stop();
  const std::string state = broker_.state_directory();
  std::filesystem::copy(state, state + ".old", std::filesystem::copy_options::recursive);
  broker_.start();
  {
    Client client = broker_.client();
    client.call<wire::DeleteTopicsResponse>(delete_request("__consumer_offsets"), 6);
    ASSERT_EQ(find_coordinator(client, "g"), ErrorCode::kNone);
  }
  commit_many(500);
  broker_.stop();
  std::filesystem::remove_all(state);
  std::filesystem::rename(state + ".old", state);
  broker_.start();
  expect_many(500);
  EXPECT_EQ(rebuilds(), 3);
}

TEST_P(GroupsRestart, Members_AreKnownAgainAndGoOn) {
  Client client = broker_.client();
  const Membership self = join_alone(client, "g");
  ASSERT_EQ(commit(client, self, topic_, 0, 42), ErrorCode::kNone);
  for (const bool kill : {false, true}) {
    kill ? broker_.kill_and_restart() : broker_.restart();
    Client after = broker_.client();
    EXPECT_EQ(state_of(after, "g"), "Stable");
    EXPECT_EQ(heartbeat(after, self), ErrorCode::kNone);
    EXPECT_EQ(committed(after, "g", topic_, 0), 42);
    EXPECT_EQ(commit(after, self, topic_, 0, 42), ErrorCode::kNone);
  }
}

TEST_P(GroupsRestart, ManyOffsets_AreServedWithoutBeingRead) {
  Client client = broker_.client();
  const Topic wide = create_topic(client, "wide", 100);
  constexpr int kGroups = 200;
  for (int g = 0; g < kGroups; ++g) {
    const Membership by{group(g)};
    auto request = commit_request(by, wide, 0, g);
    for (int32_t p = 1; p < 100; ++p) {
      auto& one = request.topics[0].partitions.emplace_back();
      one.partition_index = p;
      one.committed_offset = p;
    }
    ASSERT_TRUE(client.call<wire::OffsetCommitResponse>(request, 9));
  }
  broker_.restart();
  EXPECT_EQ(replayed(), 0);
  Client after = broker_.client();
  for (int g = 0; g < kGroups; ++g) {
    ASSERT_EQ(committed(after, group(g), wide, 0), g);
    ASSERT_EQ(committed(after, group(g), wide, 99), 99);
  }
  EXPECT_LE(broker_.metric("tributary_group_cached_offsets"), 100'000);
}

TEST_P(GroupsRestart, ViewDamagedWhileInUse_IsReplaced) {
  Client client = broker_.client();
  for (int i = 0; i < 300; ++i) {
    const Membership by{group(i)};
    const std::string metadata(300, static_cast<char>('a' + i % 26));
    auto request = commit_request(by, topic_, 0, i, metadata);
    ASSERT_TRUE(client.call<wire::OffsetCommitResponse>(request, 9));
  }
  broker_.stop();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(broker_.state_directory())) {
    if (entry.path().extension() != ".sst" || entry.file_size() < 5'000) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    for (size_t at = 4'000; at + 2'000 < entry.file_size(); at += 500) {
      file.seekp(static_cast<std::streamoff>(at));
      file.put('\x5a');
    }
  }
  broker_.start();
  Client after = broker_.client();
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(eventually([&] { return committed(after, group(i), topic_, 0) == i; })) << i;
  }
  EXPECT_EQ(broker_.metric("tributary_group_view_replacements_total"), 1);
}

// ---- logs written by others

// Appends to a partition of a stopped broker what no client may write.
class ForeignLog {
 public:
  ForeignLog(const RunningBroker& broker, int32_t partition) {
    storage::LogOptions options;
    options.fs = fs_.get();
    options.name = {"__consumer_offsets", partition};
    options.directory = broker.data_directory() + "/__consumer_offsets-" + std::to_string(partition);
    options.clean_shutdown = true;
    options.probe = &probe_;
    auto opened = storage::Log::open(std::move(options));
    EXPECT_TRUE(opened);
    log_ = std::move(*opened);
  }
  ~ForeignLog() { EXPECT_TRUE(log_->close()); }

  void append(const std::vector<group::Record>& records, wire::BatchOptions options = {}) {
    options.base_offset = log_->end_offset();
    options.leader_epoch = LeaderEpoch{0};
    wire::BatchBuilder builder(options);
    for (const group::Record& record : records) builder.append(1'700'000'000'000, record.key, record.value);
    const std::vector<uint8_t> batch = builder.build();
    EXPECT_TRUE(log_->append_as_follower(batch));
    EXPECT_TRUE(log_->write_staged());
  }
  void append_transactional(const std::vector<group::Record>& records, int64_t producer) {
    append(records, {.producer_id = ProducerId{producer},
                     .producer_epoch = 0,
                     .base_sequence = 0,
                     .transactional = true});
  }
  void append_marker(int64_t producer, bool commit) {
    const auto key = wire::control_key(commit ? wire::ControlType::kCommit : wire::ControlType::kAbort);
    append(
        {{{key.begin(), key.end()}, wire::end_txn_value(0)}},
        {.producer_id = ProducerId{producer}, .producer_epoch = 0, .transactional = true, .control = true});
  }

 private:
  std::unique_ptr<storage::FileSystem> fs_ = storage::make_posix_file_system();
  storage::LogProbe probe_;
  std::unique_ptr<storage::Log> log_;
};

group::Record record_of(const std::string& group, int32_t partition, Offset offset) {
  group::CommittedOffset commit;
  commit.offset = offset;
  commit.commit_timestamp = SystemClock().wall_ms();
  return group::offset_commit_record(group, {"t", partition}, commit);
}

TEST_P(GroupsRestart, TransactionalCommits_HoldByTheirMarkers) {
  const std::string group = "g";
  broker_.stop();
  {
    ForeignLog log(broker_, partition_of_group(group, 3));
    log.append({record_of(group, 0, 1), record_of(group, 1, 1), record_of(group, 2, 1)});
    log.append_transactional({record_of(group, 0, 10)}, 7);
    log.append_transactional({record_of(group, 1, 11)}, 8);
    log.append_transactional({record_of(group, 2, 12)}, 9);
    log.append_marker(7, true);
    log.append_marker(8, false);
  }
  broker_.start();
  Client client = broker_.client();
  EXPECT_EQ(committed(client, group, topic_, 0), 10);
  EXPECT_EQ(committed(client, group, topic_, 1), 1);
  EXPECT_EQ(committed(client, group, topic_, 2), 1);
  const std::vector<std::string> groups{group};
  auto request = fetch_all_request(groups);
  request.require_stable = true;
  const auto stable = client.call<wire::OffsetFetchResponse>(request, 9);
  for (const auto& partition : stable->groups.at(0).topics.at(0).partitions) {
    EXPECT_EQ(partition.error_code,
              partition.partition_index == 2 ? ErrorCode::kUnstableOffsetCommit : ErrorCode::kNone);
  }
}

TEST_P(GroupsRestart, UnusableRecords_ArePassedOverAndCounted) {
  const std::string group = "g";
  broker_.stop();
  {
    ForeignLog log(broker_, partition_of_group(group, 3));
    group::Record cut = record_of(group, 0, 1);
    cut.value->resize(4);
    group::Record future = record_of(group, 1, 1);
    (*future.value)[1] = 99;
    group::Record keyless{{}, std::vector<uint8_t>{1}};
    const group::Record unknown_type{{0x03, 0xE7, 1, 2, 3}, std::vector<uint8_t>{0, 0}};
    log.append({cut, future, keyless, unknown_type, record_of(group, 2, 5)});
    log.append({record_of(group, 3, 6)}, {.codec = wire::Codec::kZstd});
  }
  broker_.start();
  Client client = broker_.client();
  EXPECT_EQ(committed(client, group, topic_, 0), -1);
  EXPECT_EQ(committed(client, group, topic_, 2), 5);
  EXPECT_EQ(committed(client, group, topic_, 3), 6);
  EXPECT_EQ(broker_.metric("tributary_group_unusable_records_total"), 3);
  EXPECT_EQ(commit(client, {group}, topic_, 0, 9), ErrorCode::kNone);
  EXPECT_EQ(committed(client, group, topic_, 0), 9);
}

TEST_P(GroupsRestart, GroupOfANewerProtocol_IsLeftAlone) {
  const std::string group = "modern";
  broker_.stop();
  {
    ForeignLog log(broker_, partition_of_group(group, 3));
    std::vector<uint8_t> key = {0, 3, 0, static_cast<uint8_t>(group.size())};
    key.insert(key.end(), group.begin(), group.end());
    log.append({{key, std::vector<uint8_t>{0, 0, 0, 0, 0, 5, 0}}});
  }
  broker_.start();
  Client client = broker_.client();
  const auto joined = client.call<wire::JoinGroupResponse>(join_request({group}), 9);
  EXPECT_NE(joined->error_code, ErrorCode::kNone);
  EXPECT_NE(joined->error_code, ErrorCode::kMemberIdRequired);
  const auto listed = client.call<wire::ListGroupsResponse>(wire::ListGroupsRequest{}, 5);
  EXPECT_TRUE(listed->groups.empty());
}

}  // namespace
}  // namespace tributary::broker::test
