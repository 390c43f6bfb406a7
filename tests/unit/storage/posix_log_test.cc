// A log on the machine's own file system, end to end.
#include <filesystem>

#include "log_support.h"

namespace tributary::storage::test {
namespace {

class PosixLogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "tributary-log-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(root_); }
  LogOptions options(LogConfig config = {}) {
    LogOptions made = options_for(*fs_, config);
    made.directory = root_ + "/t-0";
    return made;
  }

  std::unique_ptr<FileSystem> fs_ = make_posix_file_system();
  std::string root_;
};

TEST_F(PosixLogTest, Append_WrittenAndReadBack_SameRecords) {
  const auto log = open_log(options());
  const auto first = append(*log, make_batch({.records = 3}));
  const auto second = append(*log, make_batch({.records = 2}));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->first_offset, 0);
  EXPECT_EQ(second->first_offset, 3);
  EXPECT_EQ(log->end_offset(), 5);
  const auto back = read_from(*log, 0);
  ASSERT_TRUE(back);
  EXPECT_EQ(base_offsets(back->bytes), (std::vector<Offset>{0, 3}));
}

TEST_F(PosixLogTest, Reopen_AfterClose_KeepsEverything) {
  LogConfig config;
  config.segment_bytes = 2000;
  {
    const auto log = open_log(options(config));
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(append(*log, make_batch({.records = 2, .value_size = 50})));
    EXPECT_GT(log->segment_count(), 3u);
    ASSERT_TRUE(log->close());
  }
  for (const bool clean : {true, false}) {
    LogOptions again = options(config);
    again.clean_shutdown = clean;
    const auto log = open_log(std::move(again));
    EXPECT_EQ(log->end_offset(), 80);
    std::vector<Offset> seen;
    for (Offset at = 0; at < 80;) {
      const auto back = read_from(*log, at);
      ASSERT_TRUE(back) << back.error().message;
      const auto offsets = base_offsets(back->bytes);
      ASSERT_FALSE(offsets.empty());
      seen.insert(seen.end(), offsets.begin(), offsets.end());
      at = offsets.back() + 2;
    }
    EXPECT_EQ(seen.size(), 40u);
  }
}

TEST_F(PosixLogTest, Read_CachedMode_ServesWhatWasJustWritten) {
  const auto log = open_log(options());
  ASSERT_TRUE(append(*log, make_batch({})));
  auto plan = log->plan_read({0, 1 << 20, Isolation::kHighWatermark, true}, 1);
  ASSERT_TRUE(plan);
  std::vector<uint8_t> buffer(*plan->size(ReadMode::kCached));
  const auto outcome = plan->execute(buffer, ReadMode::kCached);
  // A file system without RWF_NOWAIT says to block.
  if (!outcome) EXPECT_EQ(outcome.error().code, Errc::kWouldBlock);
  if (outcome) EXPECT_EQ(outcome->bytes, buffer.size());
}

TEST_F(PosixLogTest, Lock_SecondHolder_IsRefused) {
  const auto held = fs_->lock(root_ + "/.lock");
  ASSERT_TRUE(held);
  const auto second = fs_->lock(root_ + "/.lock");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::kBusy);
}

}  // namespace
}  // namespace tributary::storage::test
