#include "net/base/client_address.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"

namespace cotext::net {
namespace {

IpAddress At(std::string_view text) {
  const auto address = IpAddress::Parse(text);
  EXPECT_TRUE(address.has_value()) << text;
  return address.value_or(IpAddress());
}

TrustedProxies Trusting(const std::vector<std::string>& networks) {
  return TrustedProxies::Parse(networks).value();
}

TEST(ClientAddressTest, AddressesAreReadAndWritten) {
  EXPECT_EQ(At("192.0.2.1").ToText(), "192.0.2.1");
  EXPECT_EQ(At("::ffff:192.0.2.1"), At("192.0.2.1"));
  EXPECT_EQ(At("2001:DB8:0::1").ToText(), "2001:db8::1");
  for (const std::string_view bad :
       {"", "x", "1.2.3", "1.2.3.4.5", "1.2.3.256", ":::", "1.2.3.4:80", " 1.2.3.4", "[::1]"}) {
    EXPECT_FALSE(IpAddress::Parse(bad).has_value()) << bad;
  }
  EXPECT_FALSE(IpAddress::Parse(std::string(1000, '1')).has_value());
  EXPECT_FALSE(IpAddress::Parse(std::string_view("1.2.3.4\0", 8)).has_value());
}

TEST(ClientAddressTest, LoopbackIsKnown) {
  EXPECT_TRUE(At("127.0.0.1").is_loopback());
  EXPECT_TRUE(At("127.9.9.9").is_loopback());
  EXPECT_TRUE(At("::1").is_loopback());
  EXPECT_TRUE(At("::ffff:127.0.0.1").is_loopback());
  EXPECT_FALSE(At("128.0.0.1").is_loopback());
  EXPECT_FALSE(At("::2").is_loopback());
  EXPECT_FALSE(At("0.0.0.0").is_loopback());
}

TEST(ClientAddressTest, ANetworkOfIpv6CountsAsOneClient) {
  EXPECT_EQ(At("2001:db8:1:2:3::4").RateKey(), At("2001:db8:1:2:ffff::").RateKey());
  EXPECT_NE(At("2001:db8:1:2::").RateKey(), At("2001:db8:1:3::").RateKey());
  EXPECT_NE(At("192.0.2.1").RateKey(), At("192.0.2.2").RateKey());
}

TEST(ClientAddressTest, NetworksOfProxies) {
  const TrustedProxies proxies = Trusting({"10.0.0.0/9", "192.0.2.7", "fd00::/8", "::1"});
  EXPECT_TRUE(proxies.Has(At("10.127.255.255")));
  EXPECT_FALSE(proxies.Has(At("10.128.0.0")));
  EXPECT_TRUE(proxies.Has(At("192.0.2.7")));
  EXPECT_FALSE(proxies.Has(At("192.0.2.6")));
  EXPECT_TRUE(proxies.Has(At("fdff::1")));
  EXPECT_FALSE(proxies.Has(At("fe00::1")));
  EXPECT_FALSE(Trusting({}).Has(At("127.0.0.1")));
  EXPECT_TRUE(Trusting({"0.0.0.0/0"}).Has(At("8.8.8.8")));
  EXPECT_FALSE(Trusting({"0.0.0.0/0"}).Has(At("2001::1")));
  for (const std::string bad : {"", "x", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "::/129", "/8"}) {
    EXPECT_EQ(TrustedProxies::Parse({bad}).error().code, ErrorCode::kBadRequest) << bad;
  }
}

TEST(ClientAddressTest, OnlyTrustedProxiesAreBelieved) {
  const TrustedProxies proxies = Trusting({"10.0.0.0/8"});
  const auto client = [&](std::string_view peer, std::string_view header) {
    return ClientAddress(At(peer), header, proxies).ToText();
  };
  EXPECT_EQ(client("192.0.2.9", "198.51.100.1"), "192.0.2.9");
  EXPECT_EQ(client("10.0.0.1", "198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", ""), "10.0.0.1");
  // The client wrote the first one himself.
  EXPECT_EQ(client("10.0.0.1", "203.0.113.5, 198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", "203.0.113.5, 198.51.100.1 ,10.0.0.2"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", "10.0.0.3,10.0.0.2"), "10.0.0.3");
}

TEST(ClientAddressTest, WhatIsNoAddressEndsIt) {
  const TrustedProxies proxies = Trusting({"10.0.0.0/8"});
  const auto client = [&](std::string_view header) {
    return ClientAddress(At("10.0.0.1"), header, proxies).ToText();
  };
  EXPECT_EQ(client("unknown"), "10.0.0.1");
  EXPECT_EQ(client("198.51.100.1, _x, 10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(client(",,,"), "10.0.0.1");
  EXPECT_EQ(client("198.51.100.1:5000"), "198.51.100.1");
  EXPECT_EQ(client("[2001:db8::1]:5000"), "2001:db8::1");
  EXPECT_EQ(client("[2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(client("["), "10.0.0.1");
}

TEST(ClientAddressTest, LongHeadersAreReadFromTheirEnd) {
  const TrustedProxies proxies = Trusting({"10.0.0.0/8"});
  std::string hops = "198.51.100.1";
  for (size_t i = 1; i < kForwardedHopsMax; ++i) hops += ",10.0.0.2";
  EXPECT_EQ(ClientAddress(At("10.0.0.1"), hops, proxies).ToText(), "198.51.100.1");
  EXPECT_EQ(ClientAddress(At("10.0.0.1"), hops + ",10.0.0.2", proxies).ToText(), "10.0.0.2");
  const std::string blank(kForwardedBytesMax, ' ');
  EXPECT_EQ(ClientAddress(At("10.0.0.1"), blank + "198.51.100.1", proxies).ToText(),
            "198.51.100.1");
}

}  // namespace
}  // namespace cotext::net
