#include "net/http/embedded_files.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "tests/net/parsed_target.h"

namespace cotext::net {
namespace {

constexpr std::array<EmbeddedFile, 4> kFiles = {{
    {"assets/core-x.wasm", {"\0asm", 4}, "zipped core"},
    {"assets/main-y.js", "run()", {}},
    {"index.html", "the editor", {}},
    {"live.html", "the feed", "zipped feed"},
}};

HttpResponse Get(const std::string& target, const std::string& encodings = {},
                 const std::string& tag = {}) {
  HttpRequest request;
  auto parsed = ParseTarget(target);
  if (!parsed) return ErrorResponse(parsed.error());
  request.target = *std::move(parsed);
  request.accept_encoding = encodings;
  request.if_none_match = tag;
  return EmbeddedFiles(kFiles).Get(request);
}

std::string FieldOf(const HttpResponse& response, std::string_view name) {
  for (const auto& [field, value] : response.headers) {
    if (field == name) return value;
  }
  return {};
}

TEST(EmbeddedFilesTest, EveryDocumentHasThePage) {
  for (const char* target : {"/", "/d/a", "/d/notes/a", "/d/notes%2Fa", "/d/a?engine=ot"}) {
    EXPECT_EQ(Get(target).body, "the editor") << target;
  }
  EXPECT_EQ(Get("/live/notes/a").body, "the feed");
  EXPECT_EQ(Get("/d/a").content_type, "text/html; charset=utf-8");
}

TEST(EmbeddedFilesTest, WhatIsNotThereIsNotFound) {
  for (const char* target : {"/d", "/d/", "/live", "/live/", "/x", "/assets", "/assets/", "/index",
                             "/assets/core-x.wasm/", "/assets/%2e%2e/index.html"}) {
    const int status = Get(target).status;
    EXPECT_TRUE(status == 404 || status == 400) << target << ' ' << status;
  }
}

TEST(EmbeddedFilesTest, FilesHaveTheirTypesAndAreKept) {
  const HttpResponse core = Get("/assets/core-x.wasm");
  EXPECT_EQ(core.body, std::string("\0asm", 4));
  EXPECT_EQ(core.content_type, "application/wasm");
  EXPECT_NE(FieldOf(core, "Cache-Control").find("immutable"), std::string::npos);
  EXPECT_EQ(FieldOf(Get("/"), "Cache-Control"), "no-cache");
}

TEST(EmbeddedFilesTest, WhoTakesGzipIsGivenItWhereItIsSmaller) {
  const HttpResponse zipped = Get("/assets/core-x.wasm", "br, gzip");
  EXPECT_EQ(zipped.body, "zipped core");
  EXPECT_EQ(FieldOf(zipped, "Content-Encoding"), "gzip");
  EXPECT_EQ(FieldOf(zipped, "Vary"), "Accept-Encoding");
  for (const char* encodings : {"", "br", "gzip;q=0, br"}) {
    EXPECT_EQ(Get("/live/a", encodings).body, "the feed") << encodings;
    EXPECT_EQ(FieldOf(Get("/live/a", encodings), "Content-Encoding"), "") << encodings;
  }
  EXPECT_EQ(Get("/assets/main-y.js", "gzip").body, "run()");
}

TEST(EmbeddedFilesTest, WhoHasAPageIsNotGivenItAgain) {
  const std::string tag = FieldOf(Get("/d/a"), "ETag");
  EXPECT_EQ(Get("/", {}, tag).status, 304);
  EXPECT_EQ(Get("/", {}, tag).body, "");
  EXPECT_EQ(Get("/live/a", {}, tag).status, 200);
}

TEST(EmbeddedFilesTest, ScriptsAndStylesComeFromHereAlone) {
  const std::string policy = FieldOf(Get("/"), "Content-Security-Policy");
  EXPECT_TRUE(policy.starts_with("default-src 'self';")) << policy;
  EXPECT_NE(policy.find("script-src 'self' 'wasm-unsafe-eval';"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe-inline"), std::string::npos);
}

}  // namespace
}  // namespace cotext::net
