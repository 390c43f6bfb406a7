// The loop of a shard: what wakes it, and in which order it does things.
#include "broker/shard_loop.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <array>

namespace tributary::broker {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

class ShardLoopTest : public testing::Test, public ShardLoop::Watcher {
 protected:
  ShardLoopTest() {
    EXPECT_TRUE(loop_.open());
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    near_ = Descriptor(ends[0]);
    far_ = Descriptor(ends[1]);
  }
  void on_ready(uint32_t events) override {
    note("ready");
    if (on_ready_) on_ready_(events);
  }
  void note(const std::string& what) { seen_.push_back(what); }
  void send_byte() { ASSERT_EQ(::write(far_.get(), "x", 1), 1); }

  std::vector<std::string> seen_;
  std::function<void(uint32_t)> on_ready_;
  ShardLoop loop_{[this] { note("end of turn"); }};
  Descriptor near_, far_;
};

TEST_F(ShardLoopTest, Post_FromAnotherThread_WakesTheLoop) {
  std::thread other([this] {
    for (int i = 0; i < 1000; ++i) loop_.post([this] { note("posted"); });
    loop_.post([this] { loop_.stop(); });
  });
  loop_.run();
  other.join();
  EXPECT_EQ(seen_.size(), 1000u);
}

TEST_F(ShardLoopTest, Turn_EndsAfterAllThatIsReady) {
  ASSERT_TRUE(loop_.watch(near_.get(), EPOLLIN, *this));
  const auto due = loop_.timers().after(milliseconds(0), [this] { note("timer"); });
  on_ready_ = [this](uint32_t) {
    loop_.begin_turn();
    loop_.change(near_.get(), 0, *this);
    loop_.post([this] { note("posted"); });
  };
  send_byte();
  const auto end = loop_.timers().after(milliseconds(20), [this] { loop_.stop(); });
  loop_.run();
  EXPECT_THAT(seen_, ElementsAre("ready", "timer", "posted", "end of turn"));
}

TEST_F(ShardLoopTest, Descriptor_NotRead_IsReadyAgainUntilItIsNoMoreWanted) {
  ASSERT_TRUE(loop_.watch(near_.get(), EPOLLIN, *this));
  on_ready_ = [this](uint32_t) {
    if (seen_.size() == 3) loop_.change(near_.get(), 0, *this);
  };
  send_byte();
  const auto end = loop_.timers().after(milliseconds(20), [this] { loop_.stop(); });
  loop_.run();
  EXPECT_THAT(seen_, ElementsAre("ready", "ready", "ready"));
}

TEST_F(ShardLoopTest, Descriptor_WantedForNothing_StillTellsThatThePeerIsGone) {
  ASSERT_TRUE(loop_.watch(near_.get(), 0, *this));
  on_ready_ = [this](uint32_t events) {
    EXPECT_NE(events & EPOLLHUP, 0u);
    loop_.stop();
  };
  far_.close();
  loop_.run();
  EXPECT_THAT(seen_, ElementsAre("ready"));
}

TEST_F(ShardLoopTest, Post_WithoutEnd_KeepsNothingElseWaiting) {
  std::function<void()> again = [&] { loop_.post(again); };
  loop_.post(again);
  const auto due = loop_.timers().after(milliseconds(2), [this] { loop_.stop(); });
  loop_.run();
  loop_.drop_handlers();
}

TEST_F(ShardLoopTest, Timer_Alone_WakesTheLoop) {
  const auto due = loop_.timers().after(milliseconds(2), [this] {
    note("timer");
    loop_.stop();
  });
  loop_.run();
  EXPECT_THAT(seen_, ElementsAre("timer"));
}

TEST_F(ShardLoopTest, Stop_LeavesTheRestUndoneAndDropsIt) {
  const auto held = std::make_shared<int>(1);
  loop_.post([this] { loop_.stop(); });
  loop_.post([this, held] { note("posted"); });
  auto later = std::make_shared<TimerQueue::Handle>();
  *later = loop_.timers().after(hours(1), [held, later] {});
  loop_.run();
  EXPECT_THAT(seen_, IsEmpty());
  loop_.drop_handlers();
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace tributary::broker
