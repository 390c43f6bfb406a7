#include "quorum/quorum_state.h"
#include "quorum/snapshot_store.h"
#include "tributary/storage/memory_file_system.h"

namespace tributary::quorum {
namespace {

Voter voter(int32_t id) {
  Voter voter;
  voter.id = NodeId{id};
  voter.directory_id.bytes.fill(static_cast<uint8_t>(id));
  voter.endpoints = {{"CONTROLLER", "localhost", 9093}};
  return voter;
}

class Snapshots : public ::testing::Test {
 protected:
  Snapshots() {
    EXPECT_TRUE(fs_.create_directories("/q"));
    EXPECT_TRUE(store_.scan());
  }

  Status write(OffsetAndEpoch end, const std::vector<std::string>& values) {
    return store_.write({end, 77, 88, {1, std::vector<Voter>{voter(1), voter(2)}}},
                        [&](const auto& take) -> Status {
                          for (const std::string& value : values) TRIBUTARY_TRY(take(as_bytes(value)));
                          return {};
                        });
  }

  storage::MemoryFileSystem fs_;
  SnapshotStore store_{fs_, "/q"};
};

TEST_F(Snapshots, Written_ReadsBackWhole) {
  const std::string large(700'000, 'x');
  ASSERT_TRUE(write({99, LeaderEpoch{2}}, {"one", large, large, "four"}));
  ASSERT_TRUE(fs_.exists("/q/00000000000000000099-0000000002.checkpoint"));
  const auto file = store_.read({99, LeaderEpoch{2}});
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ((*file)->last_contained_timestamp, 77);
  EXPECT_EQ((*file)->kraft_version, 1);
  EXPECT_EQ((*file)->voters, (std::vector<Voter>{voter(1), voter(2)}));
  ASSERT_EQ((*file)->values.size(), 4u);
  EXPECT_EQ(as_text((*file)->values[0]), "one");
  EXPECT_EQ(as_text((*file)->values[2]), large);
  EXPECT_EQ(as_text((*file)->values[3]), "four");
}

TEST_F(Snapshots, AnyBitFlippedOrCut_IsNoticed) {
  ASSERT_TRUE(write({5, LeaderEpoch{1}}, {"one", "two"}));
  const std::string path = "/q/" + snapshot_name({5, LeaderEpoch{1}});
  const std::string whole = *storage::read_file(fs_, path);
  for (size_t byte = 0; byte < whole.size(); ++byte) {
    ASSERT_TRUE(fs_.flip_bit(path, byte, 2));
    // The epoch of a batch is outside its checksum.
    const bool in_epoch = store_.read({5, LeaderEpoch{1}}).has_value();
    if (in_epoch) EXPECT_EQ((*store_.read({5, LeaderEpoch{1}}))->values.size(), 2u) << byte;
    ASSERT_TRUE(fs_.flip_bit(path, byte, 2));
  }
  for (size_t size = 0; size < whole.size(); ++size) {
    auto file = fs_.open(path, storage::OpenMode::kReadWrite);
    ASSERT_TRUE((*file)->truncate(0));
    const ByteView piece = as_bytes(std::string_view(whole).substr(0, size));
    ASSERT_TRUE((*file)->write_at(0, {&piece, 1}));
    ASSERT_FALSE(store_.read({5, LeaderEpoch{1}})) << size;
  }
}

TEST_F(Snapshots, LeftoverOfAnInterruptedWrite_IsRemoved) {
  ASSERT_TRUE(write({5, LeaderEpoch{1}}, {"one"}));
  ASSERT_TRUE(write({7, LeaderEpoch{1}}, {"one"}));
  ASSERT_TRUE(fs_.open("/q/00000000000000000009-0000000001.checkpoint.part", storage::OpenMode::kCreate));
  ASSERT_TRUE(store_.scan());
  EXPECT_EQ(store_.entries().size(), 2u);
  EXPECT_EQ(store_.latest(), (OffsetAndEpoch{7, LeaderEpoch{1}}));
  EXPECT_FALSE(fs_.exists("/q/00000000000000000009-0000000001.checkpoint.part"));
}

TEST(SnapshotName, OnlyItsOwnForm_IsTaken) {
  EXPECT_EQ(parse_snapshot_name("00000000000000000099-0000000002.checkpoint"),
            (OffsetAndEpoch{99, LeaderEpoch{2}}));
  for (const std::string_view name :
       {"", "00000000000000000099.log", "0000000000000000009x-0000000002.checkpoint", "99-2.checkpoint",
        "-0000000000000000099-0000000002.checkpoint", "00000000000000000099-0000000002.checkpoint.part"}) {
    EXPECT_EQ(parse_snapshot_name(name), std::nullopt) << name;
  }
}

TEST(QuorumStateFile, Written_ReadsBack) {
  storage::MemoryFileSystem fs;
  ASSERT_TRUE(fs.create_directories("/q"));
  EXPECT_EQ(*read_quorum_state(fs, "/q"), QuorumState{});
  const QuorumState state{NodeId{1}, LeaderEpoch{7}, NodeId{2}, voter(3).directory_id};
  ASSERT_TRUE(write_quorum_state(fs, "/q", state));
  EXPECT_EQ(*read_quorum_state(fs, "/q"), state);
}

TEST(QuorumStateFile, Malformed_IsRefused) {
  storage::MemoryFileSystem fs;
  ASSERT_TRUE(fs.create_directories("/q"));
  const auto code = [&](std::string_view text) {
    EXPECT_TRUE(storage::write_file_atomically(fs, "/q/quorum-state", text));
    const auto state = read_quorum_state(fs, "/q");
    return state ? std::nullopt : std::optional(state.error().code);
  };
  EXPECT_EQ(code(R"({"leaderId":1,"leaderEpoch":2,"votedId":-1,"data_version":0})"), std::nullopt);
  EXPECT_EQ(code(R"({"leaderId":1,"leaderEpoch":2,"votedId":-1,"data_version":2})"), Errc::kUnsupported);
  for (const std::string_view text :
       {"", "{", "[]", R"({"leaderId":"x","leaderEpoch":2})", R"({"leaderId":1,"leaderEpoch":99999999999})",
        R"({"leaderId":1})", R"({"leaderEpoch":1,"votedDirectoryId":"?"})"}) {
    EXPECT_EQ(code(text), Errc::kCorruption) << text;
  }
}

}  // namespace
}  // namespace tributary::quorum
