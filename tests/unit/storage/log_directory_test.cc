#include "tributary/storage/log_directory.h"

#include <gtest/gtest.h>

#include "tributary/storage/memory_file_system.h"

namespace tributary::storage {
namespace {

TEST(LogDirectoryTest, Identity_WrittenAndReadBack_UnknownKeysKept) {
  MemoryFileSystem fs;
  Random random(1);
  const Uuid id = Uuid::generate(random);
  {
    const auto directory = LogDirectory::open(fs, "/data");
    ASSERT_TRUE(directory);
    EXPECT_FALSE((*directory)->identity());
    ASSERT_TRUE((*directory)->write_identity({"cluster", NodeId{3}, id}));
  }
  ASSERT_TRUE(write_file_atomically(fs, "/data/meta.properties",
                                    *read_file(fs, "/data/meta.properties") + "other.key=kept\n"));
  {
    const auto directory = LogDirectory::open(fs, "/data");
    ASSERT_TRUE(directory);
    ASSERT_TRUE((*directory)->identity());
    EXPECT_EQ((*directory)->identity()->node_id, NodeId{3});
    EXPECT_EQ((*directory)->identity()->directory_id, id);
    ASSERT_TRUE((*directory)->write_identity(*(*directory)->identity()));
  }
  EXPECT_NE(read_file(fs, "/data/meta.properties")->find("other.key=kept"), std::string::npos);
}

TEST(LogDirectoryTest, Open_SecondTime_Busy) {
  MemoryFileSystem fs;
  const auto first = LogDirectory::open(fs, "/data");
  const auto second = LogDirectory::open(fs, "/data");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::kBusy);
}

TEST(LogDirectoryTest, Open_ForeignOrNewerDirectory_Refused) {
  MemoryFileSystem fs;
  ASSERT_TRUE(fs.create_directories("/foreign/photos"));
  EXPECT_EQ(LogDirectory::open(fs, "/foreign").error().code, Errc::kInvalidArgument);
  ASSERT_TRUE(fs.create_directories("/newer"));
  ASSERT_TRUE(write_file_atomically(fs, "/newer/meta.properties", "version=2\n"));
  EXPECT_EQ(LogDirectory::open(fs, "/newer").error().code, Errc::kUnsupported);
}

TEST(LogDirectoryTest, CleanMarker_LivesForOneStart) {
  MemoryFileSystem fs;
  {
    auto directory = LogDirectory::open(fs, "/data");
    EXPECT_FALSE((*directory)->was_clean());
    ASSERT_TRUE((*directory)->write_identity({"c", NodeId{1}, Uuid{}}));
    ASSERT_TRUE((*directory)->write_clean_marker(42));
  }
  EXPECT_EQ(*read_file(fs, "/data/.kafka_cleanshutdown"), "{\"version\":0,\"brokerEpoch\":42}");
  auto directory = LogDirectory::open(fs, "/data");
  EXPECT_TRUE((*directory)->was_clean());
  EXPECT_EQ((*directory)->clean_broker_epoch(), 42);
  ASSERT_TRUE((*directory)->begin_run());
  EXPECT_FALSE(fs.exists("/data/.kafka_cleanshutdown"));
}

TEST(LogDirectoryTest, Scan_PartitionsAndDeletedApart) {
  MemoryFileSystem fs;
  auto directory = LogDirectory::open(fs, "/data");
  for (const char* name :
       {"a-0", "a-b-12", "x-1.abc-delete", "y-0.abc-future", "z-0.abc-stray", "nodash", "-1", "q-01"}) {
    ASSERT_TRUE(fs.create_directories(std::string("/data/") + name));
  }
  const auto contents = (*directory)->scan();
  ASSERT_TRUE(contents);
  ASSERT_EQ(contents->logs.size(), 2u);
  EXPECT_EQ(contents->logs[1].name, (TopicPartition{"a-b", 12}));
  EXPECT_EQ(contents->deleted, std::vector<std::string>{"/data/x-1.abc-delete"});
}

TEST(LogDirectoryTest, Checkpoint_EmptyFileAsKafkaMakesIt_HasNoEntries) {
  MemoryFileSystem fs;
  auto directory = LogDirectory::open(fs, "/data");
  ASSERT_TRUE(write_file_atomically(fs, "/data/cleaner-offset-checkpoint", ""));
  const auto offsets = (*directory)->read_checkpoint("cleaner-offset-checkpoint");
  ASSERT_TRUE(offsets) << offsets.error().message;
  EXPECT_TRUE(offsets->empty());
}

TEST(LogDirectoryTest, Checkpoint_RoundTripMissingAndMalformed) {
  MemoryFileSystem fs;
  auto directory = LogDirectory::open(fs, "/data");
  EXPECT_TRUE((*directory)->read_checkpoint(kRecoveryPointCheckpoint)->empty());
  const LogDirectory::OffsetCheckpoint offsets{{{"a", 0}, 5}, {{"b", 3}, 7}};
  ASSERT_TRUE((*directory)->write_checkpoint(kRecoveryPointCheckpoint, offsets));
  EXPECT_EQ(*read_file(fs, "/data/recovery-point-offset-checkpoint"), "0\n2\na 0 5\nb 3 7\n");
  EXPECT_EQ(*(*directory)->read_checkpoint(kRecoveryPointCheckpoint), offsets);
  ASSERT_TRUE(write_file_atomically(fs, "/data/recovery-point-offset-checkpoint", "0\n1\na x 5\n"));
  EXPECT_FALSE((*directory)->read_checkpoint(kRecoveryPointCheckpoint));
}

}  // namespace
}  // namespace tributary::storage
