#include "group_fixture.h"

namespace tributary::group {
namespace {

using Membership = GroupFixture;

TEST_F(Membership, FirstMember_BecomesLeaderAfterTheInitialDelay) {
  const std::string id = member_id("g");
  const Joined joined = join("g", {.member = id});
  environment.advance(2'999);
  EXPECT_FALSE(joined.arrived());
  environment.advance(1);
  EXPECT_EQ(joined->error_code, ErrorCode::kNone);
  EXPECT_EQ(joined->generation_id, 1);
  EXPECT_EQ(joined->leader, id);
  EXPECT_EQ(joined->protocol_name, "range");
  EXPECT_EQ(joined->protocol_type, "consumer");
  ASSERT_EQ(joined->members.size(), 1U);
  EXPECT_EQ(as_text(joined->members[0].metadata), "meta");
  const Synced synced = sync("g", id, 1, {{id, "mine"}});
  EXPECT_EQ(as_text(synced->assignment), "mine");
  EXPECT_EQ(state("g"), "Stable");
  EXPECT_EQ(heartbeat("g", id, 1), ErrorCode::kNone);
}

TEST_F(Membership, StableGroup_GivesEachItsOwn) {
  const Members members = stable_group("g", 5);
  EXPECT_EQ(members.generation, 1);
  for (const std::string& id : members.ids) {
    EXPECT_EQ(as_text(sync("g", id, 1)->assignment), id);
    EXPECT_EQ(heartbeat("g", id, 1), ErrorCode::kNone);
  }
}

}  // namespace
}  // namespace tributary::group
