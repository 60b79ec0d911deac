#include "net/access/origin_list.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"

namespace cotext::net {
namespace {

OriginList Listing(const std::vector<std::string>& origins,
                   OriginList::Callers callers = OriginList::Callers::kAnonymous) {
  return OriginList::Parse(origins, callers).value();
}

TEST(OriginListTest, WhereNobodySaysWhoHeIsTheServerIsAskedByANameThatNobodyElseHas) {
  const OriginList list = Listing({"https://notes.example.org", "https://*.example.net"});
  for (const std::string_view own :
       {"", "localhost:8650", "a.localhost", "127.0.0.1:8650", "[::1]", "desk:8650", "Desk.local",
        "notes.example.org", "Notes.example.org:443", "a.example.net"}) {
    EXPECT_TRUE(list.Allows("", own)) << own;
  }
  for (const std::string_view other :
       {"evil.net:8650", "example.net", "notes.example.org:8650", "127.0.0.1.evil.net", "a.b"}) {
    EXPECT_FALSE(list.Allows("", other)) << other;
    EXPECT_TRUE(Listing({}, OriginList::Callers::kKnown).Allows("", other)) << other;
    EXPECT_TRUE(Listing({"*"}).Allows("", other)) << other;
  }
}

TEST(OriginListTest, ListedOriginsAreLetInWhateverTheHost) {
  const OriginList list = Listing({"https://Notes.Example.org", "http://localhost:3000"});
  EXPECT_TRUE(list.Allows("https://notes.example.org", "api.example.org"));
  EXPECT_TRUE(list.Allows("https://notes.example.org:443", "api.example.org"));
  EXPECT_TRUE(list.Allows("http://localhost:3000", "127.0.0.1:8080"));
  EXPECT_FALSE(list.Allows("http://notes.example.org", "api.example.org"));
  EXPECT_FALSE(list.Allows("https://notes.example.org:8443", "api.example.org"));
  EXPECT_FALSE(list.Allows("https://notes.example.org.evil.net", "api.example.org"));
  EXPECT_FALSE(list.Allows("https://evilnotes.example.org", "api.example.org"));
  EXPECT_FALSE(list.Allows("http://localhost:3001", "127.0.0.1:8080"));
}

TEST(OriginListTest, ADomainIsAllThatIsInIt) {
  const OriginList list = Listing({"https://*.example.org", "http://*.test:81"});
  EXPECT_TRUE(list.Allows("https://a.example.org", "x"));
  EXPECT_TRUE(list.Allows("https://a.b.example.org", "x"));
  EXPECT_TRUE(list.Allows("http://a.test:81", "x"));
  EXPECT_FALSE(list.Allows("https://example.org", "x"));
  EXPECT_FALSE(list.Allows("https://.example.org", "x"));
  EXPECT_FALSE(list.Allows("https://evilexample.org", "x"));
  EXPECT_FALSE(list.Allows("http://a.example.org", "x"));
  EXPECT_FALSE(list.Allows("http://a.test", "x"));
}

TEST(OriginListTest, ThePagesOfTheServerAreLetIn) {
  const OriginList list = Listing({});
  EXPECT_TRUE(list.Allows("http://localhost:8080", "localhost:8080"));
  EXPECT_TRUE(list.Allows("http://127.0.0.1:8080", "127.0.0.1:8080"));
  EXPECT_TRUE(list.Allows("http://[::1]:8080", "[::1]:8080"));
  EXPECT_TRUE(list.Allows("http://192.0.2.1", "192.0.2.1:80"));
  EXPECT_FALSE(list.Allows("http://localhost:8081", "localhost:8080"));
  EXPECT_FALSE(list.Allows("http://evil.net", "localhost:8080"));
}

TEST(OriginListTest, ADomainPointedAtThisMachineIsNotItsOwnPage) {
  const auto known = OriginList::Callers::kKnown;
  EXPECT_FALSE(Listing({}).Allows("http://evil.net:8080", "evil.net:8080"));
  EXPECT_TRUE(Listing({}, known).Allows("http://notes.net:8080", "notes.net:8080"));
  EXPECT_FALSE(Listing({}, known).Allows("http://evil.net", "notes.net"));
}

TEST(OriginListTest, WhatIsNoOriginIsRefused) {
  const OriginList list = Listing({"http://a"});
  for (const std::string_view bad :
       {"null", "a", "http://", "://a", "http://a/b", "http://a b", "http://a@b", "*"}) {
    EXPECT_FALSE(list.Allows(bad, "a")) << bad;
  }
  EXPECT_FALSE(list.Allows("http://" + std::string(1000, 'a'), std::string(1000, 'a')));
  EXPECT_TRUE(Listing({"*"}).Allows("null", "a"));
  EXPECT_TRUE(Listing({"*"}).Allows("http://any.where", "a"));
}

TEST(OriginListTest, WhatIsListedHasToBeOne) {
  for (const std::string bad : {"", "a.example.org", "http://a/", "https://*", "*.example.org"}) {
    EXPECT_EQ(OriginList::Parse({bad}, OriginList::Callers::kKnown).error().code,
              ErrorCode::kBadRequest)
        << bad;
  }
  const std::vector<std::string> many(kOriginsMax + 1, "http://a");
  EXPECT_EQ(OriginList::Parse(many, OriginList::Callers::kKnown).error().code,
            ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace cotext::net
