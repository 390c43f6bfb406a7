#include "broker/timer_queue.h"

#include <gmock/gmock.h>

#include <limits>

namespace tributary::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using testing::ElementsAre;
using testing::IsEmpty;

class TimerQueueTest : public testing::Test {
 protected:
  auto note(int what) {
    return [this, what] { fired_.push_back(what); };
  }
  void run() { timers_.fire(TimerQueue::Clock::now() + std::chrono::minutes(1)); }
  TimerQueue timers_;
  std::vector<int> fired_;
};

TEST_F(TimerQueueTest, After_SeveralDeadlines_FireInTheirOrder) {
  const auto third = timers_.after(milliseconds(3), note(3));
  const auto first = timers_.after(milliseconds(1), note(1));
  const auto second = timers_.after(milliseconds(2), note(2));
  run();
  EXPECT_THAT(fired_, ElementsAre(1, 2, 3));
}

TEST_F(TimerQueueTest, After_DeadlineInThePast_FiresOnTheLoopAndNotAtOnce) {
  const auto handle = timers_.after(nanoseconds(-5), note(1));
  EXPECT_THAT(fired_, IsEmpty());
  run();
  EXPECT_THAT(fired_, ElementsAre(1));
}

TEST_F(TimerQueueTest, Handle_DestroyedOrCancelled_DoesNotFire) {
  {
    const auto dropped = timers_.after(milliseconds(1), note(1));
  }
  auto cancelled = timers_.after(milliseconds(1), note(2));
  cancelled.cancel();
  EXPECT_FALSE(cancelled.armed());
  const auto kept = timers_.after(milliseconds(2), note(3));
  run();
  EXPECT_THAT(fired_, ElementsAre(3));
}

TEST_F(TimerQueueTest, Handle_Reassigned_CancelsTheFormer) {
  auto handle = timers_.after(milliseconds(1), note(1));
  handle = timers_.after(milliseconds(2), note(2));
  run();
  EXPECT_THAT(fired_, ElementsAre(2));
}

TEST_F(TimerQueueTest, Action_CancelsAndArmsOthers_TheQueueGoesOn) {
  TimerQueue::Handle other;
  TimerQueue::Handle later;
  const auto first = timers_.after(milliseconds(1), [&] {
    other.cancel();
    later = timers_.after(milliseconds(1), note(2));
  });
  other = timers_.after(milliseconds(1), note(1));
  run();
  EXPECT_THAT(fired_, ElementsAre(2));
}

TEST_F(TimerQueueTest, Action_OwnsItsHandle_MayDropIt) {
  auto handle = std::make_shared<TimerQueue::Handle>();
  *handle = timers_.after(milliseconds(1), [this, handle] {
    *handle = {};
    fired_.push_back(1);
  });
  run();
  EXPECT_THAT(fired_, ElementsAre(1));
}

TEST_F(TimerQueueTest, Stop_NothingIsLeft) {
  auto handle = std::make_shared<TimerQueue::Handle>();
  *handle = timers_.after(std::chrono::hours(1), [this, handle] { fired_.push_back(1); });
  EXPECT_TRUE(timers_.next());
  timers_.stop();
  EXPECT_FALSE(timers_.next());
}

}  // namespace
}  // namespace tributary::broker
