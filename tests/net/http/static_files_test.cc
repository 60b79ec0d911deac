#include "net/http/static_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "net/http/http_target.h"
#include "tests/net/parsed_target.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

class StaticFilesTest : public TemporaryFolderTest {
 protected:
  StaticFilesTest() {
    std::filesystem::create_directories(Path("web/sub"));
    Write("web/index.html", "<p>home</p>");
    Write("web/a.mjs", "export {}");
    Write("web/core.wasm", std::string("\0asm", 4));
    Write("web/sub/index.html", "sub");
    Write("web/.hidden", "hidden");
    Write("secret.txt", "secret");
  }
  void Write(const std::string& name, const std::string& bytes) {
    std::ofstream(Path(name), std::ios::binary) << bytes;
  }
  HttpResponse Get(const std::string& target, const std::string& tag = {}) {
    HttpRequest request;
    auto parsed = ParseTarget(target);
    if (!parsed) return ErrorResponse(parsed.error());
    request.target = *std::move(parsed);
    request.if_none_match = tag;
    return files_.Get(request);
  }
  static std::string FieldOf(const HttpResponse& response, const std::string& name) {
    for (const auto& [field, value] : response.headers) {
      if (field == name) return value;
    }
    return {};
  }

  StaticFiles files_{Path("web")};
};

TEST_F(StaticFilesTest, GivesFilesWithTheirTypes) {
  EXPECT_EQ(Get("/").body, "<p>home</p>");
  EXPECT_EQ(Get("/").content_type, "text/html; charset=utf-8");
  EXPECT_EQ(Get("/a.mjs").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(Get("/core.wasm").content_type, "application/wasm");
  EXPECT_EQ(Get("/core.wasm").body, std::string("\0asm", 4));
  EXPECT_NE(FieldOf(Get("/"), "Content-Security-Policy"), "");
}

TEST_F(StaticFilesTest, AFolderIsItsIndex) {
  EXPECT_EQ(Get("/sub/").body, "sub");
  EXPECT_EQ(Get("/sub").status, 301);
  EXPECT_EQ(FieldOf(Get("/sub"), "Location"), "/sub/");
}

TEST_F(StaticFilesTest, NothingElseIsThere) {
  for (const char* target :
       {"/nothing", "/a.mjs/", "/../secret.txt", "/%2e%2e/secret.txt", "/sub/../../secret.txt",
        "/..%2fsecret.txt", "/.hidden", "//secret.txt", "/sub//index.html", "/a.mjs%00", "/./a.mjs",
        "/sub\\index.html"}) {
    const int status = Get(target).status;
    EXPECT_TRUE(status == 404 || status == 400) << target << " " << status;
  }
}

TEST_F(StaticFilesTest, WhatABrowserHasItNeedNotGetAgain) {
  const std::string tag = FieldOf(Get("/a.mjs"), "ETag");
  EXPECT_EQ(Get("/a.mjs", tag).status, 304);
  EXPECT_EQ(Get("/a.mjs", tag).body, "");
  Write("web/a.mjs", "export default 1");
  EXPECT_EQ(Get("/a.mjs", tag).status, 200);
}

}  // namespace
}  // namespace cotext::net
