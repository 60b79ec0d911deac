#include "net/access/restrictions.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "document/error.h"
#include "net/access/access.h"
#include "sync/grants.h"
#include "sync/messages.h"

namespace cotext::net {
namespace {

TEST(RestrictionsTest, ReadsUsersAndRights) {
  const auto read = ParseRestrictions(R"({"bob": ["read", "show"], "eve": []})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, (Restrictions{{"bob", sync::kMayRead | sync::kMayShow}, {"eve", 0}}));
  EXPECT_TRUE(ParseRestrictions("{}")->empty());
}

TEST(RestrictionsTest, WhatMeansNothingIsRefused) {
  for (const char* bad : {"", "[]", "null", "{", R"({"bob": "read"})", R"({"bob": ["reed"]})",
                          R"({"bob": [1]})", R"({"bob": {}})"}) {
    const auto read = ParseRestrictions(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, ErrorCode::kBadRequest) << bad;
  }
  EXPECT_FALSE(ReadRestrictions("/no/such/file"));
}

TEST(RestrictionsTest, WhoIsNotRestrictedAnyMoreHasWhatHeWasGranted) {
  Access access({.anonymous_rights = sync::kAllRights, .restrictions_max = 2}, std::nullopt,
                [] { return 1; });
  const auto connect = [&](uint64_t connection, const std::string& user) {
    const std::vector<sync::Grant> grants = {{.documents = "*", .rights = sync::kAllRights}};
    access.OnConnect(connection, {.identity = {.user = user, .grants = grants}, .granted = grants});
  };
  connect(1, "bob");
  connect(2, "eve");
  Restrictions present;
  ASSERT_TRUE(ApplyRestrictions(access, present, {{"bob", sync::kMayRead}, {"eve", 0}}));
  auto changes = access.TakeChanges(0);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].grants->at(0).rights, sync::kMayRead);
  EXPECT_EQ(changes[1].grants.error().code, ErrorCode::kForbidden);
  // Too many: nothing changes.
  EXPECT_FALSE(ApplyRestrictions(access, present, {{"a", 0}, {"b", 0}, {"c", 0}}));
  EXPECT_TRUE(access.TakeChanges(0).empty());
  // As many as may be, all others than before.
  ASSERT_TRUE(ApplyRestrictions(access, present, {{"a", 0}, {"b", 0}}));
  changes = access.TakeChanges(0);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].connection, 1U);
  EXPECT_EQ(changes[0].grants->at(0).rights, sync::kAllRights);
}

}  // namespace
}  // namespace cotext::net
