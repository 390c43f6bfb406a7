#include "tributary/storage/overlay_file_system.h"

namespace tributary::storage {
namespace {

std::vector<std::string> names(FileSystem& fs, const std::string& path) {
  std::vector<std::string> found;
  const auto listing = fs.list(path);
  for (const auto& entry : *listing) found.push_back(entry.name);
  std::ranges::sort(found);
  return found;
}

class Overlay : public ::testing::Test {
 protected:
  Overlay() {
    EXPECT_TRUE(below_.create_directories("/data/a-0"));
    EXPECT_TRUE(write_file_atomically(below_, "/data/a-0/log", "old"));
    EXPECT_TRUE(write_file_atomically(below_, "/data/mark", "kept"));
    operations_ = below_.operations();
  }
  // The test fails where anything below was changed.
  void TearDown() override { EXPECT_EQ(below_.operations(), operations_); }

  MemoryFileSystem below_;
  OverlayFileSystem fs_{below_};
  uint64_t operations_ = 0;
};

TEST_F(Overlay, Write_IsSeenAboveOnly) {
  auto file = fs_.open("/data/a-0/log", OpenMode::kReadWrite);
  ASSERT_TRUE(file);
  const ByteView more = as_bytes("new!");
  ASSERT_TRUE((*file)->write_at(3, {&more, 1}));
  EXPECT_EQ(*read_file(fs_, "/data/a-0/log"), "oldnew!");
  EXPECT_EQ(*read_file(below_, "/data/a-0/log"), "old");
}

TEST_F(Overlay, Removal_HidesWhatIsBelow) {
  ASSERT_TRUE(fs_.remove("/data/mark"));
  EXPECT_FALSE(fs_.exists("/data/mark"));
  EXPECT_EQ(fs_.remove("/data/mark").error().code, Errc::kNotFound);
  ASSERT_TRUE(fs_.remove_all("/data/a-0"));
  EXPECT_FALSE(fs_.exists("/data/a-0/log"));
  EXPECT_TRUE(names(fs_, "/data").empty());
}

TEST_F(Overlay, AtomicWrite_ReplacesAndListsOnce) {
  ASSERT_TRUE(write_file_atomically(fs_, "/data/mark", "changed"));
  EXPECT_EQ(*read_file(fs_, "/data/mark"), "changed");
  EXPECT_EQ(names(fs_, "/data"), (std::vector<std::string>{"a-0", "mark"}));
  ASSERT_TRUE(write_file_atomically(fs_, "/data/a-0/epochs", "1"));
  EXPECT_EQ(names(fs_, "/data/a-0"), (std::vector<std::string>{"epochs", "log"}));
}

TEST_F(Overlay, NewDirectory_HasOnlyWhatIsPutThere) {
  ASSERT_TRUE(fs_.create_directories("/data/b-0"));
  EXPECT_TRUE(names(fs_, "/data/b-0").empty());
  EXPECT_EQ(names(fs_, "/data"), (std::vector<std::string>{"a-0", "b-0", "mark"}));
}

TEST_F(Overlay, RelativePath_IsAPathLikeOthers) {
  EXPECT_FALSE(fs_.exists("data/mark"));
  ASSERT_TRUE(fs_.create_directories("data/c-0"));
  EXPECT_TRUE(fs_.lock("data/.lock"));
  EXPECT_EQ(names(fs_, "data"), (std::vector<std::string>{".lock", "c-0"}));
}

TEST_F(Overlay, Lock_NeedsNoFileBelow) {
  const auto lock = fs_.lock("/data/.lock");
  EXPECT_TRUE(lock) << lock.error().message;
  EXPECT_FALSE(below_.exists("/data/.lock"));
}

}  // namespace
}  // namespace tributary::storage
