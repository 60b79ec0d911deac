#include "net/http/http_target.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/error.h"
#include "document/random.h"
#include "tests/net/parsed_target.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"

namespace cotext::net {
namespace {

using Segments = std::vector<std::string>;

ErrorCode CodeOf(std::string_view target) {
  const auto parsed = ParseTarget(target);
  EXPECT_FALSE(parsed.has_value()) << target;
  return parsed ? ErrorCode{} : parsed.error().code;
}

DocumentTarget DocumentOf(std::string_view target) {
  const auto parsed = ParseTarget(target);
  EXPECT_TRUE(parsed.has_value()) << target;
  const auto document = ReadDocumentTarget(parsed.value());
  EXPECT_TRUE(document.has_value()) << target;
  EXPECT_TRUE(document.value().has_value()) << target;
  return document.value().value_or(DocumentTarget{});
}

TEST(HttpTargetTest, APathIsSplitAtItsSlashes) {
  EXPECT_EQ(ParseTarget("/v1/documents/notes/a%20b/events")->segments,
            (Segments{"v1", "documents", "notes", "a b", "events"}));
  EXPECT_EQ(ParseTarget("/")->segments, Segments{""});
  EXPECT_EQ(ParseTarget("/demo/")->segments, (Segments{"demo", ""}));
  EXPECT_EQ(ParseTarget("/a+b")->segments, Segments{"a+b"});
}

TEST(HttpTargetTest, ParametersAreDecodedAndFoundByName) {
  const auto target = ParseTarget("/x?unit=utf16&at=%26%3D+y&&flag&empty=");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->Find("unit"), "utf16");
  EXPECT_EQ(target->Find("at"), "&= y");
  EXPECT_EQ(target->Find("flag"), "");
  EXPECT_EQ(target->Find("empty"), "");
  EXPECT_EQ(target->Find("absent"), std::nullopt);
}

TEST(HttpTargetTest, WhatIsNoTargetIsRefused) {
  for (const std::string_view bad :
       {"", "x", "http://a/b", "/a//b", "//", "/a%00b", "/..", "/.", "/a/../b", "/a/%2e%2E/b",
        "/a/.%2e", "/x?a=1&a=2", "/x?a=%00"}) {
    EXPECT_EQ(CodeOf(bad), ErrorCode::kBadRequest) << bad;
  }
  EXPECT_EQ(CodeOf("/%ff"), ErrorCode::kInvalidUtf8);
  EXPECT_EQ(CodeOf("/x?a=%c3"), ErrorCode::kInvalidUtf8);
  EXPECT_EQ(CodeOf("/%ed%a0%80"), ErrorCode::kInvalidUtf8);
}

TEST(HttpTargetTest, LimitsAreKept) {
  EXPECT_TRUE(ParseTarget("/" + std::string(kTargetBytesMax - 1, 'a')).has_value());
  EXPECT_EQ(CodeOf("/" + std::string(kTargetBytesMax, 'a')), ErrorCode::kTooLarge);
  std::string deep;
  for (size_t i = 0; i < kSegmentsMax; ++i) deep += "/a";
  EXPECT_TRUE(ParseTarget(deep).has_value());
  EXPECT_EQ(CodeOf(deep + "/a"), ErrorCode::kTooLarge);
  std::string many = "/?p=0";
  for (size_t i = 1; i < kParametersMax; ++i) many += "&p" + std::to_string(i) + "=1";
  EXPECT_TRUE(ParseTarget(many).has_value());
  EXPECT_EQ(CodeOf(many + "&q=1"), ErrorCode::kTooLarge);
}

TEST(HttpTargetTest, DocumentsAreNamedByPathOrByParameter) {
  EXPECT_EQ(DocumentOf("/v1/documents/a").name, "a");
  EXPECT_EQ(DocumentOf("/v1/documents/a").part, DocumentPart::kContent);
  EXPECT_EQ(DocumentOf("/v1/documents/a%2Fb/events").name, "a/b");
  EXPECT_EQ(DocumentOf("/v1/documents/a%2Fb/events").part, DocumentPart::kEvents);
  EXPECT_EQ(DocumentOf("/v1/documents/events").name, "events");
  EXPECT_EQ(DocumentOf("/v1/documents/events").part, DocumentPart::kContent);
  EXPECT_EQ(DocumentOf("/v1/documents/events/edits").name, "events");
  EXPECT_EQ(DocumentOf("/v1/document?name=a%2Fevents").name, "a/events");
  EXPECT_EQ(DocumentOf("/v1/document?name=a%2Fevents").part, DocumentPart::kContent);
  EXPECT_EQ(DocumentOf("/v1/document/edits?name=..%2F%2Fa").name, "..//a");
  EXPECT_EQ(DocumentOf("/v1/document/edits?name=..%2F%2Fa").part, DocumentPart::kEdits);
}

TEST(HttpTargetTest, ADecodedPathNamesTheSameDocument) {
  const auto target = TargetOfDecoded("/v1/documents/notes/a b/events", {"unit=utf16", "at=a=b"});
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->Find("at"), "a=b");
  const auto document = ReadDocumentTarget(*target);
  ASSERT_TRUE(document.has_value() && document->has_value());
  EXPECT_EQ((*document)->name, "notes/a b");
  EXPECT_EQ((*document)->part, DocumentPart::kEvents);
  EXPECT_FALSE(TargetOfDecoded("/a/../b", {}).has_value());
  EXPECT_FALSE(TargetOfDecoded("a", {}).has_value());
  EXPECT_FALSE(TargetOfDecoded("/a\xff", {}).has_value());
  EXPECT_FALSE(TargetOfDecoded("/a", {"x=1", "x=2"}).has_value());
  EXPECT_FALSE(TargetOfDecoded("/a", {std::string(kTargetBytesMax, 'x')}).has_value());
}

TEST(HttpTargetTest, NamesOfDocumentsHaveTheirLimits) {
  const auto read = [](std::string_view target) {
    return ReadDocumentTarget(ParseTarget(target).value());
  };
  EXPECT_TRUE(read("/v1/documents/" + std::string(512, 'n')).has_value());
  EXPECT_EQ(read("/v1/documents/" + std::string(513, 'n')).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(read("/v1/document").error().code, ErrorCode::kBadRequest);
  EXPECT_EQ(read("/v1/document?name=").error().code, ErrorCode::kBadRequest);
  for (const std::string_view other :
       {"/", "/v1", "/v1/documents", "/v1/documents/", "/v2/documents/a", "/v1/document/x?name=a",
        "/v1/document/events/x?name=a", "/v1/tickets"}) {
    const auto document = read(other);
    ASSERT_TRUE(document.has_value()) << other;
    EXPECT_FALSE(document->has_value()) << other;
  }
}

TEST(HttpTargetTest, FileNamesLeadNowhereElse) {
  EXPECT_TRUE(IsFileName("index.html"));
  for (const std::string_view bad : {"", ".", "..", ".hidden", "a/b", "a\\b", "a\nb", "\x7f"}) {
    EXPECT_FALSE(IsFileName(bad)) << bad;
  }
}

TEST(HttpTargetTest, EveryNameComesThroughEscaped) {
  ForEachSeed(300, [](Random& random) {
    std::string name;
    do {
      name = RandomText(random, 1 + random.Below(20));
    } while (name.empty() || name.contains('\0') || name == "." || name == "..");
    ASSERT_EQ(Unescape(Escape(name)), name);
    if (!name.contains('/')) EXPECT_EQ(DocumentOf("/v1/documents/" + Escape(name)).name, name);
    EXPECT_EQ(DocumentOf("/v1/document/edits?name=" + Escape(name)).name, name);
  });
}

TEST(HttpTargetTest, RandomBytesAreReadOrRefused) {
  constexpr std::string_view kAlphabet = "/.2eF0?&=+a\xc3#\x7f ";
  ForEachSeed(2000, [&](Random& random) {
    std::string text = "/";
    for (uint64_t i = random.Below(30); i > 0; --i) {
      text += kAlphabet[random.Below(kAlphabet.size())];
    }
    const auto target = ParseTarget(text);
    if (!target) return;
    for (const std::string& segment : target->segments) EXPECT_NE(segment, "..");
    (void)ReadDocumentTarget(*target);
  });
}

}  // namespace
}  // namespace cotext::net
