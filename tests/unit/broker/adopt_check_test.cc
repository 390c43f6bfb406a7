#include "tributary/broker/adopt_check.h"

#include "running_broker.h"

namespace tributary::broker::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Name, size, time and content of everything.
std::map<std::string, std::string> contents(const std::string& directory) {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    std::string text = std::to_string(entry.last_write_time().time_since_epoch().count());
    if (entry.is_regular_file()) {
      std::ifstream in(entry.path(), std::ios::binary);
      text.append(std::istreambuf_iterator<char>(in), {});
    }
    found[entry.path().string()] = text;
  }
  return found;
}

AdoptCheck check(const std::string& directory) {
  const SystemClock clock;
  config::Values values;
  values.set("log.dirs", directory, {});
  return check_adoption(values, clock);
}

// A directory with a topic "a" of two partitions, its broker stopped.
class StoppedBroker : public ::testing::Test {
 protected:
  void SetUp() override {
    auto client = broker_.client();
    ASSERT_EQ(create_topic(client, "a", 2, {{"cleanup.policy", "compact"}}).name, "a");
    broker_.stop();
  }
  std::string data() const { return broker_.data_directory(); }

  RunningBroker broker_;
};

TEST_F(StoppedBroker, AdoptCheck_TellsWhatIsThereAndChangesNothing) {
  const auto before = contents(data());
  const AdoptCheck found = check(data());
  EXPECT_TRUE(found.accepted) << found.text;
  EXPECT_THAT(found.text, HasSubstr("stopped cleanly"));
  EXPECT_THAT(found.text, HasSubstr("1 with 2 partitions"));
  EXPECT_THAT(found.text, HasSubstr("metadata.version=30"));
  EXPECT_THAT(found.text, ::testing::ContainsRegex("compacted +a\n"));
  EXPECT_EQ(contents(data()), before);
}

TEST_F(StoppedBroker, AdoptCheckWithoutMarker_TellsOfTheRecovery) {
  fs::remove(data() + "/.kafka_cleanshutdown");
  EXPECT_THAT(check(data()).text, HasSubstr("not stopped cleanly"));
}

TEST_F(StoppedBroker, AdoptCheckOfARunningBroker_IsRefused) {
  broker_.start();
  const AdoptCheck found = check(data());
  EXPECT_FALSE(found.accepted);
  EXPECT_THAT(found.text, HasSubstr("locked by another process"));
}

TEST_F(StoppedBroker, MetadataLogMissing_StartIsRefusedAndPartitionsStay) {
  fs::remove_all(data() + "/__cluster_metadata-0");
  const AdoptCheck found = check(data());
  EXPECT_FALSE(found.accepted);
  EXPECT_THAT(found.text, HasSubstr("there is no metadata log"));
  config::Values values;
  values.set("log.dirs", data(), {});
  values.set("listeners", "PLAINTEXT://127.0.0.1:0", {});
  const SystemClock clock;
  Broker broker({&values, &clock, {2, 1ULL << 30, 100'000}});
  const Status started = broker.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Errc::kInvalidArgument);
  EXPECT_TRUE(fs::exists(data() + "/a-0"));
  EXPECT_TRUE(fs::exists(data() + "/.kafka_cleanshutdown"));
}

TEST_F(StoppedBroker, PartitionOfNoTopic_IsSetAsideAndKept) {
  fs::copy(data() + "/a-0", data() + "/lost-0", fs::copy_options::recursive);
  EXPECT_THAT(check(data()).text, HasSubstr("lost-0"));
  broker_.start();
  EXPECT_FALSE(fs::exists(data() + "/lost-0"));
  size_t strays = 0;
  for (const auto& entry : fs::directory_iterator(data())) {
    strays += entry.path().string().ends_with("-stray") ? 1 : 0;
  }
  EXPECT_EQ(strays, 1u);
}

TEST(AdoptCheckTest, EmptyDirectory_IsNotTakenForOne) {
  const TempDirectory directory;
  const AdoptCheck found = check(directory.path());
  EXPECT_FALSE(found.accepted);
  EXPECT_THAT(found.text, HasSubstr("no meta.properties"));
}

}  // namespace
}  // namespace tributary::broker::test
