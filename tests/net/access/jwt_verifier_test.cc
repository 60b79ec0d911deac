#include "net/access/jwt_verifier.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/error.h"
#include "document/random.h"
#include "net/access/jwt_claims.h"
#include "net/access/jwt_key.h"
#include "tests/net/signed_token.h"
#include "tests/support/for_each_seed.h"

namespace cotext::net {
namespace {

constexpr uint64_t kNow = 1'000'000;
constexpr char kClaims[] = R"({"sub":"ann","exp":1000100})";

JwtKey SecretKey() { return MakeJwtKey(JwtAlgorithm::kHs256, kSecret).value(); }

JwtVerifier WithSecret(JwtRules rules = {}) { return {{SecretKey()}, std::move(rules)}; }

// Keys take long to make.
const KeyPair& Rsa() {
  static const KeyPair pair = MakeRsaKey();
  return pair;
}
const KeyPair& Curve() {
  static const KeyPair pair = MakeCurveKey();
  return pair;
}

JwtVerifier WithRsa() {
  return {{MakeJwtKey(JwtAlgorithm::kRs256, Rsa().public_key).value()}, JwtRules()};
}
JwtVerifier WithCurve() {
  return {{MakeJwtKey(JwtAlgorithm::kEs256, Curve().public_key).value()}, JwtRules()};
}

void ExpectRefused(JwtVerifier verifier, std::string_view token) {
  const auto claims = verifier.Verify(token, kNow);
  ASSERT_FALSE(claims.has_value()) << token;
  EXPECT_EQ(claims.error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(verifier.remembered(), 0U);
}

TEST(JwtVerifierTest, TokensOfEachAlgorithmHold) {
  EXPECT_EQ(WithSecret().Verify(Sign(kClaims, "HS256", kSecret), kNow)->identity.user, "ann");
  EXPECT_EQ(WithRsa().Verify(Sign(kClaims, "RS256", Rsa().private_key), kNow)->identity.user,
            "ann");
  EXPECT_EQ(WithCurve().Verify(Sign(kClaims, "ES256", Curve().private_key), kNow)->identity.user,
            "ann");
  EXPECT_TRUE(WithSecret()
                  .Verify(SignBytes(R"({"alg":"HS256","typ":"JWT"})", kClaims, kSecret), kNow)
                  .has_value());
}

TEST(JwtVerifierTest, ATokenWithoutASignatureIsRefused) {
  const std::string none = Sign(kClaims, "none", "");
  const std::string head = Base64Url(R"({"alg":"none"})") + "." + Base64Url(kClaims);
  for (const std::string& token : {none, none + "x", head + ".", head, head + ".AAAA"}) {
    ExpectRefused(WithSecret(), token);
    ExpectRefused(WithRsa(), token);
    ExpectRefused(WithCurve(), token);
  }
  const std::string right = Sign(kClaims, "HS256", kSecret);
  ExpectRefused(WithSecret(), right.substr(0, right.rfind('.')));
  ExpectRefused(WithSecret(), right.substr(0, right.rfind('.') + 1));
}

TEST(JwtVerifierTest, APublicKeyIsNotTakenForASecret) {
  ExpectRefused(WithRsa(), Sign(kClaims, "HS256", Rsa().public_key));
  ExpectRefused(WithCurve(), Sign(kClaims, "HS256", Curve().public_key));
}

TEST(JwtVerifierTest, OtherAlgorithmsOfTheSameKeyAreRefused) {
  ExpectRefused(WithSecret(), Sign(kClaims, "HS384", kSecret));
  ExpectRefused(WithSecret(), Sign(kClaims, "HS512", kSecret));
  ExpectRefused(WithRsa(), Sign(kClaims, "RS512", Rsa().private_key));
  ExpectRefused(WithSecret(), SignBytes(R"({"alg":"hs256x"})", kClaims, kSecret));
  ExpectRefused(WithSecret(), SignBytes(R"({"typ":"JWT"})", kClaims, kSecret));
}

TEST(JwtVerifierTest, OtherKeysAreRefused) {
  ExpectRefused(WithSecret(), Sign(kClaims, "HS256", std::string(kSecret) + "."));
  ExpectRefused(WithRsa(), Sign(kClaims, "RS256", MakeRsaKey().private_key));
  ExpectRefused(WithCurve(), Sign(kClaims, "ES256", MakeCurveKey().private_key));
  ExpectRefused(WithRsa(), Sign(kClaims, "ES256", Curve().private_key));
}

TEST(JwtVerifierTest, ChangedClaimsAreRefused) {
  for (const auto& [algorithm, key] :
       {std::pair{"HS256", std::string(kSecret)}, std::pair{"RS256", Rsa().private_key},
        std::pair{"ES256", Curve().private_key}}) {
    const std::string token = Sign(kClaims, algorithm, key);
    const size_t begin = token.find('.') + 1;
    const size_t end = token.rfind('.');
    const std::string other =
        token.substr(0, begin) + Base64Url(R"({"sub":"bob","exp":1000100})") + token.substr(end);
    ExpectRefused(WithSecret(), other);
    ExpectRefused(WithRsa(), other);
    ExpectRefused(WithCurve(), other);
  }
}

TEST(JwtVerifierTest, WhatMustBeUnderstoodIsNot) {
  ExpectRefused(WithSecret(), SignBytes(R"({"alg":"HS256","crit":["exp"]})", kClaims, kSecret));
}

TEST(JwtVerifierTest, TimesAreKept) {
  JwtVerifier verifier = WithSecret();
  const std::string token = Sign(R"({"sub":"ann","nbf":1000000,"exp":1000100})", "HS256", kSecret);
  EXPECT_FALSE(verifier.Verify(token, kNow - kJwtLeewayS - 1).has_value());
  EXPECT_TRUE(verifier.Verify(token, kNow - kJwtLeewayS).has_value());
  EXPECT_TRUE(verifier.Verify(token, kNow + 100 + kJwtLeewayS - 1).has_value());
  // From memory, too.
  EXPECT_FALSE(verifier.Verify(token, kNow + 100 + kJwtLeewayS).has_value());
  EXPECT_FALSE(verifier.Verify(token, kNow - kJwtLeewayS - 1).has_value());
  ExpectRefused(WithSecret(), Sign(R"({"sub":"ann"})", "HS256", kSecret));
  ExpectRefused(WithSecret(), Sign(R"({"sub":"ann","exp":999900})", "HS256", kSecret));
}

TEST(JwtVerifierTest, IssuerAndAudienceAreKept) {
  const auto claims = [](std::string_view more) {
    return Sign(R"({"sub":"ann","exp":1000100)" + std::string(more) + "}", "HS256", kSecret);
  };
  const JwtRules rules{.issuer = "login", .audience = "cotext"};
  EXPECT_TRUE(WithSecret(rules).Verify(claims(R"(,"iss":"login","aud":"cotext")"), kNow));
  EXPECT_TRUE(WithSecret(rules).Verify(claims(R"(,"iss":"login","aud":["x","cotext"])"), kNow));
  ExpectRefused(WithSecret(rules), claims(R"(,"iss":"login")"));
  ExpectRefused(WithSecret(rules), claims(R"(,"aud":"cotext")"));
  ExpectRefused(WithSecret(rules), claims(R"(,"iss":"login","aud":"other")"));
  ExpectRefused(WithSecret(rules), claims(R"(,"iss":"login","aud":["x","cotext2"])"));
  ExpectRefused(WithSecret(rules), claims(R"(,"iss":"other","aud":"cotext")"));
  // Without an audience of its own a server is not meant by a token for another.
  ExpectRefused(WithSecret(), claims(R"(,"aud":"other")"));
  EXPECT_TRUE(WithSecret().Verify(claims(R"(,"iss":"anybody")"), kNow));
}

TEST(JwtVerifierTest, MalformedTokensAreRefused) {
  const std::string right = Sign(kClaims, "HS256", kSecret);
  for (const std::string& token :
       {std::string(), std::string("."), std::string(".."), std::string("..."), right + "=",
        " " + right, right + "\n", right + ".", right + std::string(1, '\0'), "a.b.c" + right,
        std::string(kJwtBytesMax + 1, 'a')}) {
    ExpectRefused(WithSecret(), token);
  }
  ExpectRefused(WithSecret(), SignBytes(R"({"alg":"HS256"})", "no json", kSecret));
  ExpectRefused(WithSecret(), SignBytes("no json", kClaims, kSecret));
  ExpectRefused(WithSecret(), SignBytes(R"({"alg":"HS256"})", "[1]", kSecret));
  ExpectRefused(WithSecret(), SignBytes(R"({"alg":"HS256"})", "", kSecret));
}

TEST(JwtVerifierTest, SignaturesAreCheckedOnce) {
  JwtVerifier verifier = WithSecret();
  const std::string token = Sign(kClaims, "HS256", kSecret);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(verifier.Verify(token, kNow).has_value());
  EXPECT_EQ(verifier.checked(), 1U);
  EXPECT_FALSE(verifier.Verify(token + "x", kNow).has_value());
  EXPECT_EQ(verifier.checked(), 2U);
}

TEST(JwtVerifierTest, MemoryIsBounded) {
  JwtVerifier verifier = WithSecret();
  const auto token = [](size_t number) {
    return SignBytes(R"({"alg":"HS256"})",
                     R"({"sub":"u)" + std::to_string(number) + R"(","exp":1000100})", kSecret);
  };
  for (size_t i = 0; i <= kJwtCacheMax; ++i) {
    ASSERT_TRUE(verifier.Verify(token(i), kNow).has_value());
  }
  EXPECT_EQ(verifier.remembered(), kJwtCacheMax);
  EXPECT_TRUE(verifier.Verify(token(kJwtCacheMax), kNow).has_value());
  EXPECT_EQ(verifier.checked(), kJwtCacheMax + 1);
  EXPECT_TRUE(verifier.Verify(token(0), kNow).has_value());
  EXPECT_EQ(verifier.checked(), kJwtCacheMax + 2);
}

TEST(JwtVerifierTest, OfSeveralKeysEachHoldsForItself) {
  JwtVerifier verifier({SecretKey(), MakeJwtKey(JwtAlgorithm::kEs256, Curve().public_key).value()},
                       {});
  EXPECT_TRUE(verifier.Verify(Sign(kClaims, "HS256", kSecret), kNow).has_value());
  EXPECT_TRUE(verifier.Verify(Sign(kClaims, "ES256", Curve().private_key), kNow).has_value());
  EXPECT_FALSE(verifier.Verify(Sign(kClaims, "HS256", Curve().public_key), kNow).has_value());
}

TEST(JwtVerifierTest, DamagedTokensAreRefused) {
  constexpr std::string_view kLetters = "abcXYZ019-_.";
  const std::string secret = Sign(kClaims, "HS256", kSecret);
  const std::string curve = Sign(kClaims, "ES256", Curve().private_key);
  JwtVerifier verifier({SecretKey(), MakeJwtKey(JwtAlgorithm::kEs256, Curve().public_key).value()},
                       {});
  ForEachSeed(300, [&](Random& random) {
    const std::string& whole = random.Chance(50) ? secret : curve;
    std::string token = whole;
    // The last letter has bits that say nothing.
    token[random.Below(token.size() - 1)] = kLetters[random.Below(kLetters.size())];
    if (random.Chance(20)) token.resize(random.Below(token.size()));
    EXPECT_EQ(verifier.Verify(token, kNow).has_value(), token == whole) << token;
  });
}

}  // namespace
}  // namespace cotext::net
