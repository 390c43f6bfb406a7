#include <gtest/gtest.h>

#include "tributary/control/controller.h"

namespace tributary::control {
namespace {

TEST(TopicName, BrokersOwnTopics_AreInternal) {
  EXPECT_TRUE(is_internal_topic("__consumer_offsets"));
  EXPECT_TRUE(is_internal_topic("__transaction_state"));
  EXPECT_TRUE(is_internal_topic("__share_group_state"));
}

TEST(TopicName, OnlyThatExactName_IsInternal) {
  EXPECT_FALSE(is_internal_topic("__consumer_offsets2"));
  EXPECT_FALSE(is_internal_topic("_consumer_offsets"));
  EXPECT_FALSE(is_internal_topic("__mine"));
  EXPECT_FALSE(is_internal_topic(""));
}

}  // namespace
}  // namespace tributary::control
