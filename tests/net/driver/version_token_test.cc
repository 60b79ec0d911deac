#include "net/driver/version_token.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <variant>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/document_id.h"
#include "document/error.h"
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

DocumentId IdOf(uint8_t number) {
  DocumentId id;
  id.bytes.fill(number);
  return id;
}
const DocumentId kId = IdOf(1);

// So many writers, none of which knew of another.
std::vector<OpId> Heads(uint64_t count) {
  std::vector<OpId> heads;
  for (uint64_t i = 1; i <= count; ++i) {
    heads.push_back({.counter = i, .replica = {kIdLimit - i}});
  }
  return heads;
}

TEST(VersionTokenTest, NamesAFrontierOrARevision) {
  const std::vector<OpId> heads = {{.counter = 5, .replica = {7}},
                                   {.counter = 900, .replica = {2}}};
  EXPECT_EQ(std::get<std::vector<OpId>>(ReadToken(kId, TokenOf(kId, heads)).value()), heads);
  EXPECT_EQ(std::get<uint64_t>(ReadToken(kId, TokenOf(kId, 300)).value()), 300U);
  const std::string empty = TokenOf(kId, std::vector<OpId>{});
  EXPECT_TRUE(std::get<std::vector<OpId>>(ReadToken(kId, empty).value()).empty());
}

TEST(VersionTokenTest, IsOfOneDocument) {
  for (const uint8_t number : std::initializer_list<uint8_t>{0, 2, 3, 255}) {
    const DocumentId other = IdOf(number);
    EXPECT_NE(TokenOf(other, 7), TokenOf(kId, 7));
    for (const std::string& token :
         {TokenOf(other, 7), TokenOf(other, Heads(3)), TokenOf(other, Heads(1000))}) {
      EXPECT_EQ(ReadToken(kId, token).error().code, ErrorCode::kDocumentReplaced) << token;
      EXPECT_TRUE(ReadToken(other, token).has_value()) << token;
    }
  }
  DocumentId nearly = kId;
  nearly.bytes[15] = 2;
  EXPECT_NE(TokenOf(nearly, 7), TokenOf(kId, 7)) << "each byte of an id counts";
}

TEST(VersionTokenTest, IsShortHoweverManyWrote) {
  EXPECT_LE(TokenOf(kId, 1'000'000).size(), 11U);
  EXPECT_LE(TokenOf(kId, Heads(1)).size(), 19U);
  EXPECT_FALSE(IsDigest(TokenOf(kId, Heads(100))));
  for (const uint64_t count : {uint64_t{300}, uint64_t{5'000}}) {
    const std::string token = TokenOf(kId, Heads(count));
    EXPECT_LE(token.size(), 30U);
    EXPECT_TRUE(IsDigest(token));
    EXPECT_TRUE(std::holds_alternative<TokenDigest>(ReadToken(kId, token).value()));
    EXPECT_NE(token, TokenOf(kId, Heads(count - 1))) << "it tells them apart";
  }
}

TEST(VersionTokenTest, WhatIsNoneIsAnError) {
  const std::string mark = FromBase64Url(TokenOf(kId, 0)).value().substr(1, 4);
  const std::string no_counter = ToBase64Url("\x01" + mark + std::string("\x00\x07", 2));
  const std::string no_replica = ToBase64Url("\x01" + mark + "\x07");
  const std::string two_revisions = ToBase64Url("\x02" + mark + "\x07\x07");
  const std::string no_mark = ToBase64Url("\x02\x07");
  const std::string short_digest = ToBase64Url("\x03" + mark + "\x07");
  const std::string unknown = ToBase64Url("\x04" + mark + "\x07");
  for (const std::string& token :
       {std::string(), std::string("x y"), std::string("null"), no_counter, no_replica,
        two_revisions, no_mark, short_digest, unknown}) {
    EXPECT_EQ(ReadToken(kId, token).error().code, ErrorCode::kInvalidVersion) << token;
  }
  std::string many = "\x01" + mark;
  while (many.size() < kTokenCharactersMax) many += "\x01\x01";
  EXPECT_FALSE(ReadToken(kId, ToBase64Url(many)).has_value());
}

TEST(VersionTokenTest, IsAVersionOfADocumentThatHasIt) {
  RgaDocument document(ReplicaId{4});
  ASSERT_TRUE(document.Insert(CodePointOffset{0}, "ab").has_value());
  const std::string token = TokenOf(kId, document.frontier());
  ASSERT_TRUE(document.Insert(CodePointOffset{2}, "c").has_value());
  EXPECT_EQ(document.TextAt(VersionIn(document, kId, token).value()).value(), "ab");
  const std::vector<OpId> other = {{.counter = 1, .replica = {5}}};
  for (const std::string& none :
       {TokenOf(kId, other), TokenOf(kId, 1), TokenOf(kId, Heads(1000))}) {
    EXPECT_EQ(VersionIn(document, kId, none).error().code, ErrorCode::kUnknownVersion) << none;
  }
  EXPECT_EQ(VersionIn(document, IdOf(2), token).error().code, ErrorCode::kDocumentReplaced);
}

}  // namespace
}  // namespace cotext::net
