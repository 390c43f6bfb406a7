#include "tributary/wire/error_code.h"

namespace tributary::wire {
namespace {

TEST(ErrorName, Codes_HaveTheirOwnNames) {
  EXPECT_EQ(error_name(ErrorCode::kUnknownServerError), "UNKNOWN_SERVER_ERROR");
  EXPECT_EQ(error_name(ErrorCode::kNone), "NONE");
  EXPECT_EQ(error_name(ErrorCode::kNotLeaderOrFollower), "NOT_LEADER_OR_FOLLOWER");
  EXPECT_EQ(error_name(ErrorCode::kRebootstrapRequired), "REBOOTSTRAP_REQUIRED");
  EXPECT_EQ(error_name(ErrorCode::kShareSessionLimitReached), "SHARE_SESSION_LIMIT_REACHED");
}

TEST(ErrorName, UnknownCode_IsUnknown) {
  EXPECT_EQ(error_name(ErrorCode{134}), "UNKNOWN");
  EXPECT_EQ(error_name(ErrorCode{-2}), "UNKNOWN");
}

}  // namespace
}  // namespace tributary::wire
