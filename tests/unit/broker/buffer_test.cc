#include "broker/buffer.h"

#include <gtest/gtest.h>

#include <thread>

namespace tributary::broker {
namespace {

TEST(ChunkPool, Take_AfterAChunkCameBack_GivesItAgain) {
  ChunkPool pool;
  const uint8_t* first = pool.take()->data();
  EXPECT_EQ(pool.take()->data(), first);
}

TEST(ChunkPool, Take_WhileOthersAreHeld_GivesAnother) {
  ChunkPool pool;
  const BufferPtr one = pool.take();
  const BufferPtr two = pool.take();
  EXPECT_NE(one->data(), two->data());
  EXPECT_EQ(one->size(), ChunkPool::kChunkSize);
}

TEST(ChunkPool, Chunk_DroppedOnAnotherThreadOrAfterThePool_IsFreed) {
  auto pool = std::make_unique<ChunkPool>();
  BufferPtr foreign = pool->take();
  BufferPtr late = pool->take();
  std::thread([&] { foreign.reset(); }).join();
  pool.reset();
  late.reset();  // the sanitizers would tell
}

TEST(MemoryBudget, TryTake_UpToTheLimit_ThenIsRefusedUntilGivenBack) {
  MemoryBudget budget(100);
  EXPECT_TRUE(budget.try_take(60));
  EXPECT_TRUE(budget.try_take(40));
  EXPECT_FALSE(budget.try_take(1));
  EXPECT_EQ(budget.available(), 0u);
  budget.give_back(60);
  EXPECT_TRUE(budget.try_take(60));
}

TEST(MemoryBudget, TryTake_MoreThanTheLimit_OnlyWhenNothingElseIsHeld) {
  MemoryBudget budget(100);
  EXPECT_TRUE(budget.try_take(500));
  EXPECT_FALSE(budget.try_take(1));
  EXPECT_EQ(budget.available(), 0u);
  budget.give_back(500);
  EXPECT_TRUE(budget.try_take(1));
  EXPECT_FALSE(budget.try_take(500));
}

TEST(MemoryBudget, TryTakeMore_WhenFull_OneTakerAtATimeGetsOn) {
  MemoryBudget budget(100);
  const int one = 0, two = 0;
  EXPECT_TRUE(budget.try_take_more(50, &one));
  EXPECT_TRUE(budget.try_take_more(50, &two));
  EXPECT_TRUE(budget.try_take_more(50, &one)) << "somebody must get on";
  EXPECT_FALSE(budget.try_take_more(50, &two));
  EXPECT_TRUE(budget.try_take_more(50, &one)) << "and to its end";
  budget.end_overdraft(&two);
  EXPECT_FALSE(budget.try_take_more(50, &two));
  budget.end_overdraft(&one);
  EXPECT_TRUE(budget.try_take_more(50, &two));
}

TEST(MemoryBudget, GiveBack_CallsOnceForThoseWhoAsked) {
  MemoryBudget budget(100);
  int calls = 0;
  budget.call_when_freed([&] { ++calls; });
  budget.take_anyway(300);
  budget.give_back(50);
  EXPECT_EQ(calls, 0) << "nobody waits";
  budget.ask_for_call();
  budget.give_back(50);
  budget.give_back(50);
  EXPECT_EQ(calls, 1);
}

TEST(MemoryBudget, EndOverdraft_CallsThoseWhoAsked) {
  MemoryBudget budget(100);
  int calls = 0;
  const int one = 0, other = 0;
  budget.call_when_freed([&] { ++calls; });
  EXPECT_TRUE(budget.try_take(100));
  EXPECT_TRUE(budget.try_take_more(1, &one));
  budget.ask_for_call();
  budget.end_overdraft(&other);
  EXPECT_EQ(calls, 0);
  budget.end_overdraft(&one);
  EXPECT_EQ(calls, 1);
}

TEST(MemoryShare, MovedAndDestroyed_GivesBackExactlyOnce) {
  MemoryBudget budget(100);
  budget.take_anyway(30);
  {
    MemoryShare share(budget, 30);
    MemoryShare moved(std::move(share));
    MemoryShare assigned;
    assigned = std::move(moved);
    EXPECT_EQ(budget.used(), 30u);
  }
  EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
}  // namespace tributary::broker
