#include "sync/former_channels.h"

#include <gtest/gtest.h>

namespace cotext::sync {
namespace {

TEST(FormerChannelsTest, TheEarliestIsForgottenWhateverItsNumber) {
  FormerChannels former;
  former.Add(30, 3);
  former.Add(10, 3);
  former.Add(20, 3);
  former.Add(5, 3);
  EXPECT_FALSE(former.Has(30));
  EXPECT_TRUE(former.Has(10));
  EXPECT_TRUE(former.Has(20));
  EXPECT_TRUE(former.Has(5));
  EXPECT_EQ(former.size(), 3U);
}

TEST(FormerChannelsTest, WhatIsOpenAgainIsNoneAndComesLastWhenItIsClosedAgain) {
  FormerChannels former;
  former.Add(1, 2);
  former.Add(2, 2);
  former.Remove(1);
  EXPECT_FALSE(former.Has(1));
  EXPECT_EQ(former.size(), 1U);
  former.Add(1, 2);
  former.Add(3, 2);
  EXPECT_FALSE(former.Has(2));
  EXPECT_TRUE(former.Has(1));
}

}  // namespace
}  // namespace cotext::sync
