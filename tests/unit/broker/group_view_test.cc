// Who may work on the view of a partition of __consumer_offsets.
#include "broker/group_view.h"

#include "broker/broker_context.h"
#include "broker/shard.h"
#include "running_broker.h"

namespace tributary::broker::test {
namespace {

class GroupViewTest : public ::testing::Test {
 protected:
  GroupViewTest() : context_(config::Values(), clock_, Limits{}, 1 << 20, 1) {}

  SystemClock clock_;
  BrokerContext context_;
  GroupView view_{context_, "unused"};
  const GroupView::Claimant old_ = view_.next_claimant();
  const GroupView::Claimant fresh_ = view_.next_claimant();
};

TEST_F(GroupViewTest, Enter_AfterALaterOneClaimed_IsRefused) {
  EXPECT_TRUE(view_.claim(0, old_).owns_lock());
  EXPECT_TRUE(view_.enter(0, old_).owns_lock());
  EXPECT_TRUE(view_.claim(0, fresh_).owns_lock());
  EXPECT_FALSE(view_.enter(0, old_).owns_lock());
  EXPECT_TRUE(view_.enter(0, fresh_).owns_lock());
  EXPECT_FALSE(view_.enter(1, fresh_).owns_lock()) << "of another partition nothing was claimed";
}

// A load that the pool comes to only when its topic is deleted and made anew must not put the new one out.
TEST_F(GroupViewTest, Claim_LaterThanByASuccessor_ChangesNothing) {
  EXPECT_TRUE(view_.claim(0, fresh_).owns_lock());
  EXPECT_FALSE(view_.claim(0, old_).owns_lock());
  EXPECT_TRUE(view_.enter(0, fresh_).owns_lock());
}

}  // namespace
}  // namespace tributary::broker::test
