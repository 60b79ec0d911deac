#include "net/driver/version_token.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "document/random.h"
#include "net/base/base64url.h"

namespace cotext::net {
namespace {

TEST(Base64UrlTest, IsThatOfTheStandard) {
  EXPECT_EQ(ToBase64Url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(ToBase64Url("fooba"), "Zm9vYmE");
  EXPECT_EQ(ToBase64Url("f"), "Zg");
  EXPECT_EQ(ToBase64Url("\xfb\xff"), "-_8");
  EXPECT_EQ(ToBase64Url(""), "");
}

TEST(Base64UrlTest, ReadsWhatItWroteAndNothingElse) {
  constexpr uint64_t kSeed = 3;
  Random random(kSeed);
  for (int round = 0; round < 300; ++round) {
    std::string bytes;
    for (uint64_t i = random.Below(20); i > 0; --i) bytes += static_cast<char>(random.Below(256));
    EXPECT_EQ(FromBase64Url(ToBase64Url(bytes)), bytes) << "seed " << kSeed;
  }
  for (const char* text : {"A", "AAAAA", "Zh", "Zg==", "a b", "+/8", "Zm9vYmF"}) {
    EXPECT_FALSE(FromBase64Url(text).has_value()) << text;
  }
}

TEST(VersionTokenTest, NamesAFrontierOrARevision) {
  const std::vector<OpId> heads = {{.counter = 5, .replica = {7}},
                                   {.counter = 900, .replica = {2}}};
  EXPECT_EQ(std::get<std::vector<OpId>>(ReadToken(TokenOf(heads)).value()), heads);
  EXPECT_EQ(std::get<uint64_t>(ReadToken(TokenOf(uint64_t{300})).value()), 300U);
  EXPECT_TRUE(std::get<std::vector<OpId>>(ReadToken(TokenOf(std::vector<OpId>{})).value()).empty());
}

TEST(VersionTokenTest, WhatIsNoneIsAnError) {
  const std::string no_counter = ToBase64Url(std::string("\x01\x00\x07", 3));
  const std::string no_replica = ToBase64Url("\x01\x07");
  const std::string two_revisions = ToBase64Url("\x02\x07\x07");
  const std::string unknown = ToBase64Url("\x03\x07");
  for (const std::string& token : {std::string(), std::string("x y"), std::string("null"),
                                   no_counter, no_replica, two_revisions, unknown}) {
    EXPECT_EQ(ReadToken(token).error().code, ErrorCode::kInvalidVersion) << token;
  }
  std::string many = "\x01";
  for (size_t i = 0; i <= kTokenHeadsMax; ++i) many += "\x01\x01";
  EXPECT_FALSE(ReadToken(ToBase64Url(many)).has_value());
}

TEST(VersionTokenTest, IsAVersionOfADocumentThatHasIt) {
  RgaDocument document(ReplicaId{4});
  ASSERT_TRUE(document.Insert(CodePointOffset{0}, "ab").has_value());
  const std::string token = TokenOf(document.frontier());
  ASSERT_TRUE(document.Insert(CodePointOffset{2}, "c").has_value());
  EXPECT_EQ(document.TextAt(VersionIn(document, token).value()).value(), "ab");
  const std::vector<OpId> other = {{.counter = 1, .replica = {5}}};
  EXPECT_EQ(VersionIn(document, TokenOf(other)).error().code, ErrorCode::kUnknownVersion);
  EXPECT_EQ(VersionIn(document, TokenOf(uint64_t{1})).error().code, ErrorCode::kUnknownVersion);
}

}  // namespace
}  // namespace cotext::net
