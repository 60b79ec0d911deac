#include "net/access/connection_counter.h"

#include <gtest/gtest.h>

#include <string>

namespace cotext::net {
namespace {

TEST(ConnectionCounterTest, NobodyGetsMoreThanHisShareAndAllNoMoreThanThereIs) {
  ConnectionCounter counter({.connections_max = 5, .per_address_max = 2});
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(counter.HasRoom("10.0.0.1"));
    counter.Add("10.0.0.1");
  }
  EXPECT_FALSE(counter.HasRoom("10.0.0.1"));
  EXPECT_TRUE(counter.HasRoom("10.0.0.1", true)) << "behind it are many";
  EXPECT_TRUE(counter.HasRoom("10.0.0.2"));
  for (const char* address : {"10.0.0.2", "10.0.0.3", "10.0.0.4"}) counter.Add(address);
  EXPECT_FALSE(counter.HasRoom("10.0.0.5"));
  EXPECT_FALSE(counter.HasRoom("10.0.0.5", true));
  counter.Remove("10.0.0.1");
  EXPECT_TRUE(counter.HasRoom("10.0.0.1"));
}

TEST(ConnectionCounterTest, WhoIsGoneLeavesNothingBehind) {
  ConnectionCounter counter;
  for (int i = 0; i < 1'000; ++i) {
    const std::string address = "10.0." + std::to_string(i / 200) + "." + std::to_string(i % 200);
    counter.Add(address);
    counter.Remove(address);
  }
  EXPECT_EQ(counter.count(), 0U);
  EXPECT_EQ(counter.addresses(), 0U);
}

TEST(ConnectionCounterTest, AnIpv6NetworkIsOneAddress) {
  ConnectionCounter counter({.per_address_max = 1});
  counter.Add("2001:db8:1:2::1");
  EXPECT_FALSE(counter.HasRoom("2001:db8:1:2:ffff::99"));
  EXPECT_TRUE(counter.HasRoom("2001:db8:1:3::1"));
  counter.Add("::ffff:10.0.0.1");
  EXPECT_TRUE(counter.HasRoom("::ffff:10.0.0.2")) << "which are IPv4";
}

}  // namespace
}  // namespace cotext::net
