#include "net/access/jwt_claims.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "document/random.h"
#include "sync/grants.h"
#include "sync/messages.h"
#include "tests/support/for_each_seed.h"

namespace cotext::net {
namespace {

// Claims of somebody, and more of them.
std::string With(std::string_view more) {
  return R"({"sub":"ann","exp":2000,)" + std::string(more) + "}";
}

TEST(JwtClaimsTest, AllOfThemAreRead) {
  const auto claims = ReadClaims(
      R"({"sub":"ann","exp":2000,"nbf":1000.9,"iat":1000,"iss":"login","aud":["a","b"],"x":[1],
          "documents":[{"name":"notes/*","rights":["read","write"]},
                       {"name":"all","rights":["show","relay","read"]}]})");
  ASSERT_TRUE(claims.has_value()) << claims.error().message;
  EXPECT_EQ(claims->identity.user, "ann");
  EXPECT_EQ(claims->expires_at_s, 2000U);
  EXPECT_EQ(claims->not_before_s, 1000U);
  EXPECT_EQ(claims->issuer, "login");
  EXPECT_EQ(claims->audiences, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(sync::RightsOf(claims->identity, "notes/x"), sync::kMayRead | sync::kMayWrite);
  EXPECT_EQ(sync::RightsOf(claims->identity, "all"),
            sync::kMayRead | sync::kMayShow | sync::kMayRelay);
  EXPECT_EQ(sync::RightsOf(claims->identity, "other"), 0U);
}

TEST(JwtClaimsTest, WithoutDocumentsNothingIsAllowed) {
  const auto claims = ReadClaims(R"({"sub":"ann","exp":2000,"aud":"a"})");
  ASSERT_TRUE(claims.has_value());
  EXPECT_TRUE(claims->identity.grants.empty());
  EXPECT_EQ(claims->audiences, std::vector<std::string>{"a"});
}

TEST(JwtClaimsTest, WhatMeansNothingIsAnError) {
  const std::vector<std::string> bad = {
      "",
      "[]",
      "null",
      "{",
      R"({"exp":1})",
      R"({"sub":"ann"})",
      R"({"sub":1,"exp":1})",
      R"({"sub":"","exp":1})",
      R"({"sub":"ann","exp":"2000"})",
      R"({"sub":"ann","exp":null})",
      R"({"sub":"ann","exp":-1})",
      R"({"sub":"ann","exp":1e300})",
      R"({"sub":"ann","exp":true})",
      With(R"("nbf":"x")"),
      With(R"("nbf":null)"),
      With(R"("iat":[])"),
      With(R"("iss":1)"),
      With(R"("iss":"")"),
      With(R"("aud":[])"),
      With(R"("aud":[1])"),
      With(R"("aud":null)"),
      With(R"("aud":"")"),
      With(R"("documents":{})"),
      With(R"("documents":null)"),
      With(R"("documents":["a"])"),
      With(R"("documents":[{"name":"a"}])"),
      With(R"("documents":[{"rights":[]}])"),
      With(R"("documents":[{"name":"","rights":[]}])"),
      With(R"("documents":[{"name":1,"rights":[]}])"),
      With(R"("documents":[{"name":"a","rights":"read"}])"),
      With(R"("documents":[{"name":"a","rights":["admin"]}])"),
      With(R"("documents":[{"name":"a","rights":["read",1]}])"),
      R"({"sub":")" + std::string(513, 'u') + R"(","exp":1})",
      With(R"("documents":[{"name":")" + std::string(514, 'n') + R"(","rights":[]}])")};
  for (const std::string& json : bad) {
    const auto claims = ReadClaims(json);
    ASSERT_FALSE(claims.has_value()) << json;
    EXPECT_EQ(claims.error().code, ErrorCode::kUnauthenticated);
  }
}

TEST(JwtClaimsTest, GrantsAndAudiencesAreBounded) {
  const auto with = [](std::string_view name, std::string_view item, size_t count) {
    std::string list;
    for (size_t i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + std::string(item);
    return ReadClaims(With("\"" + std::string(name) + "\":[" + list + "]")).has_value();
  };
  constexpr std::string_view kGrant = R"({"name":"a","rights":["read"]})";
  EXPECT_TRUE(with("documents", kGrant, kGrantsMax));
  EXPECT_FALSE(with("documents", kGrant, kGrantsMax + 1));
  EXPECT_TRUE(with("aud", "\"a\"", kAudiencesMax));
  EXPECT_FALSE(with("aud", "\"a\"", kAudiencesMax + 1));
}

TEST(JwtClaimsTest, DeepNestingIsRead) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_TRUE(ReadClaims(With("\"x\":" + deep)).has_value());
}

TEST(JwtClaimsTest, DamagedClaimsAreReadOrRefused) {
  const std::string whole =
      With(R"("aud":["a"],"documents":[{"name":"notes/*","rights":["read","write"]}])");
  ForEachSeed(2000, [&](Random& random) {
    std::string bytes = whole;
    for (uint64_t i = random.Between(1, 3); i > 0; --i) {
      bytes[random.Below(bytes.size())] = static_cast<char>(random.Below(256));
    }
    const auto claims = ReadClaims(bytes);
    if (claims) {
      EXPECT_FALSE(claims->identity.user.empty());
    }
  });
}

}  // namespace
}  // namespace cotext::net
