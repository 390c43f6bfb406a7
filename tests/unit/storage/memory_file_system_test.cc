#include "tributary/storage/memory_file_system.h"

#include <gtest/gtest.h>

namespace tributary::storage {
namespace {

void write(File& file, uint64_t at, std::string_view text) {
  const ByteView piece = as_bytes(text);
  ASSERT_TRUE(file.write_at(at, {&piece, 1}));
}

TEST(MemoryFileSystemTest, PowerCut_SyncedStays_UnsyncedMayGo) {
  int lost = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    MemoryFileSystem fs;
    ASSERT_TRUE(fs.create_directories("/d"));
    ASSERT_TRUE(fs.sync_directory("/"));
    auto file = fs.open("/d/a", OpenMode::kCreate);
    write(**file, 0, "synced");
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE(fs.sync_directory("/d"));
    write(**file, 6, "later");
    ASSERT_TRUE(fs.open("/d/b", OpenMode::kCreate));
    Random random(seed);
    fs.crash(random);
    EXPECT_FALSE((*file)->size());
    const auto left = read_file(fs, "/d/a");
    ASSERT_TRUE(left);
    EXPECT_TRUE(left->starts_with("synced"));
    lost += *left != "syncedlater" || !fs.exists("/d/b");
  }
  EXPECT_GT(lost, 10);
  EXPECT_LT(lost, 40);
}

TEST(MemoryFileSystemTest, Kill_KeepsEverythingWritten) {
  MemoryFileSystem fs;
  ASSERT_TRUE(fs.create_directories("/d"));
  auto file = fs.open("/d/a", OpenMode::kCreate);
  write(**file, 0, "x");
  fs.kill();
  EXPECT_FALSE((*file)->size());
  EXPECT_EQ(*read_file(fs, "/d/a"), "x");
}

TEST(MemoryFileSystemTest, CrashAt_FailsEverythingFromThere) {
  MemoryFileSystem fs;
  ASSERT_TRUE(fs.create_directories("/d"));
  auto file = fs.open("/d/a", OpenMode::kCreate);
  fs.crash_at(fs.operations() + 1);
  EXPECT_FALSE((*file)->sync());
  EXPECT_TRUE(fs.is_down());
  EXPECT_FALSE(fs.open("/d/a", OpenMode::kRead));
}

TEST(MemoryFileSystemTest, RenameDirectory_TakesContentAlong) {
  MemoryFileSystem fs;
  ASSERT_TRUE(fs.create_directories("/d/old"));
  ASSERT_TRUE(fs.open("/d/old/f", OpenMode::kCreate));
  ASSERT_TRUE(fs.rename("/d/old", "/d/new"));
  EXPECT_TRUE(fs.exists("/d/new/f"));
  EXPECT_FALSE(fs.exists("/d/old/f"));
}

TEST(MemoryFileSystemTest, SpaceLimit_WritesFailAndLeaveAPart) {
  MemoryFileSystem fs;
  ASSERT_TRUE(fs.create_directories("/d"));
  auto file = fs.open("/d/a", OpenMode::kCreate);
  fs.limit_space(3);
  const ByteView piece = as_bytes("12345678");
  const Status written = (*file)->write_at(0, {&piece, 1});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::kNoSpace);
  EXPECT_LE(*(*file)->size(), 3u);
}

}  // namespace
}  // namespace tributary::storage
